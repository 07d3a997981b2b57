"""Examples that are made during training: clips of random songs with random changes.

Nothing is rendered. Random equalisers (gains within ±15 dB in 4 of 9 bands) and random tone colours
are added to average spectra or log-mel spectra in dB. Level differences are increased or reduced
frame by frame, and the power of reverb is added to later frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mixing.effects.eq import BAND_FREQUENCIES_HZ, MAX_GAIN_DB, response_db
from mixing.learning.data.songs import TaughtSong
from mixing.learning.features.features import (
    Clip,
    Float32,
    Float64,
    active_frames,
    bin_frequencies_hz,
    filtered_log_mel,
    mel_centres_hz,
    mel_weights,
    picture_of,
)
from mixing.learning.features.reverberation import draw_reverb, reverberant
from mixing.learning.features.summaries import N_SUMMARY, SPECTRA, spectral_part, summary_of
from mixing.learning.features.targets import NETWORKS
from mixing.parameters import EqBand

N_DAMAGED_BANDS = 4
# largest number of clips per song in each example
MOST_CLIPS = {"eq": 1, "level": 8, "range": 8, "reverb": 4}
RECOLOURING_SD_DB = {"eq": 3.0, "level": 2.0, "range": 2.0, "reverb": 2.0}
TILT_SD_DB = 0.7  # per octave
# standard deviation of the random slope below or above a corner frequency, in dB per octave
LOW_END_SD_DB, HIGH_END_SD_DB = 3.0, 2.0
# relative change of the loudness range of a finished vocal, which gives a new vocal
OTHER_RANGE = (-0.5, 0.6)
EXPANSION = {"finished stems": (0.0, 0.8), "set by hand": (-0.5, 0.9)}
"""Factors for spreading the vocal's levels without a change of the target, because finished vocals
were compressed."""
AS_IT_IS = 0.5  # share of the loudness-range examples in which the vocal's levels are not changed
BLENDED_SHARE = 0.5  # share of equaliser examples that blend the spectra of two songs
# share of the dry vocals to which no reverb is added, although their target is a reverb
DRY_SHARE = 0.2
# share of the dry vocals whose target is the reverb set by hand; the others have a random target
HAND_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures (n, 2, 54, 64) or (n, 0), summaries (n, N_SUMMARY), scaled targets (n, n_outputs).

    Only the network of Li (2022) uses pictures (log-mel spectra of clips).
    """

    clips: Float32
    summaries: Float32
    targets: Float32


def draw_damage(rng: np.random.Generator) -> Float64:
    """Gains of the nine bands in dB: four are random within ±15 dB, and the others are 0."""
    gains = np.zeros(len(BAND_FREQUENCIES_HZ))
    bands = rng.choice(gains.size, size=N_DAMAGED_BANDS, replace=False)
    gains[bands] = rng.uniform(-MAX_GAIN_DB, MAX_GAIN_DB, N_DAMAGED_BANDS)
    return gains


def damaged(clip: Clip, gains_db: npt.ArrayLike, sample_rate: int) -> Float32:
    """Log-mels (2, 54, 64) of a clip whose vocal is filtered by nine peak filters (Q of 1)."""
    bands = [
        EqBand(frequency, float(gain))
        for frequency, gain in zip(BAND_FREQUENCIES_HZ, np.asarray(gains_db), strict=True)
        if gain
    ]
    gain_db = response_db(bands, bin_frequencies_hz(sample_rate), sample_rate)
    return np.stack([clip.log_mel[0], filtered_log_mel(clip, gain_db, sample_rate)])


def damage_db(gains_db: Float64, sample_rate: int) -> Float32:
    """Effect of nine peak filters with a Q of 1 on average log-mels, (…, 64) for gains (…, 9)."""
    steps, table = _damage_table(sample_rate)
    place = np.clip((gains_db - steps[0]) / (steps[1] - steps[0]), 0, len(steps) - 1.001)
    index = place.astype(int)
    share = (place - index)[..., None]
    band = np.arange(table.shape[0])
    moved = (1 - share) * table[band, index] + share * table[band, index + 1]
    return np.asarray(moved.sum(axis=-2), dtype=np.float32)


