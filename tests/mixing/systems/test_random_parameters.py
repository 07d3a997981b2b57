"""The random system draws from Li's (2022) ranges, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from mixing.audio import Song
from mixing.effects.eq import BAND_FREQUENCIES_HZ
from mixing.parameters import CompressionSettings, MixParameters
from mixing.systems.base import SystemSettings
from mixing.systems.random_parameters import create, draw_parameters

LI2022_RANGES = {
    "dry_wet": (0, 1),
    "reverb_time_s": (0.1, 9),
    "fade_in_s": (0, 9),
    "room_size": (1, 30),
    "low_shelf_frequency_hz": (20, 20_000),
    "low_shelf_gain_db_per_s": (-80, 6),
    "low_shelf_q": (0.01, 0.9),
    "high_shelf_frequency_hz": (20, 20_000),
    "high_shelf_gain_db_per_s": (-80, 4),
    "high_shelf_q": (0.01, 0.9),
}


@pytest.fixture(scope="module")
def draws() -> list[MixParameters]:
    """Two thousand draws."""
    return [draw_parameters(seed) for seed in range(2000)]


def assert_uniform(values: list[float], low: float, high: float) -> None:
    """Inside the range, with the mean and spread of a uniform draw (± 5 standard errors)."""
    array = np.array(values)
    width = high - low
    assert low <= array.min() < low + 0.02 * width
    assert high - 0.02 * width < array.max() <= high
    error = 5 * width / np.sqrt(12 * array.size)
    assert array.mean() == pytest.approx((low + high) / 2, abs=error)
    assert array.std() == pytest.approx(width / np.sqrt(12), rel=0.06)


def test_four_of_nine_bands_are_drawn(draws: list[MixParameters]) -> None:
    """Without replacement, every band as often as another, gains over ±15 dB, Q 1."""
    for draw in draws:
        frequencies = [band.frequency_hz for band in draw.eq]
        assert len(frequencies) == len(set(frequencies)) == 4
        assert all(band.q == 1.0 for band in draw.eq)
    counts = {
        f: sum(f in {b.frequency_hz for b in d.eq} for d in draws) for f in BAND_FREQUENCIES_HZ
    }
    assert all(abs(count / 2000 - 4 / 9) < 0.05 for count in counts.values())
    assert_uniform([band.gain_db for draw in draws for band in draw.eq], -15, 15)


def test_compressor_and_level_are_drawn_over_their_ranges(draws: list[MixParameters]) -> None:
    """Threshold −50 to 10 dB, ratio 1 to 20, 30 and 150 ms, ±8 LU."""
    settings = [draw.compression for draw in draws]
    assert all(isinstance(setting, CompressionSettings) for setting in settings)
    assert {(s.attack_ms, s.release_ms) for s in settings} == {(30.0, 150.0)}
    assert_uniform([s.threshold_db for s in settings], -50, 10)
    assert_uniform([s.ratio for s in settings], 1, 20)
    assert_uniform([draw.relative_loudness_lu for draw in draws], -8, 8)


@pytest.mark.parametrize("name", LI2022_RANGES)
def test_reverb_is_drawn_over_its_ranges(draws: list[MixParameters], name: str) -> None:
    """Each of the ten parameters over the plug-in's range."""
    values = [getattr(draw.reverb, name) for draw in draws]
    assert_uniform(values, *LI2022_RANGES[name])
    if name == "room_size":
        assert all(value == round(value) for value in values)


def test_the_seed_decides_and_nothing_else(draws: list[MixParameters]) -> None:
    """Same seed, same draw; other seed, other draw; the global generator is not touched."""
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - the state that must not change
    assert [draw_parameters(seed) for seed in range(50)] == draws[:50]
    assert len({draw.relative_loudness_lu for draw in draws}) == len(draws)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_a_mix_is_the_same_for_the_same_seed() -> None:
    """And never rings for ever: finite even for draws whose shelves boost."""
    noise = np.random.default_rng(0).standard_normal((2, 2, 3 * 32_000)).astype(np.float32) / 10
    song = Song(noise[0], noise[1], 32_000)
    first, again, other = (create(SystemSettings(seed=s)).mix(song) for s in (5, 5, 6))
    assert np.array_equal(first.audio, again.audio)
    assert not np.array_equal(first.audio, other.audio)
    assert np.isfinite(other.audio).all()
