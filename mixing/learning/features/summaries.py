"""Input of a network for a song: numbers computed from all clips of the song together.

Conventions
-----------
A summary is float32 ``(N_SUMMARY,)``, in this order:

* ``SPECTRA`` (256): average spectra of backing and vocal over the clips, from
  :func:`mixing.learning.features.features.average_spectra`. In each channel, the mean from 150 Hz
  to 6 kHz is subtracted from the first average spectrum. Values of ``SPECTRA`` are limited to about
  40 dB below the subtracted mean.
* ``DYNAMICS`` (24): differences between loud and soft moments, in backing and vocal. ``DYNAMICS``
  has quantiles of K-weighted levels relative to the mean level, in windows of 3 s and of 186 ms,
  and the share of active frames.
* ``DECAY`` (65): speed of the vocal's decay in five octave bands, over 0.2, 0.4 and 0.7 s, and fall
  of the level between notes. Both the speed of the decay and the fall of the level depend on
  reverb. ``MEAN_DECAY`` (13) is the mean of ``DECAY`` over the five bands.

Values in dB are divided by 10 to get numbers near 1. A summary does not depend on the level of the
files, but it depends on level differences between clips. A summary can be computed from any number
of clips. The input of a network is the summary of the whole song.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixing.learning.features.features import (
    N_MELS,
    Clip,
    Float32,
    Float64,
    active_frames,
    mel_centres_hz,
    middle_mels,
)

SPECTRA = slice(0, 4 * N_MELS)
DYNAMICS = slice(SPECTRA.stop, SPECTRA.stop + 24)
DECAY = slice(DYNAMICS.stop, DYNAMICS.stop + 65)
MEAN_DECAY = slice(DECAY.stop, DECAY.stop + 13)
N_SUMMARY = MEAN_DECAY.stop
OF_THE_VOCAL = slice(DYNAMICS.start, DYNAMICS.start + 12)
HEARD = {
    "eq": (SPECTRA,),
    "level": (DYNAMICS,),
    "range": (OF_THE_VOCAL, MEAN_DECAY),
    "reverb": (DECAY,),
}
"""Parts of the summary that each network uses. The other parts would only help the network to
recognise songs."""

DEPTH_DB = 40.0
_SOFTNESS_DB = 2.0
_K_WEIGHT_HZ = 63.0 * 2.0 ** np.arange(9)
_K_WEIGHT_DB = (-7.5, -1.6, -0.3, 0.0, 0.0, 3.2, 4.0, 4.0, 4.0)  # octaves from 63 Hz
_WINDOW, _STEP = 16, 4  # frames: 3.0 s and 0.7 s
_GATE_DB = 20.0  # EBU Tech 3342: windows more than this many LU below the mean level are left out
_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.95)
_ZONES_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0)
_SPANS = (1, 2, 4)  # frames
_FALL_QUANTILES = (0.5, 0.75, 0.9)
_DEPTH_QUANTILES = (0.02, 0.1, 0.25, 0.5)
# decays that start more than this many dB below the band's 95 % quantile are left out
_FALL_RANGE_DB = 30.0


def summary_of(clips: Sequence[Clip], task: str) -> Float32:
    """Summary (N_SUMMARY,) of at least one clip; numbers that ``task`` does not use are 0.

    Average spectra are always included, because the simple predictors use them.
    """
    log_mel = np.stack([clip.log_mel for clip in clips])
    out = np.zeros(N_SUMMARY, dtype=np.float32)
    out[SPECTRA] = spectral_part(np.mean([clip.spectra for clip in clips], axis=0)).ravel()
    if task in ("level", "range"):
        out[DYNAMICS] = _dynamics(log_mel)
    if task in ("range", "reverb"):
        out[DECAY] = _decay(log_mel[:, 1])
        out[MEAN_DECAY] = out[DECAY].reshape(len(_ZONES_HZ), -1).mean(axis=0)
    return out


def spectral_part(spectra: Float32) -> Float32:
    """Average spectra (…, 2, 2, 64) in dB, scaled and limited for a summary."""
    shape = spectra[..., 0, :]
    shape = shape - shape[..., middle_mels()].mean(axis=-1, keepdims=True)
    above = shape + DEPTH_DB
    soft = np.maximum(above, 0) + _SOFTNESS_DB * np.log1p(np.exp(-np.abs(above) / _SOFTNESS_DB))
    out = np.stack([soft - DEPTH_DB, spectra[..., 1, :]], axis=-2) / 10
    return np.asarray(out, dtype=np.float32)


def frame_levels_db(log_mel: Float32) -> Float64:
    """K-weighted levels (…, n_frames) of log-mels (…, n_frames, 64), plus an unknown constant."""
    return _band_levels(log_mel, _k_weights()[None])[..., 0]


def _dynamics(log_mel: Float32) -> Float64:
    """The 24 numbers of ``DYNAMICS`` for clips (n_clips, 2, n_frames, 64)."""
    numbers: list[Float64] = []
    for channel in (1, 0):
        mel = log_mel[:, channel]
        level = frame_levels_db(mel)
        active = level[active_frames(mel)]
        if not active.size:
            numbers.append(np.zeros(12))
            continue
        windows = _window_levels(level)
        windows = windows[windows > _mean_level(windows) - _GATE_DB]
        loud = _mean_level(windows)
        slow = np.quantile(windows, _QUANTILES) - loud
        fast = np.quantile(active, _QUANTILES) - loud
        share = active.size / level.size
        numbers.append(np.concatenate([slow, fast, [slow[4] - slow[0], 10 * share]]))
    return np.concatenate(numbers) / 10


def _window_levels(level_db: Float64) -> Float64:
    """Levels in windows of 3 s of each clip (n_clips, n_frames), joined in one array."""
    power = 10 ** (level_db / 10)
    size = min(_WINDOW, power.shape[1])
    windows = np.lib.stride_tricks.sliding_window_view(power, size, axis=1)[:, ::_STEP]
    return np.asarray(10 * np.log10(windows.mean(axis=-1)).ravel())


def _mean_level(level_db: Float64) -> float:
    return float(10 * np.log10(np.mean(10 ** (level_db / 10))))


def _decay(vocal_mel: Float32) -> Float64:
    """The 65 numbers of ``DECAY`` for clips (n_clips, n_frames, 64) of the vocal."""
    zones = np.moveaxis(_band_levels(vocal_mel, _zone_weights()), -1, 0)  # (5, n_clips, n_frames)
    numbers = []
    for zone in zones:
        relative = np.maximum(zone - np.quantile(zone, 0.95), -70.0)
        for span in _SPANS:
            fall = relative[:, :-span] - relative[:, span:]
            heard = fall[(relative[:, :-span] > -_FALL_RANGE_DB) & (fall > 0)] / span
            usable = heard if heard.size else np.array([1.0])
            numbers.append(np.log(np.quantile(usable, _FALL_QUANTILES) + 0.1))
        numbers.append(np.quantile(relative, _DEPTH_QUANTILES) / 10)
    return np.concatenate(numbers)


def _band_levels(log_mel: Float32, weights: Float64) -> Float64:
    """Levels in dB: weighted sums of the powers of triangles, (…, n_bands)."""
    power = 10 ** (np.asarray(log_mel, dtype=np.float64) / 10)
    return np.asarray(10 * np.log10(power @ weights.T + 1e-12))


def _k_weights() -> Float64:
    """Weight of each triangle in the K-weighted power: its width in Hz times the filter's gain."""
    gain_db = np.interp(np.log(mel_centres_hz(44_100)), np.log(_K_WEIGHT_HZ), _K_WEIGHT_DB)
    return np.asarray(_widths_hz() * 10 ** (gain_db / 10))


def _zone_weights() -> Float64:
    """Weights (5, 64) for summing the triangles within each octave."""
    distance = np.abs(np.log2(mel_centres_hz(44_100) / np.array(_ZONES_HZ)[:, None]))
    return np.asarray((distance <= 0.5) * _widths_hz())


def _widths_hz() -> Float64:
    return np.asarray(np.gradient(mel_centres_hz(44_100)))
