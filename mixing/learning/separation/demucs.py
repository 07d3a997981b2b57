"""Demucs, the better model where its package and weights are at hand.

The package (``pip install demucs``) fetches its weights when they are first asked for and keeps
them. Here it is used as it is published; without the package, or without weights and network, one
sentence says so.

References
----------
S. Rouard, F. Massa, A. Défossez: Hybrid Transformers for Music Source Separation. ICASSP (2023).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import torch

from mixing.audio import Audio
from mixing.learning.separation.base import SeparationError

MODEL = "htdemucs"


class DemucsSeparator:
    """A model of the package; see :class:`mixing.learning.separation.base.Separator`.

    Parameters
    ----------
    model
        As ``demucs.pretrained.get_model`` gives it: it has ``sources``, ``samplerate`` and
        ``audio_channels``.
    apply
        ``demucs.apply.apply_model``.
    """

    def __init__(self, model: Any, apply: Callable[..., torch.Tensor], name: str) -> None:
        if "vocals" not in model.sources or model.audio_channels != 2:
            raise SeparationError(f"{name} does not separate vocals in stereo")
        self.name = name
        self.sample_rate = int(model.samplerate)
        self._model = model
        self._apply = apply
        self._device = "cuda" if torch.cuda.is_available() else "cpu"

    def vocal_of(self, mix: Audio) -> Audio:
        """Vocal (2, n_samples) of a mix (2, n_samples) at the model's sample rate.

        The mix is brought to zero mean and unit deviation first, as in the model's training; no
        random shifts, so that the same mix gives the same vocal.
        """
        mono = mix.mean(axis=0, dtype=np.float64)
        mean, deviation = float(mono.mean()), float(mono.std()) + 1e-8
        scaled = torch.from_numpy(((mix - mean) / deviation).astype(np.float32))[None]
        with torch.inference_mode():
            sources = self._apply(
                self._model, scaled, shifts=0, split=True, overlap=0.25, device=self._device
            )
        vocal = sources[0, list(self._model.sources).index("vocals")].cpu().numpy()
        return np.asarray(vocal * deviation + mean, dtype=np.float32)


def load(model_name: str = MODEL) -> DemucsSeparator:
    """Model of the installed package, its weights fetched if need be.

    Raises
    ------
    SeparationError
        The package is not installed, or its weights are neither here nor to be had.
    """
    try:
        pretrained, apply = import_module("demucs.pretrained"), import_module("demucs.apply")
    except ImportError as error:
        raise SeparationError(
            f"the demucs backend needs the package demucs ({error}); pip install demucs, or choose "
            "spleeter"
        ) from error
    try:
        model = pretrained.get_model(model_name)
    except (Exception, SystemExit) as error:  # from four libraries, none of which promises a type
        raise SeparationError(
            f"the weights of demucs ({model_name}) are not here and cannot be fetched; choose "
            "spleeter, which works offline"
        ) from error
    return DemucsSeparator(model, apply.apply_model, f"demucs {model_name}")
