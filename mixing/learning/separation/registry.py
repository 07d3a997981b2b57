"""Separation models by name; each model is opened once per process.

The code of a separation model is imported only when the model is opened, because torch is slow to
load and often not needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from mixing.audio import Audio
from mixing.learning.separation.base import SeparationError, Separator

BACKENDS = ("spleeter", "demucs")


@lru_cache(maxsize=2)
def open_separator(
    backend: str, model: str | None = None, weights: Path | None = None
) -> Separator:
    """Model by name: ``spleeter``, ``demucs``, or ``auto`` (Demucs if it is installed).

    ``model`` and the folder of ``weights`` are options for Demucs; see
    :func:`mixing.learning.separation.demucs.load`. If ``model`` is None, the default model is used.

    Raises
    ------
    SeparationError
        The backend does not exist, or its package or weights are missing.
    """
    if backend not in (*BACKENDS, "auto"):
        raise SeparationError(
            f"There is no separation backend {backend!r}; choose auto, {' or '.join(BACKENDS)}."
        )
    if backend == "spleeter":
        return _model("spleeter")
    try:
        return _model("demucs", **({} if model is None else {"model_name": model}), folder=weights)
    except SeparationError:
        # if the user names a folder of weights, weights from other folders are not used
        if backend == "demucs" or weights is not None:
            raise
        return _model("spleeter")


def _model(backend: str, **options: object) -> Separator:
    opened: Separator = import_module(f"mixing.learning.separation.{backend}").load(**options)
    return opened


@dataclass(frozen=True, slots=True)
class OpenedWhereUsed:
    """A model that other processes get by its name; each process opens the model itself.

    ``name`` is the expected name of the model, so that all processes use the same model.
    """

    backend: str
    name: str
    model: str | None = None
    weights: Path | None = None

    @property
    def sample_rate(self) -> int:
        """Sample rate, in Hz, of the input and output of ``vocal_of``."""
        return self._opened().sample_rate

    def vocal_of(self, mix: Audio) -> Audio:
        """Vocal of a mix, separated by the model that this process has opened."""
        return self._opened().vocal_of(mix)

    def _opened(self) -> Separator:
        """Return the model. Raise ``SeparationError`` if this machine has another model."""
        here = open_separator(self.backend, self.model, self.weights)
        if here.name != self.name:
            raise SeparationError(
                f"This worker has the model {here.name}, but {self.name} is needed."
            )
        return here
