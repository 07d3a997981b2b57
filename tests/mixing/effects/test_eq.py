"""Peak filters against the analogue formula, pedalboard and their own promises."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pedalboard import PeakFilter

from mixing.audio import Audio
from mixing.effects.eq import (
    BAND_FREQUENCIES_HZ,
    apply_eq,
    response_db,
)
from mixing.parameters import EqBand

RATE = 44_100
Floats = npt.NDArray[np.float64]
GAINS_DB = (-15.0, -6.0, 3.0, 15.0)


def white(seconds: float, rate: int = RATE, seed: int = 0) -> Audio:
    """Two channels of white noise at −20 dBFS RMS."""
    samples = np.random.default_rng(seed).standard_normal((2, round(seconds * rate)))
    return (0.1 * samples).astype(np.float32)


def measured_response_db(bands: list[EqBand], rate: int, points_hz: list[float]) -> list[float]:
    """Gain of ``apply_eq`` at some frequencies, from the spectrum of its impulse response."""
    impulse = np.zeros((1, rate), dtype=np.float32)
    impulse[0, 0] = 1
    spectrum = np.fft.rfft(apply_eq(impulse, rate, bands)[0].astype(np.float64))
    return [float(20 * np.log10(abs(spectrum[round(f)]))) for f in points_hz]


def analogue_response_db(band: EqBand, frequency_hz: Floats) -> Floats:
    """Gain in dB of the analogue peak: (s² + sA/Q + 1) / (s² + s/(AQ) + 1), A = 10^(g/40)."""
    s = 1j * frequency_hz / band.frequency_hz
    a = 10 ** (band.gain_db / 40)
    return 20 * np.log10(np.abs((s * s + s * a / band.q + 1) / (s * s + s / (a * band.q) + 1)))


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("q", [0.8, 1.0, 2.0])
def test_every_band_is_within_a_decibel_of_its_analogue_model(rate: int, q: float) -> None:
    """20 Hz to 20 kHz, all nine centres, boosts and cuts up to 15 dB."""
    frequency = np.geomspace(20, 20_000, 600)
    for centre in BAND_FREQUENCIES_HZ:
        for gain in GAINS_DB:
            band = EqBand(centre, gain, q)
            error = response_db([band], frequency, rate) - analogue_response_db(band, frequency)
            assert np.abs(error).max() < 1.0, (centre, gain)


@pytest.mark.parametrize("gain", [-15.0, 15.0])
def test_the_bilinear_design_shrinks_near_the_top(gain: float) -> None:
    """16 kHz at 44.1 kHz: up to 9.6 dB off, which is why it is not the default."""
    frequency = np.geomspace(20, 20_000, 2000)
    band = EqBand(16_000, gain)
    error = response_db([band], frequency, RATE, "rbj") - analogue_response_db(band, frequency)
    assert np.abs(error).max() == pytest.approx(9.6, abs=0.1)


def test_the_bilinear_design_is_that_of_pedalboard() -> None:
    """JUCE's peak filter is the same formula."""
    audio = white(1)
    theirs = PeakFilter(1000, 6.0, 1.0)(audio, RATE)
    ours = apply_eq(audio, RATE, [EqBand(1000, 6.0, 1.0)], "rbj")
    assert np.abs(ours - theirs).max() < 1e-4


def test_rendering_has_the_response_it_claims() -> None:
    """The spectrum of a filtered impulse is ``response_db``."""
    bands = [EqBand(100, 6, 2), EqBand(3000, -9), EqBand(12_000, 4, 0.8)]
    points = [50.0, 100.0, 400.0, 3000.0, 9000.0, 12_000.0, 19_000.0]
    assert measured_response_db(bands, RATE, points) == pytest.approx(
        response_db(bands, points, RATE), abs=0.01
    )


@given(
    centre=st.sampled_from(BAND_FREQUENCIES_HZ),
    gain=st.floats(-15, 15),
    q=st.floats(0.3, 4),
    rate=st.sampled_from([32_000, 44_100, 48_000, 96_000]),
)
def test_a_cut_undoes_the_boost(centre: float, gain: float, q: float, rate: int) -> None:
    """Numerator and denominator change places, so the cascade is the identity."""
    audio = white(0.2, rate)
    there = apply_eq(audio, rate, [EqBand(centre, gain, q)])
    back = apply_eq(there, rate, [EqBand(centre, -gain, q)])
    assert np.isfinite(there).all()
    assert np.abs(back - audio).max() < 1e-5


def test_bands_of_no_gain_are_the_identity() -> None:
    """0 dB everywhere, or no bands at all, changes no sample."""
    audio = white(0.5)
    assert np.array_equal(apply_eq(audio, RATE, []), audio)
    assert np.array_equal(
        apply_eq(audio, RATE, [EqBand(f, 0.0) for f in BAND_FREQUENCIES_HZ]), audio
    )


def test_a_band_at_the_nyquist_frequency_is_left_out() -> None:
    """At 32 kHz no 16 kHz peak can exist; the 8 kHz band still does."""
    audio = white(0.5, 32_000)
    assert np.array_equal(apply_eq(audio, 32_000, [EqBand(16_000, 12)]), audio)
    assert not np.array_equal(apply_eq(audio, 32_000, [EqBand(8000, 12)]), audio)


def test_long_audio_is_filtered_as_if_in_one_piece() -> None:
    """Chunks hand their state on: the seam after 65,536 samples cannot be heard or seen."""
    audio = white(2)
    bands = [EqBand(63, 12), EqBand(8000, -12)]
    whole = apply_eq(audio, RATE, bands)
    late = apply_eq(np.ascontiguousarray(audio[:, :70_000]), RATE, bands)
    assert np.array_equal(whole[:, :70_000], late)
    assert whole.dtype == np.float32


def test_nine_equal_bands_overshoot() -> None:
    """Nine peaks of Q 1 at +6 dB sum to +10.8 dB at the middle: neighbours overlap."""
    bands = [EqBand(f, 6.0, 1.0) for f in BAND_FREQUENCIES_HZ]
    assert response_db(bands, 1000, RATE)[0] == pytest.approx(10.8, abs=0.1)
