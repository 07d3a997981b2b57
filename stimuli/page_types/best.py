"""``best``: choice of the best of all mixes of a song, without a reference.

The choice is stored as ratings: 100 for the chosen mix, 0 for the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from stimuli.page_types.base import Answers
from stimuli.page_types.page_orders import OrderOptions, given_of
from stimuli.page_types.pairs import CHOSEN, OTHER


class Options(OrderOptions):
    """Keys of a choice between all mixes of a page."""

    answers: ClassVar[str] = "best"
    asks: ClassVar[str] = "asks for the best"
    trials_title: ClassVar[str] = "Picks of the best so far"
    trials_lead: ClassVar[str] = "How often each of two mixes was picked from a page with both."

    type: Literal["best"] = "best"

    @property
    def method(self) -> str:
        """Name in a report."""
        return "choice of the best mix of a page, no reference"

    def values_of_places(self, n: int) -> list[float]:
        """Value for each place of a mix: above 0 for the first place, 0 for all other places."""
        return [CHOSEN] + [OTHER] * (n - 1)

    def _value_fault(self, answers: Answers) -> str | None:
        """Check that one mix has the value 100, and all others have 0."""
        wanted = self.values_of_places(answers.n_rated)
        if any(values != wanted for values in given_of(answers).values()):
            return "ratings: one of the mixes is 100 and all others are 0."
        return None

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:
        """Every question must be answered; the key ``must_move`` has no influence."""
        if set(asked) - given_of(answers).keys():
            return "The page is not complete: no mix was chosen."
        return None
