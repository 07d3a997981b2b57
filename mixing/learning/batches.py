"""Training examples drawn on the fly: clips of random songs, damaged and recoloured at random.

Nothing is rendered. The equaliser's damage (4 of 9 bands, ±15 dB) acts on the vocal’s power
spectrum, tone colour and dynamics act on the log-mel spectrum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixing.effects.eq import BAND_FREQUENCIES_HZ, MAX_GAIN_DB, response_db
from mixing.learning.features import (
    Clip,
    Float32,
    Float64,
    active_frames,
    bin_frequencies_hz,
    filtered_log_mel,
    network_input,
    recolouring_db,
)
from mixing.learning.songs import TaughtSong
from mixing.learning.targets import NETWORKS
from mixing.parameters import EqBand

N_DAMAGED_BANDS = 4
RECOLOURING_SD_DB = {"eq": 5.0, "level": 3.0, "range": 3.0, "reverb": 3.0}
EXPANSION = {"finished stems": (0.0, 0.8), "set by hand": (-0.2, 0.3)}
"""How far the vocal's level may be spread, by source: finished vocals were compressed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Clips (n, 2, 54, 64), summaries (n, 2, 2, 64) and scaled targets (n, n_outputs)."""

    clips: Float32
    summaries: Float32
    targets: Float32


def draw_damage(rng: np.random.Generator) -> Float64:
    """Gains of the nine bands in dB: four of them uniform in ±15 dB, the others 0."""
    gains = np.zeros(len(BAND_FREQUENCIES_HZ))
    bands = rng.choice(gains.size, size=N_DAMAGED_BANDS, replace=False)
    gains[bands] = rng.uniform(-MAX_GAIN_DB, MAX_GAIN_DB, N_DAMAGED_BANDS)
    return gains


def damaged(clip: Clip, gains_db: npt.ArrayLike, sample_rate: int) -> Float32:
    """Log-mel (2, 54, 64) of the clip with nine peak filters of Q 1 on the vocal."""
    bands = [
        EqBand(frequency, float(gain))
        for frequency, gain in zip(BAND_FREQUENCIES_HZ, np.asarray(gains_db), strict=True)
        if gain
    ]
    gain_db = response_db(bands, bin_frequencies_hz(sample_rate), sample_rate)
    return np.stack([clip.log_mel[0], filtered_log_mel(clip, gain_db, sample_rate)])


def spread(log_mel_db: Float32, factor: float) -> Float32:
    """Log-mel with the vocal's level differences multiplied by ``1 + factor``."""
    level_db = 10 * np.log10(np.sum(10 ** (log_mel_db[1] / 10), axis=-1))
    mean_db = level_db[active_frames(log_mel_db[1])].mean()
    change = np.clip(factor * (level_db - mean_db), -20, 20)[:, None]
    return np.stack([log_mel_db[0], (log_mel_db[1] + change).astype(np.float32)])


def draw_batch(
    songs: Sequence[TaughtSong], task: str, size: int, rng: np.random.Generator
) -> Batch:
    """Random examples for the network ``task``: a song, one of its clips, its augmentations.

    Every song is drawn equally often, however many clips it has.
    """
    inputs, summaries, targets = [], [], []
    for _ in range(size):
        song = songs[int(rng.integers(len(songs)))]
        clip = song.clips[int(rng.integers(len(song.clips)))]
        if task == "eq":
            target = draw_damage(rng)
            picture = damaged(clip, target, song.sample_rate)
        else:
            target, picture = song.targets[task], clip.log_mel
        if task == "range":
            picture = spread(picture, float(rng.uniform(*EXPANSION[song.source])))
        colour = np.stack(
            [recolouring_db(rng, RECOLOURING_SD_DB[task], song.sample_rate) for _ in range(2)]
        )
        image, summary = network_input(picture + colour[:, None])
        inputs.append(image)
        summaries.append(summary)
        targets.append(NETWORKS[task].to_scaled(target))
    return Batch(np.stack(inputs), np.stack(summaries), np.asarray(targets, dtype=np.float32))
