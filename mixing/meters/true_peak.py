"""True peak: highest point of the waveform, also between samples, as after analogue conversion.

Method
------
BS.1770 Annex 2: oversample with a polyphase FIR filter and take the largest magnitude. Annex 2 of
BS.1770 requires at least 192 kHz (four times 48 kHz), and prints a filter with 12 taps per phase.
At every sample rate from 32 to 96 kHz, mixtrial uses eight phases of 32 taps. For a tone near 20
kHz, a filter with four phases can give a true peak that is up to 0.5 dB too low. The ripple of the
filter printed in BS.1770 can make the true peak up to 0.05 dB too high.

Parts of the audio that cannot contain the peak are skipped. The magnitude of an interpolated value
is at most ``a b + c d``. In ``a b + c d``, ``a`` is the largest of the four nearest samples, and
``b`` is the sum of magnitudes of the four inner taps of the filter. In ``a b + c d``, ``c`` is the
largest sample under the whole filter, and ``d`` is the sum of magnitudes of the other taps.
Skipping does not change the result, but saves most of the computing time.

References
----------
.. [1] ITU-R BS.1770-5, Annex 2.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio
from mixing.compiled import compiled

Phases: TypeAlias = npt.NDArray[np.float32]

OVERSAMPLING = 8
TAPS_PER_PHASE = 32
# with 32 taps per phase, the ripple is below 0.01 dB up to 0.43 of the sample rate
KAISER_BETA = 7.0
_PIECE = 1 << 18  # number of samples of a channel that are processed at once
_STRETCH = 64  # number of neighbouring samples that are measured together or skipped together
_INNER = slice(TAPS_PER_PHASE // 2 - 2, TAPS_PER_PHASE // 2 + 2)


def true_peak_dbtp(audio: Audio) -> float:
    """Largest magnitude of the waveform over all channels, in dB relative to full scale.

    The true peak of silence and of empty audio is −inf. NaN samples are ignored by this meter; the
    loudness meters refuse NaN samples. The waveform is assumed to be silent before and after the
    audio.
    """
    peak = true_peak(audio)
    return 20 * math.log10(peak) if peak > 0 else -math.inf


def true_peak(audio: Audio) -> float:
    """Largest magnitude of the reconstructed waveform over all channels (1 = full scale)."""
    if audio.size == 0:
        return 0.0
    phases = _interpolator()
    inner = np.abs(phases[:, _INNER])
    near = float(inner.sum(axis=1).max())
    far = float((np.abs(phases).sum(axis=1) - inner.sum(axis=1)).max())
    # The largest sample is searched first: the larger the known peak, the more samples can be
    # skipped.
    peak = max(float(_largest_of_stretches(channel).max()) for channel in audio)
    for channel in audio:
        # the song is padded piece by piece, because a padded copy of the whole song would need much
        # memory; neighbouring pieces overlap by the length of the filter
        for start in range(0, channel.size, _PIECE):
            padded = np.zeros(_PIECE + 2 * _STRETCH, dtype=np.float32)
            first, last = max(start - TAPS_PER_PHASE, 0), start + _PIECE + TAPS_PER_PHASE
            piece = channel[first:last]
            offset = first - (start - TAPS_PER_PHASE)
            padded[offset : offset + piece.size] = piece
            largest = _largest_of_stretches(padded)
            peak = max(peak, float(_interpolated_peak(padded, largest, phases, near, far, peak)))
    return peak


@lru_cache(maxsize=1)
def _interpolator() -> Phases:
    """Windowed-sinc filters for the positions 1/8 … 7/8 between two samples, one per row."""
    taps = np.arange(TAPS_PER_PHASE)[None, :] - (TAPS_PER_PHASE // 2 - 1)
    position = taps - np.arange(1, OVERSAMPLING)[:, None] / OVERSAMPLING
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1 - (2 * position / TAPS_PER_PHASE) ** 2, 0, 1)))
    filters = np.sinc(position) * window
    return np.ascontiguousarray(filters / filters.sum(axis=1, keepdims=True), dtype=np.float32)


@compiled("finite")
def _largest_of_stretches(samples: Audio) -> Audio:
    """Largest magnitude of each stretch of samples; a separate loop, compiled to vector code."""
    n_whole = samples.size // _STRETCH
    largest = np.zeros(n_whole + 1, dtype=np.float32)
    for stretch in range(n_whole):
        for n in range(stretch * _STRETCH, (stretch + 1) * _STRETCH):
            largest[stretch] = max(largest[stretch], abs(samples[n]))
    for n in range(n_whole * _STRETCH, samples.size):
        largest[n_whole] = max(largest[n_whole], abs(samples[n]))
    return largest


@compiled("finite")
def _interpolated_peak(
    padded: Audio, largest: Audio, phases: Phases, near: float, far: float, peak: float
) -> float:
    middle = TAPS_PER_PHASE // 2 - 1
    for stretch in range(padded.size // _STRETCH - 1):
        # The filter also uses samples of the next stretch.
        under_filter = max(largest[stretch], largest[stretch + 1])
        if under_filter * (near + far) <= peak:
            continue
        for n in range(stretch * _STRETCH, (stretch + 1) * _STRETCH):
            at = n + middle
            left = max(abs(padded[at - 1]), abs(padded[at]))
            right = max(abs(padded[at + 1]), abs(padded[at + 2]))
            if near * max(left, right) + far * under_filter <= peak:
                continue
            for phase in range(OVERSAMPLING - 1):
                total = np.float32(0.0)
                for tap in range(TAPS_PER_PHASE):
                    total += phases[phase, tap] * padded[n + tap]
                peak = max(peak, float(abs(total)))
    return peak
