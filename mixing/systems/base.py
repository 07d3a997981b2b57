"""Interface of all mixing systems.

A system is one module of this package with three names:

``NAME``
    name in study files and commands (``"baseline"``);
``create(settings)``
    returns an object with ``mix(song) -> Mix``; slow imports belong inside it;
a class that implements :class:`MixingSystem`.

``TAKES_WEIGHTS = True`` means that a folder of weights in its settings changes its mixes,
``TAKES_REFERENCE = True`` that it imitates the finished mix there, and needs one.
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
    """Inputs of a system apart from the song.

    Parameters
    ----------
    profile
        The constants and variants in force, ``li2022`` or ``corrected``.
    seed
        Seed of the random draws; only ``random`` uses it.
    reference
        File of the human slot, a finished mix (audio) or parameters (JSON), and of ``match``, a
        finished mix. Others ignore it.
    weights
        Folder of trained networks for a system that takes them; None: those that come with it.
    amounts
        Strength of each stage of the chain, and a requested balance.
    """

    profile: Profile = CORRECTED
    seed: int = 0
    reference: Path | None = None
    weights: Path | None = None
    amounts: Amounts = WHOLE


class MixingSystem(Protocol):
    """Anything that turns a vocal and a backing into a mix."""

    def mix(self, song: Song) -> Mix:
        """Return the mix of ``song``; raise ``AudioError`` when the song cannot be mixed."""
        ...
