"""Fitting one network, and asking it about a song.

Training is seeded and single-threaded: the same songs and seed give the same weights on the same
machine. It stops at the step that predicts the validation songs best.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from mixing.learning.batches import Batch, damaged, draw_batch, draw_damage
from mixing.learning.features import Float64, network_input
from mixing.learning.networks import SongNetwork
from mixing.learning.songs import TaughtSong
from mixing.learning.targets import NETWORKS

BATCH_SIZE = 32
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
LINEAR_ABOVE = 0.1  # scaled error (3 dB of EQ) from which the loss grows linearly
AVERAGING = 0.98  # share of the running average of the weights that each step keeps
CHECK_EVERY = 50
CLIPS_ASKED = 6  # of a held-out song, spread evenly over it
DAMAGES_ASKED = 16  # random equalisers per held-out song


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted network, the step it stems from, and the training loss at each step."""

    network: SongNetwork
    best_step: int
    losses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Truth and prediction for one song, scaled: both (n_cases, n_outputs)."""

    song: str
    source: str
    truth: Float64
    predicted: Float64


def fit(
    songs: Sequence[TaughtSong],
    validation: Sequence[TaughtSong],
    task: str,
    n_steps: int,
    seed: int,
) -> Fit:
    """Network for ``task``, fitted to ``songs`` with a robust (Huber) loss.

    Parameters
    ----------
    validation
        Songs whose error picks the step that is kept; none: the last step is kept.

    Notes
    -----
    What is checked and kept is a running average of the weights: single steps jump about. A pure
    L1 loss was seen to stay at the constant for over a thousand steps.
    """
    torch.set_num_threads(1)  # the networks are too small to share
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = SongNetwork(len(NETWORKS[task].outputs))
    network.constant.copy_(torch.from_numpy(best_constant(songs, task)))
    optimiser = torch.optim.AdamW(
        network.dense.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY
    )
    optimiser.add_param_group({"params": list(network.image.parameters())})
    averaged = copy.deepcopy(network)
    losses: list[float] = []
    best_error, best_step, best = float("inf"), n_steps, averaged
    for step in range(1, n_steps + 1):
        network.train()
        loss = loss_of(network, draw_batch(songs, task, BATCH_SIZE, rng))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(loss.detach()))
        _average_into(averaged, network, min(AVERAGING, step / (step + 10)))
        if validation and step % CHECK_EVERY == 0:
            error = mean_absolute_error([ask(averaged, s, task, seed) for s in validation])
            if error < best_error:
                best_error, best_step, best = error, step, copy.deepcopy(averaged)
    return Fit(best.eval(), best_step, tuple(losses))


def loss_of(network: SongNetwork, batch: Batch) -> torch.Tensor:
    """Huber loss of a batch in scaled units."""
    predicted = network(torch.from_numpy(batch.clips), torch.from_numpy(batch.summaries))
    return torch.nn.functional.smooth_l1_loss(
        predicted, torch.from_numpy(batch.targets), beta=LINEAR_ABOVE
    )


def _average_into(averaged: SongNetwork, network: SongNetwork, kept: float) -> None:
    """Move the averaged network towards the current one; counters are copied."""
    current = network.state_dict()
    with torch.no_grad():
        for name, value in averaged.state_dict().items():
            if value.dtype.is_floating_point:
                value.mul_(kept).add_(current[name], alpha=1 - kept)
            else:
                value.copy_(current[name])


def best_constant(songs: Sequence[TaughtSong], task: str) -> Float64:
    """Scaled answer with the least mean absolute error if nothing is heard: the songs' median.

    For the equaliser that is 0 dB: the damage is symmetric about it.
    """
    network = NETWORKS[task]
    if task == "eq":
        return network.to_scaled(np.zeros(len(network.outputs)))
    return np.asarray(np.median([network.to_scaled(song.targets[task]) for song in songs], axis=0))


def ask(network: SongNetwork, song: TaughtSong, task: str, seed: int) -> Answers:
    """Truth and prediction for a song: its clips' predictions are averaged.

    The equaliser is asked ``DAMAGES_ASKED`` times, about random damages drawn from ``seed``.
    """
    places = np.unique(np.linspace(0, len(song.clips) - 1, CLIPS_ASKED).round().astype(int))
    clips = [song.clips[place] for place in places]
    if task != "eq":
        truth = NETWORKS[task].to_scaled(song.targets[task])[None]
        predicted = _answer(network, [network_input(clip.log_mel) for clip in clips])
        return Answers(song.song, song.source, truth, predicted.mean(axis=0)[None])
    rng = np.random.default_rng([seed, *song.song.encode()])
    gains = [draw_damage(rng) for _ in range(DAMAGES_ASKED)]
    inputs = [
        network_input(damaged(clip, gain, song.sample_rate)) for gain in gains for clip in clips
    ]
    predicted = _answer(network, inputs).reshape(len(gains), len(clips), -1).mean(axis=1)
    return Answers(song.song, song.source, NETWORKS[task].to_scaled(np.array(gains)), predicted)


def mean_absolute_error(answers: Sequence[Answers]) -> float:
    """Mean over songs of the mean absolute error over cases and outputs, scaled."""
    return float(np.mean([np.abs(a.predicted - a.truth).mean() for a in answers]))


def _answer(network: SongNetwork, inputs: Sequence[tuple[np.ndarray, np.ndarray]]) -> Float64:
    """Scaled outputs (n_inputs, n_outputs)."""
    network.eval()
    clips = torch.from_numpy(np.stack([image for image, _ in inputs]))
    summaries = torch.from_numpy(np.stack([summary for _, summary in inputs]))
    with torch.inference_mode():
        return np.asarray(network(clips, summaries).numpy(), dtype=np.float64)
