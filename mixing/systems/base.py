"""Interface of all mixing systems.

A system is a module of this package that contains three things:

``NAME``
    name in study files and commands (``"baseline"``);
``create(settings)``
    returns an object with ``mix(song) -> Mix``; slow imports belong inside it;
a class that implements :class:`MixingSystem`.

``TAKES_WEIGHTS = True`` means that the system uses networks, so a folder of weights in the settings
changes the mixes of the system. ``TAKES_REFERENCE = True`` means that the system imitates a
finished mix, which the settings must contain.
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
    """Inputs of a mixing system besides the song.

    Parameters
    ----------
    profile
        Profile (set of constants and methods), ``li2022`` or ``corrected``.
    seed
        Random seed; only the system ``random`` uses the seed.
    reference
        File for the system ``human`` (a finished mix, or parameters as JSON) or for the system
        ``match`` (a finished mix). Systems other than ``human`` and ``match`` do not use this file.
    weights
        Folder of trained networks, for a system that uses networks. If None, the networks that come
        with mixtrial are used.
    amounts
        For each stage of the chain, the share that is applied; and a requested balance.
    """

    profile: Profile = CORRECTED
    seed: int = 0
    reference: Path | None = None
    weights: Path | None = None
    amounts: Amounts = WHOLE


class MixingSystem(Protocol):
    """A system that makes a mix from a vocal and a backing."""

    def mix(self, song: Song) -> Mix:
        """Return the mix of ``song``. Raise ``AudioError`` if the song cannot be mixed."""
        ...
