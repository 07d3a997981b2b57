"""Input of the networks: log-mel spectra of backing and vocal, divided into clips.

Conventions
-----------
A log-mel spectrum is float32 ``(n_frames, 64)`` in dB, 64 triangles from 30 Hz to 20 kHz (at most
the Nyquist frequency), one frame every 186 ms: the power of eight neighbouring FFT frames is
averaged before the logarithm. A clip consists of 10 s of backing and vocal, ``(2, 54, 64)``; the
**backing comes first**. A network uses spectra and their changes over time, and does not depend on
the level of a file.

Contents, in reading order: ``mel_weights``, ``power_spectra``, ``log_mel_of``, ``clips_of``,
``filtered_log_mel``, ``average_spectra`` and ``picture_of``.
:mod:`mixing.learning.features.summaries` computes the input for a whole song from its clips.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

from mixing.audio import Audio

Float32: TypeAlias = npt.NDArray[np.float32]
Float64: TypeAlias = npt.NDArray[np.float64]

N_MELS = 64
LOWEST_HZ, HIGHEST_HZ = 30.0, 20_000.0
# FFT size for sample rates up to 50 kHz. Above 50 kHz the FFT size is doubled, so that a frequency
# bin stays about 22 Hz wide.
FFT_SIZE = 2048
FRAMES_AVERAGED = 8
CLIP_FRAMES = 54  # 10 s
MIDDLE_HZ = (150.0, 6000.0)
# frames more than this many dB below the loudest frame are treated as silence
ACTIVE_RANGE_DB = 35.0
MIN_ACTIVE_SHARE = 0.3  # clips with a smaller share of active frames are not used
TOO_LITTLE_VOCAL = "The song has no section of 10 s with 3 s of audible vocal."
POWER_FLOOR = 1e-13  # a floor of -130 dB is low enough to show cuts in the quietest bands


@dataclass(frozen=True)
class Clip:
    """Ten seconds of a song: log-mels (2, 54, 64), and the vocal's power spectra (54, n_bins).

    From the power spectra, :func:`filtered_log_mel` computes the effect of a filter; the audio
    itself is not filtered. Clips from a prepared dataset have no power spectra.
    """

    log_mel: Float32
    vocal_power: Float32 | None

    @cached_property
    def spectra(self) -> Float32:
        """Two average spectra of each channel in dB, (2, 2, 64), from :func:`average_spectra`."""
        return average_spectra(self.log_mel)


def mel(frequency_hz: npt.ArrayLike) -> Float64:
    """Pitch in mel: ``2595 log10(1 + f / 700)`` (O'Shaughnessy 1987)."""
    return np.asarray(2595 * np.log10(1 + np.asarray(frequency_hz, dtype=np.float64) / 700))


def mel_centres_hz(sample_rate: int) -> Float64:
    """Centre frequency of each of the 64 mel triangles, in Hz."""
    return _mel_edges_hz(sample_rate)[1:-1]


@lru_cache(maxsize=4)
def mel_weights(sample_rate: int) -> Float32:
    """Triangular weights (64, n_bins), read-only; the weights of each triangle add up to 1."""
    edges = _mel_edges_hz(sample_rate)
    frequency = bin_frequencies_hz(sample_rate)
    lower, centre, upper = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (frequency - lower) / (centre - lower)
    falling = (upper - frequency) / (upper - centre)
    weights = np.maximum(0.0, np.minimum(rising, falling))
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    out = weights.astype(np.float32)
    out.setflags(write=False)
    return out


def bin_frequencies_hz(sample_rate: int) -> Float64:
    """Frequency of each FFT bin, in Hz."""
    return np.asarray(fft.rfftfreq(_fft_size(sample_rate), 1 / sample_rate))


def power_spectra(audio: Audio, sample_rate: int) -> Float32:
    """Power spectra (n_frames, n_bins) of the mean of the channels, averaged over eight FFT frames.

    The last frame is left out if it is incomplete. Audio shorter than one frame has no spectra.
    """
    size = _fft_size(sample_rate)
    hop = size // 2
    n_frames = max(audio.shape[1] // hop - 1, 0) // FRAMES_AVERAGED
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    out = np.empty((n_frames, size // 2 + 1), dtype=np.float32)
    # spectra are computed piece by piece, so that a long song does not need more memory
    for start in range(0, n_frames, 64):
        stop = min(start + 64, n_frames)
        first, last = start * FRAMES_AVERAGED * hop, (stop * FRAMES_AVERAGED + 1) * hop
        mono = audio[:, first:last].mean(axis=0, dtype=np.float32)
        block = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop] * window
        power = np.square(np.abs(fft.rfft(block, axis=1))) / (size * size / 16)
        out[start:stop] = power.reshape(stop - start, FRAMES_AVERAGED, -1).mean(axis=1)
    return out


def log_mel(power: Float32, sample_rate: int) -> Float32:
    """Log-mel spectrum (n_frames, 64) in dB, from power spectra (n_frames, n_bins)."""
    return np.asarray(10 * np.log10(power @ mel_weights(sample_rate).T + POWER_FLOOR))


def log_mel_of(audio: Audio, sample_rate: int) -> Float32:
    """Log-mel spectrum (n_frames, 64) in dB, from audio (n_channels, n_samples)."""
    return log_mel(power_spectra(audio, sample_rate), sample_rate)


def clips_of(vocal: Audio, backing_mel: Float32, sample_rate: int) -> tuple[Clip, ...]:
    """Clips of a song, one every 5 s; the vocal sings in at least 30 % of each clip.

    Parameters
    ----------
    vocal
        Shape (n_channels, n_samples).
    backing_mel
        Log-mel spectrum of the backing, computed by :func:`log_mel_of`; it must be as long as the
        vocal's log-mel spectrum.

    Notes
    -----
    A song shorter than 10 s is repeated to fill one clip; a song without an active vocal has
    no clip.
    """
    vocal_power = power_spectra(vocal, sample_rate)
    both = np.stack([backing_mel, log_mel(vocal_power, sample_rate)])
    if both.shape[1] == 0:
        return ()
    if both.shape[1] < CLIP_FRAMES:
        indices = np.arange(CLIP_FRAMES) % both.shape[1]
        both, vocal_power = both[:, indices], vocal_power[indices]
    active = active_frames(both[1])
    clips = []
    for start in range(0, both.shape[1] - CLIP_FRAMES + 1, CLIP_FRAMES // 2):
        part = slice(start, start + CLIP_FRAMES)
        if active[part].mean() >= MIN_ACTIVE_SHARE:
            clips.append(Clip(both[:, part].astype(np.float32), vocal_power[part]))
    return tuple(clips)


def active_frames(mel_db: Float32) -> npt.NDArray[np.bool_]:
    """True for frames above the floor and within 35 dB of the loudest frame; (…, n_frames)."""
    level_db = _level_db(mel_db)
    loudest = level_db.max(axis=-1, keepdims=True)
    return np.asarray((level_db > loudest - ACTIVE_RANGE_DB) & (level_db > -75.0))


def filtered_log_mel(clip: Clip, gain_db: Float64, sample_rate: int) -> Float32:
    """Log-mel spectrum of a clip's vocal (54, 64), as if a filter had been applied to the audio.

    Parameters
    ----------
    gain_db
        Gain of the filter in dB at each FFT bin.

    Notes
    -----
    The filter is applied to the power spectra before the triangles: it is exact except for the
    window's leakage into neighbouring bins. Without power spectra, the function assumes a white
    spectrum within each triangle.
    """
    if clip.vocal_power is None:
        gain = mel_weights(sample_rate).astype(np.float64) @ 10 ** (gain_db / 10)
        return np.asarray(clip.log_mel[1] + 10 * np.log10(gain + POWER_FLOOR), dtype=np.float32)
    return log_mel(clip.vocal_power * (10 ** (gain_db / 10)).astype(np.float32), sample_rate)


def average_spectra(log_mel_db: Float32) -> Float32:
    """Two average spectra per channel over active frames: (n_channels, 2, 64).

    The first average spectrum is the mean over the levels in dB. The second average spectrum is the
    mean over the powers, converted to dB, minus the first average spectrum. The second average
    spectrum is large in bands with occasional sound, and small in bands with steady sound. A filter
    changes the first average spectrum, but not the second. Active frames are selected by their mean
    level in dB from 150 Hz to 6 kHz. A filter changes the mean level from 150 Hz to 6 kHz equally
    in all frames.
    """
    middle = log_mel_db[:, :, middle_mels()].mean(axis=2)
    out = np.zeros((len(log_mel_db), 2, log_mel_db.shape[2]), dtype=np.float32)
    for channel, level_db in enumerate(middle):
        frames = log_mel_db[channel, level_db > level_db.max() - ACTIVE_RANGE_DB]
        out[channel, 0] = frames.mean(axis=0)
        out[channel, 1] = 10 * np.log10(np.mean(10 ** (frames / 10), axis=0)) - out[channel, 0]
    return out


@lru_cache(maxsize=1)
def middle_mels() -> npt.NDArray[np.bool_]:
    """True for the triangles from 150 Hz to 6 kHz, the range of voices."""
    centres = mel_centres_hz(44_100)
    return np.asarray((centres >= MIDDLE_HZ[0]) & (centres <= MIDDLE_HZ[1]))


def picture_of(log_mel_db: Float32) -> Float32:
    """A clip as input for Li's (2022) network: (2, 54, 64), with values near ±1.

    In each channel, the mean level of its active frames is subtracted.
    """
    level_db = _level_db(log_mel_db)
    active = active_frames(log_mel_db)
    count = np.maximum(active.sum(axis=1), 1)
    reference = (level_db * active).sum(axis=1) / count
    relative = np.clip(log_mel_db - reference[:, None, None], -80.0, 20.0)
    return np.asarray((relative + 35) / 20, dtype=np.float32)


def _level_db(mel_db: Float32) -> Float32:
    """Level of each frame in dB, from the sum of the triangles' powers."""
    return np.asarray(10 * np.log10(np.sum(10 ** (mel_db / 10), axis=-1)))


def _fft_size(sample_rate: int) -> int:
    return FFT_SIZE if sample_rate <= 50_000 else 2 * FFT_SIZE


def _mel_edges_hz(sample_rate: int) -> Float64:
    """The 66 corner frequencies of the triangles, evenly spaced in mel."""
    highest = min(HIGHEST_HZ, sample_rate / 2)
    corners = np.linspace(float(mel(LOWEST_HZ)), float(mel(highest)), N_MELS + 2)
    return np.asarray(700 * (10 ** (corners / 2595) - 1))
