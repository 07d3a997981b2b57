"""Separation models by name, opened once a process."""

from __future__ import annotations

from functools import lru_cache

from mixing.learning.separation import demucs, spleeter
from mixing.learning.separation.base import SeparationError, Separator

BACKENDS = ("spleeter", "demucs")


@lru_cache(maxsize=2)
def open_separator(backend: str) -> Separator:
    """Model by name: ``spleeter``, ``demucs``, or ``auto`` for Demucs where it is at hand.

    Raises
    ------
    SeparationError
        There is no such backend, or its package or weights are missing.
    """
    if backend == "demucs":
        return demucs.load()
    if backend == "spleeter":
        return spleeter.load()
    if backend != "auto":
        raise SeparationError(
            f"there is no separation backend {backend!r}; choose auto, {' or '.join(BACKENDS)}"
        )
    try:
        return demucs.load()
    except SeparationError:
        return spleeter.load()
