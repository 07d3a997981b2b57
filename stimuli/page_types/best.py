"""``best``: all mixes of a song, and which of them is the best; no reference.

The choice is stored as ratings: 100 for the one that was picked, 0 for the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from stimuli.page_types.base import Answers, Part, PartOptions
from stimuli.page_types.simulated import SimulatedPage
from stimuli.study_keys.faults import PlacedError
from stimuli.study_keys.keys import StudySong

PICKED, LEFT = 100.0, 0.0


class Options(PartOptions):
    """Keys of a choice among all mixes of a page."""

    answers: ClassVar[str] = "best"
    trials_title: ClassVar[str] = "Picks of the best so far"
    trials_lead: ClassVar[str] = "How often each of two mixes was picked from a page with both."

    type: Literal["best"] = "best"

    @property
    def method(self) -> str:
        """What a report may call it."""
        return "choice of the best mix of a page, no reference"

    def n_answers(self, n_rated: int, attributes: Sequence[str]) -> int:  # noqa: ARG002
        """One choice for each question."""
        return len(self.answered(attributes))

    def check(
        self,
        part: Part,
        songs: Sequence[StudySong],  # noqa: ARG002
        systems: Sequence[str],  # noqa: ARG002
    ) -> None:
        """Raise ``PlacedError`` when there is nothing to choose from."""
        if len(part.systems) < 2:
            raise PlacedError(
                f"the part {part.name!r} asks for the best, but has one system only", ("systems",)
            )

    def _value_fault(self, answers: Answers) -> str | None:
        """One mix has 100, all others have 0."""
        for attribute in {attribute for _, attribute in answers.values}:
            of = [value for (_, name), value in answers.values.items() if name == attribute]
            if sorted(of) != [LEFT] * (answers.n_rated - 1) + [PICKED]:
                return "ratings: one of the mixes is 100 and all others are 0"
        return None

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:
        """Every question needs its answer, whatever ``must_move`` says."""
        if set(asked) - {attribute for _, attribute in answers.values}:
            return "the page is not complete: no mix was chosen"
        return None

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """The mix that was liked most in this hearing, question by question."""
        heard = [page.rate(system) for system in page.systems]
        values: dict[tuple[int, str], float] = {}
        for attribute in page.attributes:
            liked = [ratings[attribute] for ratings in heard]
            first = liked.index(max(liked))
            for slot in range(len(heard)):
                values[slot, attribute] = PICKED if slot == first else LEFT
        return values