@lru_cache(maxsize=4)
def _damage_table(sample_rate: int) -> tuple[Float64, Float64]:
    """Gains, and the change in dB of each mel triangle for each band and gain, (9, n, 64)."""
    steps = np.linspace(-MAX_GAIN_DB, MAX_GAIN_DB, 61)
    frequencies, weights = bin_frequencies_hz(sample_rate), mel_weights(sample_rate)
    table = [
        [weights @ response_db([EqBand(band, float(g))], frequencies, sample_rate) for g in steps]
        for band in BAND_FREQUENCIES_HZ
    ]
    return steps, np.array(table)


def recolouring_db(
    rng: np.random.Generator, sd_db: float, sample_rate: int, n_colours: int
) -> Float32:
    """Random tone colours in dB at the centres of the 64 mel triangles, (n_colours, 64).

    A tone colour is the sum of three parts. The first part of a tone colour consists of random
    points (normally distributed, with a standard deviation of ``sd_db``), one every half octave
    from 40 Hz to 20 kHz. The points are joined by straight lines over log f. The second part of a
    tone colour is a random slope in dB per octave. The third part of a tone colour rises or falls
    below one random corner frequency and above another random corner frequency. The random changes
    are as large as differences between songs. A network therefore learns about equalisers, and does
    not recognise the songs.
    """
    octaves = np.log2(mel_centres_hz(sample_rate) / 1000)
    points = np.log2(0.04) + np.arange(18) * 9 / 17
    joined = np.stack([np.interp(octaves, points, point) for point in np.eye(points.size)])
    colour = rng.normal(0.0, sd_db, (n_colours, points.size)) @ joined
    tilt, low, high = rng.normal(size=(3, n_colours, 1))
    low_corner, high_corner = rng.uniform(-1.0, 1.0, (2, n_colours, 1)) + np.array(
        [[[-3.1]], [[2.0]]]
    )
    colour += TILT_SD_DB * tilt * octaves
    colour += LOW_END_SD_DB * low * np.minimum(octaves - low_corner, 0)
    colour += HIGH_END_SD_DB * high * np.maximum(octaves - high_corner, 0)
    return np.asarray(colour, dtype=np.float32)


def spread(log_mel_db: Float32, factor: float) -> Float32:
    """Log-mel spectra in which the vocal's level differences are multiplied by ``1 + factor``."""
    level_db = 10 * np.log10(np.sum(10 ** (log_mel_db[1] / 10), axis=-1))
    mean_db = level_db[active_frames(log_mel_db[1])].mean()
    return _spread_about(log_mel_db, level_db, float(mean_db), factor)


def _spread_about(log_mel_db: Float32, level_db: Float32, mean_db: float, factor: float) -> Float32:
    change = np.clip(factor * (level_db - mean_db), -30, 30)[:, None]
    return np.stack([log_mel_db[0], (log_mel_db[1] + change).astype(np.float32)])


def draw_batch(
    songs: Sequence[TaughtSong],
    task: str,
    size: int,
    rng: np.random.Generator,
    pictures: bool = False,
) -> Batch:
    """Random examples for the network ``task``: songs, some clips of each, and random changes.

    Every song is chosen equally often, even if songs have different numbers of clips.
    """
    most = MOST_CLIPS[task]
    chosen = [songs[i] for i in rng.integers(len(songs), size=size)]
    clips = [[song.clips[i] for i in _some(rng, len(song.clips), most)] for song in chosen]
    draw = _eq_examples if task == "eq" else _other_examples
    looked_at, summaries, targets = draw(chosen, clips, task, rng, pictures)
    scaled = NETWORKS[task].to_scaled(np.array(targets))
    return Batch(looked_at, summaries, scaled.astype(np.float32))


