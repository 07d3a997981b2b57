"""The anchors of a MUSHRA test, against the mask of ITU-R BS.1534-3 and in step with their song."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from stimuli.page_types.base import CUTOFF_HZ
from stimuli.rendering.anchors import anchor_filter, low_passed

RATES = (32_000, 44_100, 48_000, 88_200, 96_000)
MASK = {  # cut-off, and where 25 and 50 dB must be reached, in Hz
    "low_anchor": (3500.0, 4000.0, 4500.0),
    "mid_anchor": (7000.0, 8000.0, 9000.0),
}


def response_db(cutoff_hz: float, sample_rate: int, frequency_hz: np.ndarray) -> np.ndarray:
    """Gain of an anchor's filter in dB, by scipy's freqz."""
    _, response = signal.freqz(
        anchor_filter(cutoff_hz, sample_rate), worN=frequency_hz, fs=sample_rate
    )
    return 20 * np.log10(np.maximum(np.abs(response), 1e-12))


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("name", MASK)
def test_an_anchor_keeps_inside_the_standards_mask(name: str, sample_rate: int) -> None:
    """Ripple within 0.1 dB up to the cut-off, 25 dB at 4 (8) kHz, 50 dB from 4.5 (9) kHz on."""
    cutoff_hz, down_25_hz, down_50_hz = MASK[name]
    assert CUTOFF_HZ[name] == cutoff_hz
    nyquist_hz = sample_rate / 2
    passed = response_db(cutoff_hz, sample_rate, np.linspace(0.0, cutoff_hz, 4001))
    assert np.max(np.abs(passed)) <= 0.1
    first = response_db(cutoff_hz, sample_rate, np.linspace(down_25_hz, down_50_hz, 2001))
    assert np.max(first) <= -25.0
    rest = response_db(cutoff_hz, sample_rate, np.linspace(down_50_hz, nyquist_hz * 0.999, 8001))
    assert np.max(rest) <= -50.0


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("name", MASK)
def test_an_anchor_is_not_delayed_by_a_sample(name: str, sample_rate: int) -> None:
    """The cross-correlation with the reference has its peak at lag 0; the length is the same."""
    noise = np.random.default_rng(7).standard_normal((2, sample_rate // 2)).astype(np.float32)
    anchor = low_passed(noise, sample_rate, CUTOFF_HZ[name])
    assert anchor.shape == noise.shape
    assert anchor.dtype == np.float32
    for before, after in zip(noise, anchor, strict=True):
        match = signal.correlate(after, before, mode="full", method="fft")
        assert int(np.argmax(match)) - (noise.shape[1] - 1) == 0


@pytest.mark.parametrize("name", MASK)
def test_tones_below_the_cut_off_come_through_as_they_are(name: str) -> None:
    """A tone at half the cut-off is the same, sample for sample; one at twice of it is gone."""
    sample_rate, middle = 48_000, slice(4000, -4000)
    time_s = np.arange(sample_rate) / sample_rate
    for factor, wanted in ((0.5, 1.0), (2.0, 0.0)):
        tone = np.sin(2 * np.pi * factor * CUTOFF_HZ[name] * time_s)[np.newaxis].astype(np.float32)
        anchor = low_passed(tone, sample_rate, CUTOFF_HZ[name])
        assert np.max(np.abs(anchor[:, middle] - wanted * tone[:, middle])) < 2e-3


def test_taps_are_symmetric_and_a_rate_too_low_is_named() -> None:
    """Linear phase is symmetry about a middle tap; an 8 kHz file has no room for an anchor."""
    taps = anchor_filter(3500.0, 44_100)
    assert len(taps) % 2 == 1
    assert np.allclose(taps, taps[::-1], rtol=0, atol=1e-15)
    with pytest.raises(ValueError, match="8000 Hz is too low"):
        anchor_filter(3500.0, 8000)
