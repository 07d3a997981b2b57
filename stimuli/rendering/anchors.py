"""The anchors of a MUSHRA test: low-passed copies of the reference, aligned in time with it.

Conventions
-----------
Audio is float32 (n_channels, n_samples). No gain is applied to anchors. An anchor is a little
quieter than the reference, because the filter removes the high frequencies.

Notes
-----
ITU-R BS.1534-3, clause 5.1, requires for the low anchor: cut-off 3.5 kHz, ripple of the passband
within ±0.1 dB, at least 25 dB down at 4 kHz and 50 dB at 4.5 kHz; for the mid anchor a cut-off of 7
kHz, for which we use the same mask in proportion (8 and 9 kHz).

The filter is a windowed sinc (Kaiser, 60 dB) of odd length. The filter has linear phase and is
symmetric about its middle sample. The convolution is centred on the middle sample of the filter.
The delay of the filter is the same at all frequencies, and is exactly compensated. The
transition band of the filter is from the cut-off to 8/7 of the cut-off. At 8/7 of the cut-off, the
Recommendation requires an attenuation of 25 dB. Above 8/7 of the cut-off, the attenuation of the
filter reaches 60 dB.

References
----------
.. [1] ITU-R BS.1534-3 (10/2015), Method for the subjective assessment of intermediate quality
   level of audio systems.
.. [2] J. F. Kaiser (1974), "Nonrecursive digital filter design using the I0-sinh window function",
   Proc. IEEE Symp. Circuits and Systems, 20-23.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

from mixing.audio import Audio

ANCHOR_VERSION = 1
"""Raised when anchors must be made again."""

STOP_RATIO = 8 / 7
"""Start of the stopband over the cut-off: 4 kHz for 3.5 kHz."""

STOP_DB = 60.0


@lru_cache(maxsize=8)
def anchor_filter(cutoff_hz: float, sample_rate: int) -> NDArray[np.float64]:
    """Coefficients of the low-pass filter, symmetric and odd in number.

    Parameters
    ----------
    cutoff_hz
        Upper end of the passband.
    sample_rate
        Sample rate in Hz, at least 2.5 times the cut-off.

    Raises
    ------
    ValueError
        The sample rate is too low for the cut-off.
    """
    stop_hz, nyquist_hz = cutoff_hz * STOP_RATIO, sample_rate / 2
    if sample_rate < 2.5 * cutoff_hz:
        raise ValueError(
            f"The sample rate {sample_rate} Hz is too low for an anchor with a "
            f"cut-off of {cutoff_hz:g} Hz."
        )
    n_taps, beta = scipy.signal.kaiserord(STOP_DB, (stop_hz - cutoff_hz) / nyquist_hz)
    middle_hz = (cutoff_hz + stop_hz) / 2
    taps = scipy.signal.firwin(n_taps | 1, middle_hz, window=("kaiser", beta), fs=sample_rate)
    return np.asarray(taps, dtype=np.float64)


def low_passed(audio: Audio, sample_rate: int, cutoff_hz: float) -> Audio:
    """Low-pass ``audio`` (n_channels, n_samples); the output has no delay and the same length."""
    taps = anchor_filter(cutoff_hz, sample_rate)
    n_half = len(taps) // 2
    padded = np.pad(audio.astype(np.float64), ((0, 0), (n_half, n_half)))
    filtered = scipy.signal.oaconvolve(padded, taps[np.newaxis], mode="valid", axes=1)
    return np.asarray(filtered, dtype=np.float32)
