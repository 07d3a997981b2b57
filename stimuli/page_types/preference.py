"""``preference``: choice of the preferred one of two mixes of a song, without a reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from stimuli.page_types.base import Answers
from stimuli.page_types.pairs import CHOSEN, OTHER, PairOptions, choice
from stimuli.page_types.simulated import SimulatedPage
from stimuli.page_types.trials import Trial, Turn
from stimuli.williams import in_row, williams_rows

TIE = 50.0
TIE_POINTS = 3.0
"""A simulated listener who hears a smaller difference has no preference, where ties are allowed."""


class Options(PairOptions):
    """Keys of a paired comparison; ``ties`` allows the answer "no preference"."""

    answers: ClassVar[str] = "preference"
    trials_title: ClassVar[str] = "Preferences so far"
    trials_lead: ClassVar[str] = "How often each of two mixes was preferred."

    type: Literal["preference"] = "preference"
    ties: Annotated[bool, Field(strict=True)] = True

    @property
    def method(self) -> str:
        """Name in a report."""
        return "paired preference, no reference"

    @property
    def balanced(self) -> str:
        """Sides."""
        return "each pair as often on either side"

    @property
    def may_tie(self) -> bool:
        """The study's setting."""
        return self.ties

    def browser_options(self) -> dict[str, Any]:
        """Whether "no preference" is a possible answer."""
        return {"ties": self.ties}

    def deal(self, turn: Turn) -> list[Trial]:
        """Each pair once, in the order of a Williams design, with alternating sides."""
        pairs = self.compared(turn.systems)
        n_rows = len(williams_rows(len(pairs)))
        rounds = turn.times_before // n_rows if n_rows > 1 else 0
        is_turned = (turn.row + rounds) % 2 == 1
        order = in_row(pairs, turn.row)
        return [
            Trial(pair[::-1] if is_turned else pair, replicate=turn.replicate) for pair in order
        ]

    def _value_fault(self, answers: Answers) -> str | None:
        """Check that one mix has the value 100 and the other has 0, or both have 50 for a tie."""
        allowed = [(CHOSEN, OTHER), (OTHER, CHOSEN)] + [(TIE, TIE)] * self.ties
        for attribute in {attribute for _, attribute in answers.values}:
            pair = tuple(answers.values.get((slot, attribute)) for slot in (0, 1))
            if pair not in allowed:
                ties = ", or both 50" if self.ties else ""
                return f"ratings: one of the two is 100 and the other 0{ties}."
        return None

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:
        """Every question must be answered; the key ``must_move`` has no influence."""
        given = {attribute for _, attribute in answers.values}
        if set(asked) - given:
            return "The page is not complete: no mix was chosen."
        return None

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """The mix of this page that the listener liked better, for each question."""
        one, other = (page.rate(system) for system in page.systems)
        values: dict[tuple[int, str], float] = {}
        for attribute in page.attributes:
            gap = one[attribute] - other[attribute]
            if self.ties and abs(gap) < TIE_POINTS:
                values |= {(0, attribute): TIE, (1, attribute): TIE}
            elif gap == 0.0:
                values |= choice(attribute, int(page.random.integers(2)))
            else:
                values |= choice(attribute, 0 if gap > 0 else 1)
        return values
