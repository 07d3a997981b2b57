"""Estimation of a finished vocal's reverb: decay time in each octave band, and level of the tail.

Method
------
In pauses and at the ends of notes a voice falls no faster than its room lets it. The envelope of
each octave band (in steps of 10 ms) shows the reverb in two ways. First, the envelope decays with a
certain slope, which is measured over spans of 0.1, 0.2 and 0.4 s. Second, the envelope falls by a
certain depth between notes. The features are quantiles of the slope and of the depth. A network
with two hidden layers converts the features into decay times and a level. The estimator was trained
on dry vocals in simulated rooms made of noise (:mod:`mixing.learning.reverb_targets.training`). A
long vocal is divided into pieces of 15 s, and the results of the pieces are averaged.

``docs/dataset.md`` describes the errors and the limits of the estimator.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load
from scipy import fft

from mixing.audio import Audio, AudioError
from mixing.learning.reverb_targets.decay_model import BANDS_HZ, Float64
from mixing.learning.weight_files import WeightsError

WEIGHTS = Path(__file__).parent / "blind.safetensors"

FRAMES_PER_S = 100
WINDOW_S = 0.023
SPANS = (10, 20, 40)  # numbers of frames over which the slope of a decay is measured
SLOPE_QUANTILES = (0.02, 0.05, 0.1, 0.25, 0.5, 0.75)
LEVEL_QUANTILES = (0.02, 0.1, 0.25, 0.5, 0.75)
# decays that start more than this many dB below the vocal's 95 % quantile are treated as noise
HEARD_RANGE_DB = 45.0
MIN_DURATION_S = 5.0
PIECE_S = 15.0
# pieces below this level, relative to the loudest piece, have too little singing in them
QUIET_PIECE_DB = -20.0
# a vocal may differ from the training vocals by at most this many standard deviations
FEATURE_LIMIT = 3.0

Weights = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class HeardReverb:
    """Reverb of a vocal: T60 in each of ``BANDS_HZ``, and energy ratio of tail to direct sound."""

    decay_time_s: tuple[float, ...]
    level_db: float


def hear_reverb(vocal: Audio, sample_rate: int) -> HeardReverb:
    """Estimate the reverb in a vocal (n_channels, n_samples) with a sample rate of 32 kHz or more.

    Raises
    ------
    AudioError
        The vocal is silent, or lasts less than 5 s.
    WeightsError
        The weights are missing, or are not the weights that were evaluated.
    """
    pieces = _pieces(vocal, sample_rate)
    features = np.stack([reverb_features(piece, sample_rate) for piece in pieces])
    outputs = answer(read_weights(), features).mean(axis=0)
    return HeardReverb(tuple(np.exp(outputs[:-1]).tolist()), float(outputs[-1]))


def answer(weights: Weights, features: Float64) -> Float64:
    """Logarithms of decay times, and then the tail level in dB: (n, 6) for features (n, 115)."""
    x = (features - weights["feature_mean"]) / weights["feature_deviation"]
    x = np.clip(x, -FEATURE_LIMIT, FEATURE_LIMIT)
    for layer in ("0", "1"):
        x = np.maximum(x @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"], 0)
    x = x @ weights["2.weight"].T + weights["2.bias"]
    return np.asarray(x * weights["output_deviation"] + weights["output_mean"], dtype=np.float64)


@lru_cache(maxsize=1)
def read_weights() -> Weights:
    """Shipped weights, checked against the SHA-256 in ``blind.json``. Raises ``WeightsError``."""
    try:
        content = WEIGHTS.read_bytes()
        wanted = json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"The weights {WEIGHTS.name} or their card are missing.") from error
    if hashlib.sha256(content).hexdigest() != wanted:
        raise WeightsError(f"{WEIGHTS.name} is not the file that was evaluated.")
    return dict(load(content))


def _pieces(vocal: Audio, sample_rate: int) -> list[Audio]:
    """Pieces of 15 s, without quiet pieces; a vocal shorter than 30 s is one piece."""
    n_pieces = max(1, int(vocal.shape[1] / sample_rate / PIECE_S))
    pieces = np.array_split(vocal, n_pieces, axis=1)
    power = np.array([np.square(piece, dtype=np.float64).mean() for piece in pieces])
    loud = power > power.max() * 10 ** (QUIET_PIECE_DB / 10)
    return [piece for piece, kept in zip(pieces, loud, strict=True) if kept] or pieces


def reverb_features(vocal: Audio, sample_rate: int) -> Float64:
    """Features of a vocal (n_channels, n_samples) for the regression: 5 bands × 23 numbers.

    Raises
    ------
    AudioError
        The vocal is silent, or lasts less than 5 s.
    """
    if vocal.shape[1] < MIN_DURATION_S * sample_rate:
        raise AudioError("The vocal is too short to estimate its reverb; at least 5 s are needed.")
    if not vocal.any():
        raise AudioError("The vocal is silent, so its reverb cannot be estimated.")
    return np.concatenate([_band_features(level) for level in band_levels_db(vocal, sample_rate)])


def band_levels_db(vocal: Audio, sample_rate: int) -> Float64:
    """Levels (n_bands, n_frames) of the octave bands in dB, in 100 frames per second."""
    mono = vocal.mean(axis=0, dtype=np.float32)
    size = 2 ** round(math.log2(WINDOW_S * sample_rate))
    hop = sample_rate // FRAMES_PER_S
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop]
    power = np.square(np.abs(fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1)))
    frequency = fft.rfftfreq(size, 1 / sample_rate)
    bands = []
    for centre_hz in BANDS_HZ:
        inside = (frequency >= centre_hz / math.sqrt(2)) & (frequency < centre_hz * math.sqrt(2))
        bands.append(power[:, inside].sum(axis=1))
    levels = 10 * np.log10(np.array(bands, dtype=np.float64) + 1e-12)
    return np.asarray(levels)


def _band_features(level_db: Float64) -> Float64:
    """Quantiles of decay slopes (as logarithms of decay times), and quantiles of levels."""
    relative_db = np.maximum(level_db - np.quantile(level_db, 0.95), -90.0)
    features: list[npt.ArrayLike] = []
    for span in SPANS:
        falls = -_slopes(relative_db, span)  # dB per second
        heard = (relative_db[: falls.size] > -HEARD_RANGE_DB) & (falls > 60 / 12)
        usable = falls[heard] if heard.any() else np.array([60.0])
        features.append(np.log(60 / np.quantile(usable, SLOPE_QUANTILES)))
    features.append(np.quantile(relative_db, LEVEL_QUANTILES) / 20)
    return np.concatenate(features)


def _slopes(level_db: Float64, span: int) -> Float64:
    """Slope in dB per second of a least-squares line through every ``span`` neighbouring frames."""
    time = (np.arange(span) - (span - 1) / 2) / FRAMES_PER_S
    return np.asarray(np.convolve(level_db, time[::-1] / np.square(time).sum(), mode="valid"))
