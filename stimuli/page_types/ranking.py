"""``ranking``: all mixes of a song, put in order from best to worst; no reference, no ties.

The order is stored as ratings: 100 for the best, 0 for the worst, the others at equal steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Literal

from stimuli.page_types.base import Answers, Part, PartOptions
from stimuli.page_types.simulated import SimulatedPage
from stimuli.study_keys.faults import PlacedError
from stimuli.study_keys.keys import StudySong


def ladder(n: int) -> list[float]:
    """Values of the places of n mixes, the best first."""
    return [100.0 * (n - 1 - place) / max(1, n - 1) for place in range(n)]


class Options(PartOptions):
    """Keys of a ranking."""

    answers: ClassVar[str] = "ranking"
    trials_title: ClassVar[str] = "Rankings so far"
    trials_lead: ClassVar[str] = "How often each of two mixes was put above the other."

    type: Literal["ranking"] = "ranking"

    @property
    def method(self) -> str:
        """What a report may call it."""
        return "ranking of all mixes of a page, no reference"

    def n_answers(self, n_rated: int, attributes: Sequence[str]) -> int:  # noqa: ARG002
        """One order of all mixes for each question."""
        return len(self.answered(attributes))

    def check(
        self,
        part: Part,
        songs: Sequence[StudySong],  # noqa: ARG002
        systems: Sequence[str],  # noqa: ARG002
    ) -> None:
        """Raise ``PlacedError`` when there is nothing to put in order."""
        if len(part.systems) < 2:
            raise PlacedError(
                f"the part {part.name!r} puts mixes in order, but has one system only", ("systems",)
            )

    def _value_fault(self, answers: Answers) -> str | None:
        """Places that are taken are the first ones, each once."""
        for attribute in {attribute for _, attribute in answers.values}:
            of = [value for (_, name), value in answers.values.items() if name == attribute]
            places = ladder(answers.n_rated)[: len(of)]
            pairs = zip(sorted(of, reverse=True), places, strict=False)
            if len(of) > len(places) or not all(
                math.isclose(value, place, abs_tol=1e-6) for value, place in pairs
            ):
                return "ratings: an order has each place once, from the best on"
        return None

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:
        """Every mix needs its place, whatever ``must_move`` says."""
        n_missing = answers.n_rated * len(asked) - len(answers.values)
        if n_missing > 0:
            return f"the page is not complete: {n_missing} mixes have no place in the order"
        return None

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """The order in which the mixes were liked in this hearing, question by question."""
        heard = [page.rate(system) for system in page.systems]
        values: dict[tuple[int, str], float] = {}
        for attribute in page.attributes:
            liked = [ratings[attribute] for ratings in heard]
            order = sorted(range(len(heard)), key=liked.__getitem__, reverse=True)
            for slot, value in zip(order, ladder(len(heard)), strict=True):
                values[slot, attribute] = value
        return values
