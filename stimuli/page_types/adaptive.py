"""Page types whose next trial depends on earlier answers: a track of trials of one song.

Conventions
-----------
A track is one song of one participant, and another one if the song is repeated. Its first trial is
part of the plan; the server determines each later one when the answer before is final. A trial that
is not settled yet has no systems.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from stimuli.page_types.trials import Trial, TrialOptions, Turn


@dataclass(frozen=True, slots=True)
class Answered:
    """A trial that was answered: the systems on its page, and the place of the one chosen."""

    systems: tuple[str, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class TrackStep:
    """An answered trial on its track.

    ``rank`` is the place of its level, 1 for the easiest to hear. A ``reversal`` is a trial after
    which the track turned round; ``is_averaged`` where it counts for the threshold. ``ended`` gives
    the reason for the end, on the last trial of a track.
    """

    level: str
    rank: int
    is_right: bool
    reversal: bool = False
    is_averaged: bool = False
    ended: Literal["", "reversals", "hardest", "easiest", "trials"] = ""


class AdaptiveOptions(TrialOptions):
    """A page type that chooses each trial by the answers before it."""

    @property
    def is_adaptive(self) -> bool:
        """Yes: the content of a page depends on the answers before."""
        return True

    @property
    @abstractmethod
    def most_trials(self) -> int:
        """Pages that a track has at most."""

    @property
    @abstractmethod
    def down_before_up(self) -> int:
        """Right answers in a row that lead to a harder level."""

    @property
    def values_of_levels(self) -> tuple[float, ...]:
        """Value of each level on the study's own scale; empty without values."""
        return ()

    @abstractmethod
    def levels_of(self, rated: Sequence[str]) -> tuple[str, ...]:
        """Levels among the rated systems, from the easiest to hear to the hardest."""

    @abstractmethod
    def next_trial(self, turn: Turn, answered: Sequence[Answered]) -> Trial | None:
        """Trial after these; None when the track is over.

        ``turn.own`` is at the beginning of the track's stream for every trial.
        """

    @abstractmethod
    def steps(self, answered: Sequence[Answered], levels: Sequence[str]) -> list[TrackStep]:
        """Answered trials on their track, with the levels of the part in order."""

    def deal(self, turn: Turn) -> list[Trial]:
        """The first trial, and a page that is not settled yet for each of the others."""
        first = self.next_trial(turn, ())
        if first is None:
            return []
        return [first] + [Trial((), replicate=first.replicate)] * (self.most_trials - 1)
