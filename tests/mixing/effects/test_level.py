"""Balance and loudness matching: by gain alone, under the ceiling, defined for silence."""

from __future__ import annotations

import math

import numpy as np
import pyebur128
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixing.audio import Audio
from mixing.effects.level import (
    TRUE_PEAK_CEILING_DBTP,
    apply_gain,
    balance_gain_db,
    match_loudness,
    relative_loudness_lu,
)
from mixing.meters.loudness import integrated_loudness
from mixing.meters.true_peak import true_peak_dbtp

RATE = 44_100
SILENCE = np.zeros((2, 4 * RATE), dtype=np.float32)


def noise(level_db: float, seed: int, seconds: float = 4) -> Audio:
    """Two channels of white noise of an RMS in dBFS."""
    samples = np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))
    return (samples * 10 ** (level_db / 20)).astype(np.float32)


def lufs(audio: Audio) -> float:
    """Integrated loudness by libebur128."""
    state = pyebur128.R128State(2, RATE, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(np.ascontiguousarray(audio.T.ravel(), dtype=np.float64), audio.shape[1])
    return float(pyebur128.get_loudness_global(state))


@pytest.mark.parametrize("wanted_lu", [-12.0, -3.43, 0.0, 6.0])
def test_balance_sets_the_vocal_above_the_backing(wanted_lu: float) -> None:
    """Judged by another meter."""
    vocal, backing = noise(-30, 0), noise(-18, 1)
    levels = integrated_loudness(vocal, RATE), integrated_loudness(backing, RATE)
    vocal = apply_gain(vocal, balance_gain_db(*levels, wanted_lu))
    assert lufs(vocal) - lufs(backing) == pytest.approx(wanted_lu, abs=0.02)
    assert relative_loudness_lu(vocal, backing, RATE) == pytest.approx(wanted_lu, abs=1e-3)
    assert vocal.dtype == np.float32


def test_silence_cannot_be_balanced() -> None:
    """Either side silent: no gain, and there is no relative loudness."""
    loud = noise(-20, 0)
    for vocal, backing in ((SILENCE, loud), (loud, SILENCE), (SILENCE, SILENCE)):
        levels = integrated_loudness(vocal, RATE), integrated_loudness(backing, RATE)
        assert balance_gain_db(*levels, -3) == 0.0
        assert relative_loudness_lu(vocal, backing, RATE) is None


def test_no_gain_is_the_identity() -> None:
    """0 dB gives back the same array; +6.02 dB doubles; float32 stays float32."""
    audio = noise(-20, 0)
    assert apply_gain(audio, 0.0) is audio
    assert np.allclose(apply_gain(audio, 20 * math.log10(2)), 2 * audio, rtol=1e-6, atol=0)
    assert apply_gain(audio, 3.0).dtype == np.float32


def test_loudness_is_matched_where_the_peak_allows() -> None:
    """−23 LUFS, by another meter."""
    audio = noise(-40, 2)
    match = match_loudness(audio, RATE, -23.0)
    assert not match.held_by_peak
    assert lufs(apply_gain(audio, match.gain_db)) == pytest.approx(-23.0, abs=0.02)
    assert match.integrated_lufs == pytest.approx(-23.0, abs=1e-9)


def test_a_spiky_signal_is_turned_down_not_limited() -> None:
    """One loud click above quiet noise: the ceiling decides, and the shape is kept."""
    audio = noise(-50, 3)
    audio[:, RATE] = 1.0
    match = match_loudness(audio, RATE, -23.0)
    assert match.held_by_peak
    assert match.integrated_lufs < -40
    turned = apply_gain(audio, match.gain_db)
    assert true_peak_dbtp(turned) == pytest.approx(TRUE_PEAK_CEILING_DBTP, abs=0.01)
    assert np.allclose(turned, audio * 10 ** (match.gain_db / 20), rtol=1e-5, atol=0)


def test_silence_needs_no_gain() -> None:
    """0 dB, −inf LUFS, −inf dBTP."""
    match = match_loudness(SILENCE, RATE, -23.0)
    assert match.gain_db == 0.0
    assert match.integrated_lufs == match.true_peak_dbtp == -math.inf


@given(level_db=st.floats(-90, 30), target=st.floats(-60, 0), seed=st.integers(0, 99))
def test_the_ceiling_holds_for_any_level_and_target(
    level_db: float, target: float, seed: int
) -> None:
    """True peak at most −1 dBTP + 0.05 dB, whatever is asked for."""
    audio = noise(level_db, seed, 0.5)
    match = match_loudness(audio, RATE, target)
    turned = apply_gain(audio, match.gain_db)
    assert np.isfinite(turned).all()
    assert true_peak_dbtp(turned) <= TRUE_PEAK_CEILING_DBTP + 0.05
