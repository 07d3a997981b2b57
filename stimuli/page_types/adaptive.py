"""Page types whose next trial depends on earlier answers; the trials of a song form a track.

Conventions
-----------
A track consists of the trials of one song for one participant. A repeated song has a second track.
The first trial of a track is part of the plan. The server chooses each later trial when the answer
to the trial before it is final. The systems of a trial are empty until the trial has been chosen.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from stimuli.page_types.trials import Trial, TrialOptions, Turn


@dataclass(frozen=True, slots=True)
class Answered:
    """An answered trial: the systems on its page, and the position of the chosen system."""

    systems: tuple[str, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class TrackStep:
    """An answered trial, described as a step of its track.

    ``rank`` is the position of the trial's level among the levels; rank 1 is the level that is
    easiest to hear. A ``reversal`` is a trial after which the track changes direction.
    ``is_averaged`` is true if the trial's reversal is used for the threshold. On the last trial of
    a track, ``ended`` is the reason why the track ended.
    """

    level: str
    rank: int
    is_right: bool
    reversal: bool = False
    is_averaged: bool = False
    ended: Literal["", "reversals", "hardest", "easiest", "trials"] = ""


class AdaptiveOptions(TrialOptions):
    """A page type that chooses each trial by the earlier answers."""

    @property
    def is_adaptive(self) -> bool:
        """True, because the content of a page depends on earlier answers."""
        return True

    @property
    @abstractmethod
    def most_trials(self) -> int:
        """Largest number of pages of a track."""

    @property
    @abstractmethod
    def down_before_up(self) -> int:
        """Number of right answers in a row after which the next level is harder to hear."""

    @property
    def values_of_levels(self) -> tuple[float, ...]:
        """Value of each level on the study's own scale; empty if the levels have no values."""
        return ()

    @abstractmethod
    def levels_of(self, rated: Sequence[str]) -> tuple[str, ...]:
        """The rated systems that are levels, from the easiest to hear to the hardest."""

    @abstractmethod
    def next_trial(self, turn: Turn, answered: Sequence[Answered]) -> Trial | None:
        """Trial after the given answers; None if the track is over.

        Each time, ``turn.own`` starts again at the beginning of the track's random stream.
        """

    @abstractmethod
    def steps(self, answered: Sequence[Answered], levels: Sequence[str]) -> list[TrackStep]:
        """Trials of a track with their outcomes; ``levels`` are the levels of the part in order."""

    def deal(self, turn: Turn) -> list[Trial]:
        """The first trial of a track, and an empty page for each later trial."""
        first = self.next_trial(turn, ())
        if first is None:
            return []
        return [first] + [Trial((), replicate=first.replicate)] * (self.most_trials - 1)
