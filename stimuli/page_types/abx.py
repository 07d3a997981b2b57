"""``abx``: two mixes, A and B, and X, which is A or B; listeners say which of the two X is.

X is A or B, and either mix of a pair can be A. All four arrangements of A, B and X occur equally
often (:mod:`stimuli.page_types.repeated_pairs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from db.records.participation import SlotRole
from stimuli.page_types.base import Answers
from stimuli.page_types.pairs import CHOSEN, OTHER, choice
from stimuli.page_types.repeated_pairs import RepeatedPairOptions
from stimuli.page_types.simulated import SimulatedPage
from stimuli.page_types.trials import Trial

ATTRIBUTE = "abx"
"""Name under which the answers are stored, whatever the study's attributes are."""

_WAYS = ((0, 0), (0, 1), (1, 0), (1, 1))  # (index of mix A, index of the mix that is X)


class Options(RepeatedPairOptions):
    """Keys of an ABX test."""

    answers: ClassVar[str] = "abx"
    open_role: ClassVar[SlotRole] = "x"
    n_ways: ClassVar[int] = len(_WAYS)
    unanswered: ClassVar[str] = "neither A nor B was chosen"
    right_title: ClassVar[str] = "X recognised"
    trials_title: ClassVar[str] = "ABX trials so far"
    trials_lead: ClassVar[str] = "How often X was recognised; by chance it is half."

    type: Literal["abx"] = "abx"

    @property
    def method(self) -> str:
        """Name in a report."""
        return "ABX discrimination test"

    @property
    def balanced(self) -> str:
        """Text for a report: the sides are balanced, and either mix is X equally often."""
        return "A and B on either side, and X as often A as B"

    def answered(self, attributes: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002
        """Name of the only answer of a page, ``abx``."""
        return (ATTRIBUTE,)

    def arranged(self, pair: tuple[str, str], way: int, replicate: int) -> Trial:
        """A and B, each on its side of the page, and X, which is A or B."""
        side, x = _WAYS[way]
        shown = pair[::-1] if side else pair
        return Trial(shown, (shown[x],), replicate)

    def heard_slots(self, n_rated: int) -> range:
        """A, B and X."""
        return range(n_rated + 1)

    def _value_fault(self, answers: Answers) -> str | None:
        """Check that the chosen one of A and B has the value 100, and the other has 0."""
        pair = sorted(answers.values.values())
        return None if pair in ([], [OTHER, CHOSEN]) else "ratings: one of A and B is 100, one 0"

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """Listeners who do not recognise X guess; a larger difference is recognised more often."""
        x = page.systems.index(page.references[0])
        is_known = page.is_heard(*page.systems)
        return choice(ATTRIBUTE, x if is_known else int(page.random.integers(2)))
