"""Page types that ask one thing per page: many short pages, each of one mix or one pair."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stimuli.page_types.base import PartOptions


@dataclass(frozen=True, slots=True)
class Turn:
    """A song as it comes to one participant, and what its trials are balanced by.

    ``times_before`` counts how often the song was dealt before, ``place`` is its place in the
    pack, ``replicate`` is 1 when the participant meets it again. ``systems`` are in the order
    drawn for the part, ``listed`` has them as the part does. ``shared`` draws the same for every
    participant, ``own`` for this one.
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
        """Row of a Williams design that is due."""
        return self.times_before + self.place + self.replicate


@dataclass(frozen=True, slots=True)
class Trial:
    """One page of a :class:`TrialOptions`: what is rated, what is heard besides, and which turn."""

    systems: tuple[str, ...]
    references: tuple[str, ...] = ()
    replicate: int = 0


class TrialOptions(PartOptions):
    """A page type that asks one thing per page: many short pages, spread over the songs."""

    @property
    def is_blocked(self) -> bool:
        """Trials are one page each; there is nothing to share out."""
        return False

    @property
    def n_trials(self) -> int:
        """How often each page of a song comes, songs that are repeated aside."""
        return 1

    def compared(self, systems: Sequence[str]) -> list[tuple[str, str]]:  # noqa: ARG002
        """Pairs of systems that are compared; none where mixes come one by one."""
        return []

    def arrangements(self, pair: tuple[str, str]) -> tuple[tuple[str, ...], ...]:
        """In which orders the two of a pair stand on a page: either one first."""
        return pair, pair[::-1]

    def n_pages_with(self, name: str, systems: Sequence[str], n_pages: int) -> int:  # noqa: ARG002
        """Each of its pairs as often as asked; what is heard openly besides, on all of them."""
        pairs = self.compared(systems) or [(system, system) for system in systems]
        n_pairs = sum(name in (*pair, *self.open_references()) for pair in pairs)
        return n_pairs * self.n_trials

    @abstractmethod
    def deal(self, turn: Turn) -> list[Trial]:
        """Pages of one song in their order."""
