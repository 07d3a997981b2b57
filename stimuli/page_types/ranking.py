"""``ranking``: all mixes of a song, ordered from best to worst, without a reference or ties.

The order is stored as ratings: 100 for the best mix, 0 for the worst mix, and values at equal steps
between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Literal

from stimuli.page_types.base import Answers
from stimuli.page_types.page_orders import OrderOptions, given_of


class Options(OrderOptions):
    """Keys of a ranking."""

    answers: ClassVar[str] = "ranking"
    asks: ClassVar[str] = "puts mixes in order"
    trials_title: ClassVar[str] = "Rankings so far"
    trials_lead: ClassVar[str] = "How often each of two mixes was put above the other."

    type: Literal["ranking"] = "ranking"

    @property
    def method(self) -> str:
        """Name in a report."""
        return "ranking of all mixes of a page, no reference"

    def values_of_places(self, n: int) -> list[float]:
        """Values from 100 down to 0 at equal steps."""
        return [100.0 * (n - 1 - place) / max(1, n - 1) for place in range(n)]

    def _value_fault(self, answers: Answers) -> str | None:
        """Check that n ranked mixes have the places 1 to n, and that no two mixes share a place."""
        places = self.values_of_places(answers.n_rated)
        for values in given_of(answers).values():
            pairs = zip(values, places, strict=False)
            if len(values) > len(places) or not all(
                math.isclose(value, place, abs_tol=1e-6) for value, place in pairs
            ):
                return "ratings: an order must have each place once, from the best on."
        return None

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:
        """Every mix needs a place; the key ``must_move`` has no influence."""
        n_missing = answers.n_rated * len(asked) - len(answers.values)
        if n_missing > 0:
            return f"The page is not complete: {n_missing} mixes have no place in the order."
        return None