def _some(rng: np.random.Generator, n_there: int, most: int) -> npt.NDArray[np.int64]:
    n_wanted = int(rng.integers((most + 1) // 2, most + 1))
    return rng.choice(n_there, size=min(n_there, n_wanted), replace=False)


Examples = tuple[Float32, Float32, list[Float64]]


def _eq_examples(
    songs: Sequence[TaughtSong],
    clips: Sequence[Sequence[Clip]],
    task: str,
    rng: np.random.Generator,
    pictures: bool,
) -> Examples:
    """Songs with random equaliser and tone colour; only average spectra are changed."""
    gains = [draw_damage(rng) for _ in songs]
    rate = songs[0].sample_rate
    moved = recolouring_db(rng, RECOLOURING_SD_DB[task], rate, 2 * len(songs)).reshape(
        len(songs), 2, -1
    )
    for i, song in enumerate(songs):
        moved[i, 1] += damage_db(gains[i], song.sample_rate)
    spectra = np.stack([np.mean([clip.spectra for clip in some], axis=0) for some in clips])
    spectra = _blended(spectra, rng)
    spectra[:, :, 0] += moved
    summaries = np.zeros((len(songs), N_SUMMARY), dtype=np.float32)
    summaries[:, SPECTRA] = spectral_part(spectra).reshape(len(songs), -1)
    looked_at = np.zeros((len(songs), 0), dtype=np.float32)
    if pictures:
        changed = zip(clips, moved, strict=True)
        looked_at = np.stack([picture_of(some[0].log_mel + by[:, None]) for some, by in changed])
    return looked_at, summaries, gains


def _blended(spectra: Float32, rng: np.random.Generator) -> Float32:
    """Average spectra, some of which (at random) are mixed with the spectra of another song."""
    other = rng.permutation(len(spectra))
    weight = np.where(rng.random(len(spectra)) < BLENDED_SHARE, rng.random(len(spectra)), 0.0)
    weight = weight.astype(np.float32)[:, None, None, None]
    return np.asarray((1 - weight) * spectra + weight * spectra[other])


def _other_examples(
    songs: Sequence[TaughtSong],
    clips: Sequence[Sequence[Clip]],
    task: str,
    rng: np.random.Generator,
    pictures: bool,
) -> Examples:
    """Songs with random tone colour; also changed dynamics (``range``) or reverb (``reverb``)."""
    looked_at, summaries, targets = [], [], []
    for song, some in zip(songs, clips, strict=True):
        log_mels = [clip.log_mel for clip in some]
        target = song.targets.get(task)
        if task == "range" and target is not None:
            factor, target = _other_dynamics(song, target, rng)
            log_mels = _all_spread(log_mels, factor)
        if task == "reverb" and song.dry:
            if target is None or rng.random() > HAND_SHARE:
                target = draw_reverb(rng)
            if rng.random() > DRY_SHARE:
                log_mels = [reverberant(log_mel, target) for log_mel in log_mels]
        if target is None:
            raise ValueError(f"The song {song.song} cannot be used to train the {task} network.")
        colour = recolouring_db(rng, RECOLOURING_SD_DB[task], song.sample_rate, 2)
        changed = [log_mel + colour[:, None] for log_mel in log_mels]
        summaries.append(summary_of([Clip(log_mel, None) for log_mel in changed], task))
        looked_at.append(picture_of(changed[0]) if pictures else np.zeros(0, dtype=np.float32))
        targets.append(target)
    return np.stack(looked_at), np.stack(summaries), targets


def _other_dynamics(
    song: TaughtSong, target: Float64, rng: np.random.Generator
) -> tuple[float, Float64]:
    """Factor for a vocal's level differences, and the resulting target for its loudness range."""
    factor = 0.0 if rng.random() < AS_IT_IS else float(rng.uniform(*EXPANSION[song.source]))
    if song.dry:
        return factor, target
    other = float(rng.uniform(*OTHER_RANGE))
    return (1 + other) * (1 + factor) - 1, target * (1 + other)


def _all_spread(log_mels: Sequence[Float32], factor: float) -> list[Float32]:
    """Clips whose vocal levels are moved away from, or towards, the mean over all clips."""
    levels = [10 * np.log10(np.sum(10 ** (mel[1] / 10), axis=-1)) for mel in log_mels]
    active = [level[active_frames(mel[1])] for mel, level in zip(log_mels, levels, strict=True)]
    mean_db = float(np.concatenate(active).mean())
    return [
        _spread_about(mel, level, mean_db, factor)
        for mel, level in zip(log_mels, levels, strict=True)
    ]
