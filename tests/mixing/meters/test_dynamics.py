"""Crest, spread and pumping against closed forms, and what the systems do to raw voices.

*Level spread*: 95th less 10th percentile, over sounding blocks of 50 ms, of the level against that
of the second around them (sounding blocks alone), in dB.

*Pumping*: root mean square, over sounding blocks of 50 ms, of the part of the gain that does not
follow from the block's own level: the gain less the median of the gains of blocks within the same
decibel. A gain that follows the level at once reads 0; one that still holds down a soft syllable
because of the loud one before it does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import places
from mixing.audio import Audio
from mixing.effects.compressor import compress_to_range
from mixing.effects.compressor_laws import compress
from mixing.ingest.decoding import read_audio
from mixing.meters.dynamics import SOUNDING_LU, Mask, crest_db
from mixing.meters.k_weighting import Powers
from mixing.meters.loudness import block_powers, integrated_from_powers
from mixing.parameters import CompressionResult, CompressionSettings
from mixing.profiles import CORRECTED
from mixing.systems.baseline import BaselineDecisions
from mixing.systems.cnn import CnnDecisions

RATE = 44_100
DEMO_SONGS = places.ROOT / "stimuli" / "demo" / "songs"
WHOLE = sorted((places.SHARED / "data" / "stems").glob("*/*_full_vocal.ogg"))
VOICES = sorted((places.SHARED / "data" / "voices").glob("*.flac"))

SPREAD_PERCENTILES = (10.0, 95.0)  # those of the loudness range
_BLOCKS_AROUND = 21  # blocks of 50 ms: the second around a block, itself in the middle
_FEWEST_AROUND = 10  # of which this many must sound


def level_spread_db(audio: Audio, sample_rate: int) -> float:
    """Spread of 50 ms levels against the second around them, in dB."""
    levels_db, sounding = _short_levels(audio, sample_rate)
    power = np.where(sounding, 10 ** (levels_db / 10), 0.0)
    ones = np.ones(_BLOCKS_AROUND)
    count = np.convolve(sounding.astype(float), ones, "same")
    kept = sounding & (count >= _FEWEST_AROUND)
    if not kept.any():
        return 0.0
    around = np.convolve(power, ones, "same")[kept] / count[kept]
    low, high = np.percentile(levels_db[kept] - 10 * np.log10(around), SPREAD_PERCENTILES)
    return float(high - low)


def pumping_db(before: Audio, after: Audio, sample_rate: int) -> float:
    """Gain that does not follow the level, in dB (RMS).

    Parameters
    ----------
    before, after
        The same sound without and with the compressor, of one length.
    """
    levels_db, sounding = _short_levels(before, sample_rate)
    if not sounding.any():
        return 0.0
    gains_db = (_short_levels(after, sample_rate)[0] - levels_db)[sounding]
    decibel = np.rint(levels_db[sounding]).astype(np.int64)
    rest = np.empty(gains_db.size)
    for level in np.unique(decibel):
        same = decibel == level
        rest[same] = gains_db[same] - np.median(gains_db[same])
    return float(np.sqrt(np.square(rest).mean()))


def _short_levels(audio: Audio, sample_rate: int) -> tuple[Powers, Mask]:
    """Level of each 50 ms in dB (mean square, channels averaged), and which of them sound."""
    integrated_lufs = integrated_from_powers(block_powers(audio, sample_rate))
    length = sample_rate // 20
    n_blocks = audio.shape[1] // length
    squares = np.square(audio[:, : n_blocks * length], dtype=np.float64).mean(axis=0)
    power = squares.reshape(n_blocks, length).mean(axis=1)
    levels_db = 10 * np.log10(np.maximum(power, 1e-20))
    # -0.691 and two channels: the loudness of a plain level, near enough to gate by
    loudness_lufs = levels_db - 0.691 + 10 * math.log10(audio.shape[0])
    return levels_db, np.asarray(loudness_lufs > integrated_lufs + SOUNDING_LU)


def tone(levels_db: list[float], seconds_each: float) -> Audio:
    """A sine of 1 kHz in two channels whose level changes at once."""
    level = np.repeat(levels_db, round(seconds_each * RATE))
    wave = 10 ** (level / 20) * np.sin(2 * np.pi * 1000 * np.arange(level.size) / RATE)
    return np.tile(wave.astype(np.float32), (2, 1))


def noise(seconds: float, seed: int = 0) -> Audio:
    """Noise in syllables of 0.3 s that differ by up to 20 dB: the level at no time decides all."""
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.uniform(-30, -10, round(seconds / 0.3) + 1), round(0.3 * RATE))
    level = level[: round(seconds * RATE)]
    one = 10 ** (level / 20) * rng.standard_normal(level.size) / 4
    return np.tile(one.astype(np.float32), (2, 1))


def test_a_sine_has_a_crest_of_three_decibels() -> None:
    """Peak over RMS of a sine is √2; pauses do not count, for nothing sounds in them."""
    assert crest_db(tone([-20.0], 5), RATE) == pytest.approx(3.01, abs=0.02)
    assert crest_db(tone([-20.0, -90.0], 3), RATE) == pytest.approx(3.01, abs=0.05)


def test_the_crest_of_two_levels_is_the_arithmetics() -> None:
    """Halves of 0 and −12 dB: 3.01 dB, and the louder half lies above the mean power."""
    audio = tone([-10.0, -22.0], 5)
    mean_power_db = 10 * np.log10((1 + 10**-1.2) / 2)
    assert crest_db(audio, RATE) == pytest.approx(3.01 - mean_power_db, abs=0.02)


def test_a_song_of_repeated_excerpts_measures_as_its_excerpt() -> None:
    """Ten times as long, the same crest and spread: neither grows with the length."""
    excerpt = noise(12.0)
    song = np.tile(excerpt, (1, 10))
    assert crest_db(song, RATE) == pytest.approx(crest_db(excerpt, RATE), abs=0.4)
    assert level_spread_db(song, RATE) == pytest.approx(level_spread_db(excerpt, RATE), abs=0.4)


def test_the_spread_of_alternating_levels_is_their_distance() -> None:
    """0.25 s each at −10 and −18 dB: both lie 8 dB apart, whatever the second around them has."""
    audio = tone([-10.0, -18.0] * 20, 0.25)
    assert level_spread_db(audio, RATE) == pytest.approx(8.0, abs=0.4)
    assert level_spread_db(tone([-10.0], 10), RATE) == pytest.approx(0.0, abs=0.01)


def test_a_gain_that_follows_the_level_does_not_pump() -> None:
    """Any curve of the block's own level reads next to 0."""
    before = noise(20.0)
    level_db = 10 * np.log10(np.square(before).mean(axis=0).reshape(-1, RATE // 20).mean(axis=1))
    gain_db = np.repeat(-0.5 * np.maximum(level_db + 30, 0), RATE // 20)
    after = before * (10 ** (gain_db / 20)).astype(np.float32)
    assert pumping_db(before, after, RATE) < 0.15
    assert pumping_db(before, before, RATE) == 0


def test_a_gain_that_swings_by_itself_pumps_by_its_rms() -> None:
    """±3 dB four times a second on an even tone: 3 / √2."""
    before = tone([-20.0], 20)
    gain_db = 3 * np.sin(2 * np.pi * 0.5 * np.arange(before.shape[1]) / RATE)
    after = before * (10 ** (gain_db / 20)).astype(np.float32)
    assert pumping_db(before, after, RATE) == pytest.approx(3 / np.sqrt(2), abs=0.05)


def test_a_slow_release_pumps_more_than_a_fast_one() -> None:
    """It still holds down what is soft because of what was loud."""
    before = noise(20.0)
    fast, slow = (
        pumping_db(before, compress(before, RATE, CompressionSettings(-40, 4, 1, ms)), RATE)
        for ms in (60.0, 600.0)
    )
    assert slow > 1.3 * fast


def test_silence_has_neither() -> None:
    """And no warning."""
    silence = np.zeros((2, 2 * RATE), dtype=np.float32)
    assert crest_db(silence, RATE) == level_spread_db(silence, RATE) == 0
    assert pumping_db(silence, silence, RATE) == 0


Choice = Callable[[Audio], tuple[Audio, CompressionResult]]


def baseline(vocal: Audio) -> tuple[Audio, CompressionResult]:
    """The vocal as the baseline compresses it."""
    target = BaselineDecisions(CORRECTED).choose_compression(vocal, vocal, RATE)
    return compress_to_range(vocal, RATE, target, CORRECTED)


def cnn(vocal: Audio) -> tuple[Audio, CompressionResult]:
    """The vocal as the networks compress it."""
    target = CnnDecisions(CORRECTED).choose_compression(vocal, vocal, RATE)
    return compress_to_range(vocal, RATE, target, CORRECTED)


def plain_crest_db(audio: Audio) -> float:
    """Highest peak over RMS, pauses and all."""
    return float(20 * np.log10(np.abs(audio).max() / np.sqrt(np.square(audio).mean())))


def check_raw_voices(paths: list[Path]) -> None:
    """At least 2 dB less crest on 80 % of them, plain or ours, and pumping under 2.5 dB on each."""
    after = {}
    for choice in (baseline, cnn):
        results, plain_db = [], []
        for path in paths:
            vocal = read_audio(path)[0]
            out, result = choice(vocal)
            assert pumping_db(vocal, out, RATE) < 2.5, path
            results.append(result)
            plain_db.append(plain_crest_db(vocal) - plain_crest_db(out))
        lost_db = [found.crest_before_db - found.crest_after_db for found in results]
        for lost in (lost_db, plain_db):
            assert np.mean([each >= 2.0 for each in lost]) >= 0.8, (choice, lost)
        after[choice] = [(found.crest_after_db, found.ratio) for found in results]
    crest_apart, ratio_apart = np.abs(np.subtract(after[baseline], after[cnn])).mean(axis=0)
    assert crest_apart > 0.4
    assert ratio_apart > 0.5


def test_raw_voices_lose_two_decibels_of_crest_and_do_not_pump() -> None:
    """Four raw vocals of the demo; and the two systems do not do the same to them."""
    check_raw_voices(sorted(DEMO_SONGS.glob("*/vocal.flac"))[::2])


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not VOICES, reason="the optional data folder is absent")
def test_so_do_singers_nobody_trained_on() -> None:
    """Five dry voices of four singers, and eight sung by a synthetic one."""
    check_raw_voices(VOICES + sorted((places.SHARED / "data" / "synth").glob("*_vocal.flac")))
