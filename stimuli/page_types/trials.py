"""Page types with many short pages, each with one mix or one pair."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stimuli.page_types.base import PartOptions


@dataclass(frozen=True, slots=True)
class Turn:
    """A song for one participant, with the numbers that keep the trials balanced.

    ``times_before`` is the number of earlier uses of the song. ``place`` is the place of the song
    in a random order of all songs. ``replicate`` is 1 if the participant rates the song again.
    ``systems`` are in the random order of the part; ``listed`` are in the order of the study file.
    The random generator ``shared`` gives the same numbers for all participants; ``own`` gives
    different numbers for each participant.
    """

    systems: tuple[str, ...]
    times_before: int
    place: int
    replicate: int
    shared: np.random.Generator
    own: np.random.Generator
    listed: tuple[str, ...] = ()

    @property
    def row(self) -> int:
        """Row of the Williams design for this use of the song."""
        return self.times_before + self.place + self.replicate


@dataclass(frozen=True, slots=True)
class Trial:
    """One page of a type with trials: its rated stimuli, its open stimuli, and its number."""

    systems: tuple[str, ...]
    references: tuple[str, ...] = ()
    replicate: int = 0


class TrialOptions(PartOptions):
    """A page type with many short pages, distributed over the songs."""

    @property
    def is_blocked(self) -> bool:
        """Each trial is one page, so no page is divided."""
        return False

    @property
    def n_trials(self) -> int:
        """How often each page of a song occurs, if repeated songs are not counted."""
        return 1

    def compared(self, systems: Sequence[str]) -> list[tuple[str, str]]:  # noqa: ARG002
        """Pairs of systems that are compared; empty if each page has one mix."""
        return []

    def arrangements(self, pair: tuple[str, str]) -> tuple[tuple[str, ...], ...]:
        """Orders of the two systems of a pair on a page: either system can be first."""
        return pair, pair[::-1]

    def n_pages_with(self, name: str, systems: Sequence[str], n_pages: int) -> int:  # noqa: ARG002
        """Number of trials in whose pair the stimulus is; open stimuli are in all trials."""
        pairs = self.compared(systems) or [(system, system) for system in systems]
        n_pairs = sum(name in (*pair, *self.open_references()) for pair in pairs)
        return n_pairs * self.n_trials

    @abstractmethod
    def deal(self, turn: Turn) -> list[Trial]:
        """Pages of one song in order."""
