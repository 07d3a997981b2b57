"""Interface of all mixing systems.

A system is one module of this package that contains three things:

``NAME``
    name in study files and commands (``"baseline"``);
``create(settings)``
    returns an object with ``mix(song) -> Mix``; slow imports belong inside it;
a class that implements :class:`MixingSystem`.

``TAKES_WEIGHTS = True`` means that a folder of weights in the settings changes the system's mixes.
``TAKES_REFERENCE = True`` means that the system imitates the finished mix in the settings and needs
one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mixing.audio import Song
from mixing.decisions import WHOLE, Amounts
from mixing.parameters import Mix
from mixing.profiles import CORRECTED, Profile


@dataclass(frozen=True, slots=True)
class SystemSettings:
    """Inputs of a system besides the song.

    Parameters
    ----------
    profile
        Set of constants and variants, ``li2022`` or ``corrected``.
    seed
        Seed of the random draws; only ``random`` uses it.
    reference
        File for the human slot (a finished mix as audio, or parameters as JSON) or for ``match`` (a
        finished mix). Systems other than ``human`` and ``match`` ignore the file.
    weights
        Folder of trained networks for a system that uses networks; None: the networks that come
        with mixtrial.
    amounts
        Strength of each stage of the chain, and a requested balance.
    """

    profile: Profile = CORRECTED
    seed: int = 0
    reference: Path | None = None
    weights: Path | None = None
    amounts: Amounts = WHOLE


class MixingSystem(Protocol):
    """Any system that makes a mix from a vocal and a backing."""

    def mix(self, song: Song) -> Mix:
        """Return the mix of ``song``; raise ``AudioError`` if the song cannot be mixed."""
        ...
