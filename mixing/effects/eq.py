"""Peak filters in nine octave bands; up to 20 kHz, the filters match their analogue model.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)``; a band is an :class:`~mixing.parameters.EqBand`
(centre in Hz, gain in dB, Q). The gains of several bands add up in dB. Filters compute in float64
and also store their state in float64. The audio is rounded to float32 after every second filter;
the rounding error is −144 dB.

Design
------
``matched``
    Vicanek's matched biquads [1]_. For gains of ±15 dB and a Q of 0.8 or more, matched filters are
    within 1 dB of the analogue peak filter at every frequency up to 20 kHz, even for 16 kHz at a
    sample rate of 44.1 kHz. At a sample rate of 32 kHz, a band at 8 kHz has an error of up to 1.7
    dB. A cut is the inverse of the boost (numerator and denominator swapped), so a gain of −g
    undoes a gain of +g.
``rbj``
    The well-known bilinear peak filter [2]_, which Li (2022) used. Near the Nyquist frequency, a
    bilinear filter becomes narrower: with a centre of 16 kHz and a sample rate of 44.1 kHz, the
    error is up to 9.6 dB.

Contents, in reading order: ``apply_eq``, ``response_db``, and the designs.

References
----------
.. [1] M. Vicanek, "Matched Second Order Digital Filters", 2016.
.. [2] R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio
from mixing.compiled import compiled
from mixing.meters.k_weighting import PIECE
from mixing.parameters import EqBand

Array: TypeAlias = npt.NDArray[np.float64]
Design: TypeAlias = Literal["matched", "rbj"]

BAND_FREQUENCIES_HZ = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
MAX_GAIN_DB = 15.0  # Li's (2022) range
# highest centre frequency of a peak filter, divided by the Nyquist frequency; a filter with a
# higher centre frequency has no effect
HIGHEST_CENTRE = 0.95
# filter states below this value are set to 0, because denormal numbers are slow
_STATE_FLOOR = 1e-30


def apply_eq(
    audio: Audio,
    sample_rate: int,
    bands: Sequence[EqBand],
    design: Design = "matched",
    in_place: bool = False,
) -> Audio:
    """Audio filtered by all ``bands``, with the same shape; the same array if ``in_place``.

    Bands of 0 dB change nothing and are left out. Bands centred above 0.95 of the Nyquist frequency
    (16 kHz at a sample rate of 32 kHz) are also left out, because a digital peak filter cannot have
    such a centre.
    """
    sections = _sections(tuple(bands), sample_rate, design)
    if not len(sections):
        return audio
    if len(sections) % 2:
        # Two filters run at a time, so the number of filters must be even.
        sections = np.vstack([sections, [1.0, 0.0, 0.0, 0.0, 0.0]])
    out = audio if in_place else np.array(audio, dtype=np.float32)
    states = np.zeros((len(sections) // 2, 8))
    for start in range(0, out.shape[1], PIECE):
        piece = out[:, start : start + PIECE]
        for pair, state in enumerate(states):
            _filter_pair(piece[0], piece[-1], sections[2 * pair : 2 * pair + 2], state)
    return out


@compiled("reordered")
def _filter_pair(left: Audio, right: Audio, sections: Array, state: Array) -> None:
    """Filter both channels by two biquads, in place; the four recursions run in parallel."""
    b0, b1, b2, a1, a2 = sections[0]
    d0, d1, d2, c1, c2 = sections[1]
    ls1, ls2, lt1, lt2, rs1, rs2, rt1, rt2 = state
    for n in range(left.size):
        x, v = np.float64(left[n]), np.float64(right[n])
        y, w = b0 * x + ls1, b0 * v + rs1
        ls1, rs1 = b1 * x - a1 * y + ls2, b1 * v - a1 * w + rs2
        ls2, rs2 = b2 * x - a2 * y, b2 * v - a2 * w
        z, u = d0 * y + lt1, d0 * w + rt1
        lt1, rt1 = d1 * y - c1 * z + lt2, d1 * w - c1 * u + rt2
        lt2, rt2 = d2 * y - c2 * z, d2 * w - c2 * u
        left[n] = z
        right[n] = u  # for a single channel, left and right have the same value
    state[:] = np.array([ls1, ls2, lt1, lt2, rs1, rs2, rt1, rt2])
    for i in range(8):
        if abs(state[i]) < _STATE_FLOOR:
            state[i] = 0.0


def response_db(
    bands: Sequence[EqBand],
    frequency_hz: npt.ArrayLike,
    sample_rate: int,
    design: Design = "matched",
) -> Array:
    """Gain of all bands together in dB at each frequency, as :func:`apply_eq` applies them."""
    omega = 2 * np.pi * np.atleast_1d(np.asarray(frequency_hz, dtype=np.float64)) / sample_rate
    z = np.exp(-1j * omega)
    total = np.zeros(omega.shape)
    for b0, b1, b2, a1, a2 in _sections(tuple(bands), sample_rate, design):
        gain = (b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z)
        total += 20 * np.log10(np.abs(gain))
    return total


@lru_cache(maxsize=256)
def _sections(bands: tuple[EqBand, ...], sample_rate: int, design: Design) -> Array:
    """For each band that has an effect at this sample rate: b0, b1, b2, a1, a2 (with a0 = 1)."""
    peak = matched_peak if design == "matched" else rbj_peak
    highest_hz = HIGHEST_CENTRE * sample_rate / 2
    rows = [
        peak(band, sample_rate)
        for band in bands
        if band.gain_db != 0 and band.frequency_hz <= highest_hz
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), 5)


def matched_peak(band: EqBand, sample_rate: int) -> tuple[float, ...]:
    """Coefficients b0, b1, b2, a1, a2 of a band, matched to the analogue peak filter [1]_."""
    boost = _matched_boost(band.frequency_hz, abs(band.gain_db), band.q, sample_rate)
    if band.gain_db >= 0:
        return boost
    b0, b1, b2, a1, a2 = boost
    return (1 / b0, a1 / b0, a2 / b0, b1 / b0, b2 / b0)


def _matched_boost(
    frequency_hz: float, gain_db: float, q: float, sample_rate: int
) -> tuple[float, ...]:
    """Poles by impulse invariance; zeros from slope, gain at 0 Hz and gain at the centre."""
    gain = 10 ** (gain_db / 20)
    omega = 2 * math.pi * frequency_hz / sample_rate
    damping = 1 / (2 * q * math.sqrt(gain))
    if damping <= 1:
        turn = math.cos(math.sqrt(1 - damping**2) * omega)
    else:
        turn = math.cosh(math.sqrt(damping**2 - 1) * omega)
    a1, a2 = -2 * math.exp(-damping * omega) * turn, math.exp(-2 * damping * omega)
    phi1 = math.sin(omega / 2) ** 2
    phi0 = 1 - phi1
    phi2 = 4 * phi0 * phi1
    den0, den1, den2 = (1 + a1 + a2) ** 2, (1 - a1 + a2) ** 2, -4 * a2
    at_centre = (den0 * phi0 + den1 * phi1 + den2 * phi2) * gain**2
    slope = (-den0 + den1 + 4 * (phi0 - phi1) * den2) * gain**2
    num2 = (at_centre - slope * phi1 - den0) / (4 * phi1**2)
    num1 = max(slope + den0 - 4 * (phi0 - phi1) * num2, 0.0)
    half = (math.sqrt(den0) + math.sqrt(num1)) / 2
    b0 = (half + math.sqrt(max(half**2 + num2, 0.0))) / 2
    return (b0, (math.sqrt(den0) - math.sqrt(num1)) / 2, -num2 / (4 * b0), a1, a2)


def rbj_peak(band: EqBand, sample_rate: int) -> tuple[float, ...]:
    """Coefficients b0, b1, b2, a1, a2 of a band, by the bilinear transform [2]_."""
    omega = 2 * math.pi * band.frequency_hz / sample_rate
    alpha = math.sin(omega) / (2 * band.q)
    a = 10 ** (band.gain_db / 40)
    a0, middle = 1 + alpha / a, -2 * math.cos(omega)
    return (
        (1 + alpha * a) / a0,
        middle / a0,
        (1 - alpha * a) / a0,
        middle / a0,
        (1 - alpha / a) / a0,
    )
