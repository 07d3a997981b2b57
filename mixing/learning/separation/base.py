"""Interface of separation models, and the processing before and after a model.

Conventions
-----------
The input of a model is stereo at its own sample rate, its output is the vocal. The backing is the
mix minus the vocal, that is, **the rest** of the mix. Vocal and backing therefore add up to the
mix, even if the model makes errors.

Contents, in reading order: ``Separator`` (the interface) and ``separated`` (the separation of any
song at any sample rate). Models are opened by name in :mod:`mixing.learning.separation.registry`.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import scipy

from mixing.audio import MIN_DURATION_S, Audio, AudioError, Song, as_stereo


class SeparationError(AudioError):
    """Error for a model that is missing or cannot be used; the message is one sentence."""


class Separator(Protocol):
    """A model that separates the vocal from a mix.

    ``name`` identifies the model and its weights: models with the same name always give the same
    vocal. ``sample_rate`` is the sample rate of the model in Hz.
    """

    @property
    def name(self) -> str:
        """Name of model and weights, for example ``"spleeter 3f2a9c01"``."""

    @property
    def sample_rate(self) -> int:
        """Sample rate, in Hz, of the input and output of ``vocal_of``."""

    def vocal_of(self, mix: Audio) -> Audio:
        """Vocal (2, n_samples) of a mix (2, n_samples) at the model's sample rate."""


def separated(mix: Audio, sample_rate: int, separator: Separator) -> Song:
    """Vocal and backing of a finished mix, with the sample rate and length of the mix.

    Parameters
    ----------
    mix
        Shape (1 or 2, n_samples).

    Raises
    ------
    AudioError
        The mix lasts less than 3 s, or is silent.
    """
    if mix.shape[1] < MIN_DURATION_S * sample_rate:
        seconds = mix.shape[1] / sample_rate
        raise AudioError(f"The mix lasts {seconds:.2f} s; at least 3 s are needed.")
    if not mix.any():
        raise AudioError("The mix is silent.")
    stereo = as_stereo(mix)
    heard = _resampled(stereo, sample_rate, separator.sample_rate)
    vocal = _resampled(separator.vocal_of(heard), separator.sample_rate, sample_rate)
    vocal = _as_long_as(vocal, stereo.shape[1])
    return Song(vocal, stereo - vocal, sample_rate)


def _resampled(audio: Audio, from_rate: int, to_rate: int) -> Audio:
    """``audio`` at another sample rate; the same array if both rates are equal."""
    if from_rate == to_rate:
        return audio
    common = math.gcd(from_rate, to_rate)
    out = scipy.signal.resample_poly(audio, to_rate // common, from_rate // common, axis=1)
    return np.asarray(out, dtype=np.float32)


def _as_long_as(audio: Audio, n_samples: int) -> Audio:
    """``audio`` cut, or filled with silence, to a length of ``n_samples``."""
    missing = max(0, n_samples - audio.shape[1])
    return np.pad(audio[:, :n_samples], ((0, 0), (0, missing)))
