"""True peak against the EBU's test signals and against ideal interpolation."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import firwin, lfilter, resample

from mixing.audio import Audio
from mixing.meters.true_peak import true_peak, true_peak_dbtp

RATE = 48_000


def faded(signal: npt.NDArray[np.float64], fade: int) -> npt.NDArray[np.float64]:
    """Signal with straight fades of ``fade`` samples at both ends."""
    ramp = np.minimum(1, np.arange(signal.size) / fade)
    return signal * ramp * ramp[::-1]


def tone(divisor: float, amplitude: float, phase_degrees: float) -> Audio:
    """Stereo sine of fs/divisor with 10 ms fades, as Tech 3341 cases 15 to 19 ask."""
    n = np.arange(RATE)
    sine = amplitude * np.sin(2 * np.pi * n / divisor + math.radians(phase_degrees))
    return np.tile(faded(sine, RATE // 100).astype(np.float32), (2, 1))


@pytest.mark.parametrize(
    ("divisor", "amplitude", "phase_degrees", "expected_dbtp"),
    [
        pytest.param(4, 0.50, 0.0, -6.0, id="case 15"),
        pytest.param(4, 0.50, 45.0, -6.0, id="case 16"),
        pytest.param(6, 0.50, 60.0, -6.0, id="case 17"),
        pytest.param(8, 0.50, 67.5, -6.0, id="case 18"),
        pytest.param(4, 1.41, 45.0, 3.0, id="case 19"),
    ],
)
def test_ebu_tones_read_their_amplitude(
    divisor: float, amplitude: float, phase_degrees: float, expected_dbtp: float
) -> None:
    """Tech 3341 allows +0.2 / −0.4 dB; the amplitude is known, so ±0.05 dB here."""
    assert expected_dbtp == pytest.approx(20 * math.log10(amplitude), abs=0.03)
    peak_dbtp = true_peak_dbtp(tone(divisor, amplitude, phase_degrees))
    assert peak_dbtp == pytest.approx(20 * math.log10(amplitude), abs=0.05)


@pytest.mark.parametrize("offset", range(4))
def test_ebu_burst_reads_full_scale_at_every_sampling_offset(offset: int) -> None:
    """Tech 3341 cases 20 to 23: one full-scale period of fs/4 within a half-scale fs/6.

    Made at four times the rate, low-passed to fs/2, and decimated with an offset of 0 to 3.
    """
    carrier = 0.5 * np.sin(2 * np.pi * np.arange(24 * 1000) / 24)
    burst = np.sin(2 * np.pi * np.arange(16) / 16)
    fine = faded(np.concatenate([carrier, burst, carrier]), 1920)
    low_passed = lfilter(firwin(255, 1 / 4), 1.0, fine)
    audio = low_passed[offset::4].astype(np.float32)[None]
    assert -0.4 <= true_peak_dbtp(audio) <= 0.2


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("share_of_rate", [0.01, 0.1, 0.25, 0.333, 0.4167])
def test_a_sine_reads_its_amplitude_at_any_rate_and_phase(rate: int, share_of_rate: float) -> None:
    """Up to 20 kHz at 48 kHz, never more than 0.13 dB low nor 0.03 dB high."""
    for phase in np.linspace(0, np.pi, 7):
        sine = 0.5 * np.sin(2 * np.pi * share_of_rate * np.arange(rate // 10) + phase)
        audio = faded(sine, rate // 100).astype(np.float32)[None]
        assert -0.13 <= true_peak_dbtp(audio) + 6.0206 <= 0.03


def test_noise_reads_as_ideal_interpolation_does() -> None:
    """Sixteenfold interpolation by Fourier series, of noise without energy near fs/2."""
    rng = np.random.default_rng(3)
    noise = lfilter(firwin(301, 0.8), 1.0, rng.standard_normal((2, 8192)))
    noise = np.stack([faded(channel, 800) for channel in noise])
    ideal = float(np.abs(resample(noise, 16 * 8192, axis=1)).max())
    measured = true_peak(noise.astype(np.float32))
    assert 20 * math.log10(measured / ideal) == pytest.approx(0.0, abs=0.1)


def test_a_lone_loud_sample_after_a_quiet_stretch_is_not_skipped() -> None:
    """The peak between two equal samples lies above both: sinc(1/2) twice is 4/π."""
    audio = np.zeros((1, 4096), dtype=np.float32)
    audio[0, 10] = 0.6  # a decoy: larger than each sample of the pair, smaller than their peak
    audio[0, 3000:3002] = 0.5
    assert true_peak(audio) == pytest.approx(0.5 * 4 / math.pi, rel=0.01)


def test_silence_and_nothing_have_no_peak() -> None:
    """Silence and empty audio read −inf dBTP."""
    assert true_peak_dbtp(np.zeros((2, 100), dtype=np.float32)) == -math.inf
    assert true_peak_dbtp(np.zeros((2, 0), dtype=np.float32)) == -math.inf


@pytest.mark.parametrize("at", [0, 100, 20_000, RATE - 1])
def test_samples_that_are_not_numbers_are_ignored(at: int) -> None:
    """The tone's peaks elsewhere are read as without them."""
    audio = tone(8, 0.5, 67.5)
    damaged = audio.copy()
    damaged[0, at] = np.nan
    assert true_peak_dbtp(damaged) == pytest.approx(true_peak_dbtp(audio), abs=1e-3)


@given(seed=st.integers(0, 10_000), gain_db=st.floats(-60, 20))
def test_true_peak_is_at_least_the_sample_peak_and_follows_gain(seed: int, gain_db: float) -> None:
    """Never below the largest sample; a gain moves it by as many dB."""
    audio = np.random.default_rng(seed).uniform(-1, 1, (2, 500)).astype(np.float32)
    peak_dbtp = true_peak_dbtp(audio)
    assert peak_dbtp >= 20 * math.log10(float(np.abs(audio).max())) - 1e-6
    turned = audio * np.float32(10 ** (gain_db / 20))
    assert true_peak_dbtp(turned) == pytest.approx(peak_dbtp + gain_db, abs=1e-3)
