"""Sounds that nobody can tell apart are found, whatever their bytes; others are left in peace."""

from __future__ import annotations

import numpy as np
import pytest

from mixing.audio import Audio
from stimuli.rendering.same_sound import dither_power, same_sounds

N = 100_000


def noise(seed: int) -> Audio:
    """Stereo noise at −20 dBFS."""
    return (0.1 * np.random.default_rng(seed).standard_normal((2, N))).astype(np.float32)


@pytest.mark.parametrize(("difference_db", "is_same"), [(-79.0, False), (-81.0, True)])
def test_a_difference_of_80_db_less_is_none(difference_db: float, is_same: bool) -> None:
    """A decibel to either side of the limit."""
    other = noise(1) + noise(2) * np.float32(10 ** (difference_db / 20))
    assert same_sounds([noise(1), other], True, [0.0, 0.0]) == ([(0, 1)] if is_same else [])


def test_level_alone_is_no_difference_where_levels_are_matched() -> None:
    """It is one where stimuli stay as loud as they came."""
    sounds = [noise(1), noise(1) * np.float32(0.5), noise(2)]
    assert same_sounds(sounds, True, [0.0] * 3) == [(0, 1)]
    assert same_sounds(sounds, False, [0.0] * 3) == []


def test_a_sample_of_delay_and_turned_polarity_are_differences() -> None:
    """Somebody may ask for just that."""
    sounds = [noise(1), np.roll(noise(1), 1, axis=1), -noise(1)]
    assert same_sounds(sounds, True, [0.0] * 3) == []


def test_dither_of_16_bits_is_no_difference() -> None:
    """At −40 dBFS it lies at −57 dB, above the limit; its power is known and allowed for."""
    rng = np.random.default_rng(3)
    soft = noise(1) * np.float32(0.1)
    step = 2.0**-15
    dither = (rng.random(soft.shape) - rng.random(soft.shape)) * step
    rounded = (np.rint((soft + dither) / step) * step).astype(np.float32)
    assert np.mean((rounded - soft) ** 2) == pytest.approx(dither_power(16), rel=0.02)
    assert same_sounds([soft, rounded], True, [0.0, dither_power(16)]) == [(0, 1)]
    assert same_sounds([soft, rounded], True, [0.0, 0.0]) == []
