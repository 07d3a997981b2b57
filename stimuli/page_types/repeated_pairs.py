"""Pages with one right answer: each pair is repeated, in arrangements that are equally frequent.

A *way* is an arrangement of stimuli on a page. For each pair and song, the ways are shuffled once.
The trials of a participant use the ways that follow in this shuffled list. Each way occurs equally
often. The ways of a participant are in random order, so that nobody can predict a trial from the
trials before it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from stimuli.page_types.base import Answers
from stimuli.page_types.pairs import PairOptions
from stimuli.page_types.trials import Trial, Turn
from stimuli.study_keys.keys import Whole
from stimuli.williams import in_row


class RepeatedPairOptions(PairOptions):
    """A page type with right answers; ``trials`` is the number of trials per pair and song.

    Attributes
    ----------
    n_ways
        Number of ways of presenting a pair.
    unanswered
        Words for a page on which the answer is missing.
    right_title
        Title of the number of right answers in the dashboard.
    """

    repeats_songs: ClassVar[bool] = False
    n_ways: ClassVar[int]
    unanswered: ClassVar[str]
    right_title: ClassVar[str]

    trials: Annotated[Whole, Field(ge=1, le=100)] = 1

    @property
    def n_trials(self) -> int:
        """Number of trials of each pair of a song."""
        return self.trials

    @abstractmethod
    def arranged(self, pair: tuple[str, str], way: int, replicate: int) -> Trial:
        """Page of a pair; ``way`` is the number (from 0) of the arrangement of its stimuli."""

    def pack(self, random: np.random.Generator) -> Sequence[int]:
        """All ways of presenting a pair, shuffled, in the order of their use."""
        return [int(way) for way in random.permutation(self.n_ways)]

    def deal(self, turn: Turn) -> list[Trial]:
        """Trials of all pairs in rounds; in each round, every pair has one trial."""
        pairs = self.compared(turn.systems)
        n = self.trials
        ways = {}
        for pair in pairs:
            pack = self.pack(turn.shared)
            dealt = [pack[(turn.times_before * n + trial) % len(pack)] for trial in range(n)]
            ways[pair] = turn.own.permutation(dealt)
        return [
            self.arranged(pair, int(ways[pair][trial]), trial)
            for trial in range(n)
            for pair in in_row(pairs, turn.row + trial)
        ]

    def heard_twice(self, systems: Sequence[str]) -> tuple[str, ...]:
        """Either mix of a pair can be played twice on a page."""
        return tuple(systems)

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:  # noqa: ARG002
        """Every trial must be answered; the key ``must_move`` has no influence."""
        return None if answers.values else f"The page is not complete: {self.unanswered}."
