"""Octave-band levels of a vocal and its backing in each frame, for the masking rules.

Conventions
-----------
Nine octave bands around 63 Hz … 16 kHz, with edges a factor of √2 away from the centre (the top
edge stops at half the sample rate). The frames are about 93 ms long, overlap by half, and are
multiplied by a Hann window. The power of a band is a weighted sum over the power spectrum of the
frame; the weights are the squared response of a second-order Butterworth band-pass. Levels are in
dB relative to full scale. Vocal and backing are averaged to mono.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.signal import butter, sosfreqz

from mixing.audio import Audio
from mixing.effects.eq import BAND_FREQUENCIES_HZ
from mixing.meters.k_weighting import k_filter

Array: TypeAlias = npt.NDArray[np.float64]

FRAME_S = 0.093  # a frame has 4096 samples at 44.1 kHz; Li (2022) used blocks of 100 ms
# number of frames in a song of 37 s; a longer song is represented by this number of evenly spaced
# frames
MAX_FRAMES = 800
SILENCE_DB = -140.0  # level of a band without any power
_FRAMES_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class BandLevels:
    """Levels of vocal and backing in the same frames.

    ``vocal_db`` and ``backing_db`` have the shape (n_frames, 9). ``vocal_rms_db`` (n_frames,) is
    the level of the whole vocal. ``vocal_power`` and ``backing_power`` (n_frames,) are K-weighted
    powers.
    """

    vocal_db: Array
    backing_db: Array
    vocal_rms_db: Array
    vocal_power: Array
    backing_power: Array


def band_levels(vocal: Audio, backing: Audio, sample_rate: int) -> BandLevels:
    """Octave-band levels of two signals of equal length, each (n_channels, n_samples)."""
    length = _frame_length(sample_rate)
    n_samples = min(vocal.shape[1], backing.shape[1])
    starts = np.arange(0, max(n_samples - length, 0) + 1, length // 2)
    if starts.size > MAX_FRAMES:
        starts = starts[np.linspace(0, starts.size - 1, MAX_FRAMES).astype(np.int64)]
    vocal_powers = _weighted_powers(vocal, sample_rate, starts)
    backing_powers = _weighted_powers(backing, sample_rate, starts)
    return BandLevels(
        vocal_db=_db(vocal_powers[:, :-2]),
        backing_db=_db(backing_powers[:, :-2]),
        vocal_rms_db=_db(vocal_powers[:, -2]),
        vocal_power=vocal_powers[:, -1],
        backing_power=backing_powers[:, -1],
    )


def band_edges_hz(sample_rate: int) -> Array:
    """Lower and upper edge of each band, (9, 2); 0 for bands above half of the sample rate."""
    centres = np.array(BAND_FREQUENCIES_HZ)
    edges = np.stack([centres / np.sqrt(2), centres * np.sqrt(2)], axis=1)
    edges[:, 1] = np.minimum(edges[:, 1], 0.499 * sample_rate)
    edges[edges[:, 0] >= edges[:, 1] * 0.99] = 0
    return edges


def _frame_length(sample_rate: int) -> int:
    return int(2 ** round(np.log2(FRAME_S * sample_rate)))


def _weighted_powers(audio: Audio, sample_rate: int, starts: npt.NDArray[np.int64]) -> Array:
    """Powers of each frame: nine bands, unweighted sum and K-weighted sum; shape (n_frames, 11)."""
    length = _frame_length(sample_rate)
    if audio.shape[1] < length:
        audio = np.pad(audio, ((0, 0), (0, length - audio.shape[1])))
    window = np.hanning(length + 1)[:-1].astype(np.float32)
    weights = _bin_weights(sample_rate, length)
    powers = np.empty((starts.size, weights.shape[1]))
    frames = np.lib.stride_tricks.sliding_window_view(audio, length, axis=1)
    for first in range(0, starts.size, _FRAMES_AT_ONCE):
        mono = frames[:, starts[first : first + _FRAMES_AT_ONCE]].mean(axis=0)
        spectra = np.asarray(fft.rfft(mono * window, axis=1))
        powers[first : first + _FRAMES_AT_ONCE] = np.abs(spectra) ** 2 @ weights
    return powers


@lru_cache(maxsize=4)
def _bin_weights(sample_rate: int, length: int) -> Array:
    """For each of eleven powers, the weights of all bins' squared magnitudes, (n_bins, 11)."""
    frequency = np.arange(length // 2 + 1) * sample_rate / length
    weights = np.zeros((frequency.size, len(BAND_FREQUENCIES_HZ) + 2))
    for band, (low, high) in enumerate(band_edges_hz(sample_rate)):
        if high > 0:
            sos = butter(2, (low, high), "bandpass", fs=sample_rate, output="sos")
            weights[:, band] = np.abs(sosfreqz(sos, frequency, fs=sample_rate)[1]) ** 2
    weights[:, -2] = 1
    sos = np.insert(k_filter(sample_rate), 3, 1.0, axis=1)
    weights[:, -1] = np.abs(sosfreqz(sos, frequency, fs=sample_rate)[1]) ** 2
    # A one-sided spectrum has half of the power, so the sum is multiplied by 2. Dividing by the
    # length and by the window's energy (3/8 of the length) turns the sum over bins into the mean
    # square of the frame.
    return np.asarray(weights * 2 / (length * length * 3 / 8), dtype=np.float64)


def _db(power: Array) -> Array:
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (SILENCE_DB / 10))))
