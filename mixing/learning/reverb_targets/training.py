"""Training of the estimator: ``python -m mixing.learning.reverb_targets.training [--check DIR]``.

Every example is 15 s of a dry vocal in a simulated room of noise. In each octave band, the noise
decays exponentially; decay time, level and pre-delay are random. The vocals are from the songs of
the demo, so that anybody can repeat the training. ``--check`` names a folder of other dry vocals
(``*_vocal.*``). The errors on the vocals of ``--check`` are also printed. The training needs about
two minutes of CPU time. The same random seed gives the same weights.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save
from scipy.signal import oaconvolve
from torch import nn

from mixing.audio import Audio
from mixing.ingest.decoding import read_audio
from mixing.learning.reverb_targets.blind import (
    FEATURE_LIMIT,
    PIECE_S,
    WEIGHTS,
    Weights,
    answer,
    reverb_features,
)
from mixing.learning.reverb_targets.decay_model import BANDS_HZ, Float64

SEED = 0
RATE = 44_100
N_EXAMPLES, N_CHECKED = 1600, 200
N_STEPS, BATCH = 1500, 128
HIDDEN = 64
# range of the random reverb times at 1 kHz, drawn evenly on a logarithmic axis
DECAY_S = (0.3, 5.0)
LEVEL_DB = (-25.0, 3.0)
PRE_DELAY_S = (0.0, 0.04)

Examples = tuple[Float64, Float64]


def random_room(rng: np.random.Generator) -> tuple[Audio, Float64]:
    """Tail (1, n) of a room of noise, with its target: logarithms of five T60, and the level.

    From one octave band to the next higher band, the decay time is divided by up to 2^(1/3).
    Towards low frequencies, the decay time changes by −5 to +15 %, as in rooms and plates.
    """
    octaves = np.log2(np.array(BANDS_HZ) / 1000)
    high, low = rng.uniform(-0.35, 0.05), rng.uniform(-0.05, 0.15)
    decay_s = np.exp(rng.uniform(*np.log(DECAY_S)))
    decay_s = decay_s * 2 ** np.where(octaves > 0, high * octaves, -low * octaves)
    level_db, pre_delay_s = rng.uniform(*LEVEL_DB), rng.uniform(*PRE_DELAY_S)
    n = int(min(1.2 * decay_s.max(), 4.0) * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(n))
    place = np.log2(np.maximum(np.fft.rfftfreq(n, 1 / RATE), 1) / 1000)
    place = np.clip(place, octaves[0], octaves[-1])
    time = np.arange(n) / RATE
    tail = np.zeros(n)
    for centre, seconds in zip(octaves, decay_s, strict=True):
        share = np.clip(1 - np.abs(place - centre), 0, 1)
        tail += np.fft.irfft(spectrum * share, n) * 10 ** (-3 * time / seconds)
    tail *= 10 ** (level_db / 20) / np.sqrt(np.square(tail).sum())
    delayed = np.concatenate([np.zeros(int(pre_delay_s * RATE)), tail])
    return delayed[None].astype(np.float32), np.array([*np.log(decay_s), level_db])


def in_room(vocal: Audio, tail: Audio) -> Audio:
    """The vocal (1, n) plus the reverb tail, cut at the length of the vocal."""
    wet = oaconvolve(vocal, tail, axes=1)[:, : vocal.shape[1]]
    return np.asarray(vocal + wet, dtype=np.float32)


def make_examples(vocals: list[Audio], n_examples: int, rng: np.random.Generator) -> Examples:
    """Features (n, 115) and targets (n, 6) of examples; each vocal is used equally often."""
    length = int(PIECE_S * RATE)
    features, answers = [], []
    for i in range(n_examples):
        vocal = vocals[i % len(vocals)]
        start = rng.integers(0, vocal.shape[1] - length + 1)
        tail, truth = random_room(rng)
        wet = in_room(vocal[:, start : start + length], tail)
        features.append(reverb_features(wet, RATE))
        answers.append(truth)
    return np.array(features), np.array(answers)


def train(examples: Examples) -> Weights:
    """Weights after 1500 steps of AdamW on the mean absolute error; outputs are scaled equally."""
    features, answers = examples
    weights: Weights = {
        "feature_mean": features.mean(axis=0).astype(np.float32),
        "feature_deviation": (features.std(axis=0) + 1e-6).astype(np.float32),
        "output_mean": answers.mean(axis=0).astype(np.float32),
        "output_deviation": answers.std(axis=0).astype(np.float32),
    }
    x = torch.from_numpy((features - weights["feature_mean"]) / weights["feature_deviation"])
    x = x.clip(-FEATURE_LIMIT, FEATURE_LIMIT).float()
    y = torch.from_numpy((answers - weights["output_mean"]) / weights["output_deviation"]).float()
    torch.manual_seed(SEED)
    sizes = (x.shape[1], HIDDEN, HIDDEN, y.shape[1])
    layers = [nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
    network = nn.Sequential(layers[0], nn.ReLU(), nn.Dropout(0.2), layers[1], nn.ReLU(), layers[2])
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=3e-2)
    for _ in range(N_STEPS):
        rows = torch.randint(0, len(x), (BATCH,))
        blurred = x[rows] + 0.1 * torch.randn_like(x[rows])
        loss = (network(blurred) - y[rows]).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    for i, layer in enumerate(layers):
        weights[f"{i}.weight"] = layer.weight.detach().numpy()
        weights[f"{i}.bias"] = layer.bias.detach().numpy()
    return weights


def check(weights: Weights, examples: Examples, learnt: Examples) -> dict[str, float]:
    """Mean absolute errors, on other vocals, of the estimator and of a constant from training."""
    features, answers = examples
    error = np.abs(answer(weights, features) - answers)
    constant = np.abs(np.median(learnt[1], axis=0) - answers)
    return {
        "log_decay_time": float(error[:, :-1].mean()),
        "log_decay_time_constant": float(constant[:, :-1].mean()),
        "level_db": float(error[:, -1].mean()),
        "level_db_constant": float(constant[:, -1].mean()),
    }


def read_vocals(folder: Path, pattern: str) -> list[Audio]:
    """Dry vocals of at least 15 s in a folder, mixed to one channel, sorted by name."""
    vocals = []
    for path in sorted(folder.rglob(pattern)):
        audio, rate = read_audio(path)
        if rate == RATE and audio.shape[1] >= PIECE_S * RATE:
            vocals.append(audio.mean(axis=0, keepdims=True))
    return vocals


def main() -> None:
    """Train on the demo's vocals, write weights and card, and print errors on other vocals."""
    songs = Path(__file__).parents[3] / "stimuli" / "demo" / "songs"
    parser = argparse.ArgumentParser(description="Teach the blind reverb estimator.")
    parser.add_argument("--check", type=Path, help="folder with other dry vocals, *_vocal.*")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="weights to write")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    learnt = make_examples(
        read_vocals(songs, "vocal.flac"), N_EXAMPLES, np.random.default_rng(SEED)
    )
    weights = train(learnt)
    card: dict[str, object] = {
        "vocals": "the eight of stimuli/demo/songs (see its LICENSES.md)",
        "rooms": "generated",
        "licence": "as the vocals: CC BY 3.0 for the voice",
        "n_examples": N_EXAMPLES,
        "seed": SEED,
    }
    if arguments.check:
        vocals = read_vocals(arguments.check, "*_vocal.*")
        examples = make_examples(vocals, N_CHECKED, np.random.default_rng(SEED + 1))
        card["mean_absolute_error_on_other_vocals"] = check(weights, examples, learnt)
    content = save({name: np.ascontiguousarray(array) for name, array in weights.items()})
    card["sha256"] = hashlib.sha256(content).hexdigest()
    arguments.out.write_bytes(content)
    text = json.dumps(card, indent=2) + "\n"
    arguments.out.with_suffix(".json").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
