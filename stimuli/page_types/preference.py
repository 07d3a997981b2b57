"""``preference``: two mixes of a song, and which of them is preferred; no reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from stimuli.page_types.base import Answers, Trial, Turn
from stimuli.page_types.pairs import PairOptions
from stimuli.williams import in_row, williams_rows

CHOSEN, OTHER, TIE = 100.0, 0.0, 50.0


class Options(PairOptions):
    """Keys of a paired comparison; ``ties`` allows the answer that there is no preference."""

    type: Literal["preference"] = "preference"
    ties: Annotated[bool, Field(strict=True)] = True

    @property
    def method(self) -> str:
        """What a report may call it."""
        return "paired preference, no reference"

    def browser_options(self) -> dict[str, Any]:
        """Whether no preference is an answer."""
        return {"ties": self.ties}

    def deal(self, turn: Turn) -> list[Trial]:
        """Each pair once, in the order of a Williams design, with its sides in turn."""
        pairs = self.compared(turn.systems)
        n_rows = len(williams_rows(len(pairs)))
        rounds = turn.times_before // n_rows if n_rows > 1 else 0
        is_turned = (turn.row + rounds) % 2 == 1
        order = in_row(pairs, turn.row)
        return [
            Trial(pair[::-1] if is_turned else pair, replicate=turn.replicate) for pair in order
        ]

    def _value_fault(self, answers: Answers) -> str | None:
        """A choice has one slot at 100 and the other at 0; a tie has both at 50."""
        allowed = [(CHOSEN, OTHER), (OTHER, CHOSEN)] + [(TIE, TIE)] * self.ties
        for attribute in {attribute for _, attribute in answers.values}:
            pair = tuple(answers.values.get((slot, attribute)) for slot in (0, 1))
            if pair not in allowed:
                ties = ", or both 50" if self.ties else ""
                return f"ratings: one of the two is 100 and the other 0{ties}"
        return None

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:
        """Every question needs its answer, whatever ``must_move`` says."""
        given = {attribute for _, attribute in answers.values}
        if set(asked) - given:
            return "the page is not complete: no mix was chosen"
        return None
