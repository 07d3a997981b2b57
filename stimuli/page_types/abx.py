"""``abx``: two mixes, A and B, and a third, X, which is one of them; the question is which.

Whether X is A or B, and which mix is A, come in all four ways equally often: from a shuffled pack
of the four for each pair and song, dealt round and round over participants and trials.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from db.records.participation import SlotRole
from stimuli.page_types.base import Answers
from stimuli.page_types.pairs import CHOSEN, OTHER, PairOptions, choice
from stimuli.page_types.simulated import SimulatedPage
from stimuli.page_types.trials import Trial, Turn
from stimuli.study_keys.keys import Whole
from stimuli.williams import in_row

ATTRIBUTE = "abx"
"""Name under which the answers are stored, whatever the study's attributes are."""

POINTS_APART = 12.0
"""Distance of planted means at which X is recognised in 63 % of trials and guessed in the rest."""

_WAYS = ((0, 0), (0, 1), (1, 0), (1, 1))  # (which mix is A, which slot is X)


class Options(PairOptions):
    """Keys of an ABX test; ``trials`` is how often each pair of each song is asked."""

    answers: ClassVar[str] = "abx"
    open_role: ClassVar[SlotRole] = "x"
    repeats_songs: ClassVar[bool] = False
    trials_title: ClassVar[str] = "ABX trials so far"
    trials_lead: ClassVar[str] = "How often X was recognised; by chance it is half."

    type: Literal["abx"] = "abx"
    trials: Annotated[Whole, Field(ge=1, le=100)] = 1

    @property
    def method(self) -> str:
        """What a report may call it."""
        return "ABX discrimination test"

    @property
    def n_trials(self) -> int:
        """How often each pair of a song is asked."""
        return self.trials

    @property
    def balanced(self) -> str:
        """Sides, and what X is."""
        return "A and B on either side, and X as often A as B"

    def answered(self, attributes: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002
        """One answer, called ``abx``."""
        return (ATTRIBUTE,)

    def deal(self, turn: Turn) -> list[Trial]:
        """Each pair as often as asked, one round of all pairs after the other."""
        pairs = self.compared(turn.systems)
        n = self.trials
        ways = {}
        for pair in pairs:
            pack = turn.shared.permutation(len(_WAYS))
            dealt = [pack[(turn.times_before * n + trial) % len(pack)] for trial in range(n)]
            ways[pair] = turn.own.permutation(dealt)
        made = []
        for trial in range(n):
            for pair in in_row(pairs, turn.row + trial):
                side, x = _WAYS[ways[pair][trial]]
                shown = pair[::-1] if side else pair
                made.append(Trial(shown, (shown[x],), replicate=trial))
        return made

    def heard_twice(self, systems: Sequence[str]) -> tuple[str, ...]:
        """Either mix can be X."""
        return tuple(systems)

    def heard_slots(self, n_rated: int) -> range:
        """A, B and X."""
        return range(n_rated + 1)

    def _value_fault(self, answers: Answers) -> str | None:
        """One of A and B is 100, the other 0."""
        pair = sorted(answers.values.values())
        return None if pair in ([], [OTHER, CHOSEN]) else "ratings: one of A and B is 100, one 0"

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:  # noqa: ARG002
        """Every trial needs its answer, whatever ``must_move`` says."""
        return None if answers.values else "the page is not complete: neither A nor B was chosen"

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """X is known the more often the farther the two lie apart; otherwise it is guessed."""
        one, other = (page.mean(system) for system in page.systems)
        distance = abs(one - other) * page.discrimination / POINTS_APART
        x = page.systems.index(page.references[0])
        is_known = page.random.random() < 1.0 - math.exp(-distance)
        return choice(ATTRIBUTE, x if is_known else int(page.random.integers(2)))
