"""``same_different``: two recordings, of one mix or of two; listeners say whether they differ.

Each pair occurs in both orders, and each mix also occurs paired with itself. All four arrangements
of a pair occur equally often. In the order of their use, a pair of different mixes and a pair of
the same mix alternate (:mod:`stimuli.page_types.repeated_pairs`). If the number of trials is even,
there are as many pairs of different mixes as pairs of the same mix. Listeners need not know the
kind of difference. Some listeners say "different" more readily than others; pairs of the same mix
measure this tendency [1]_.

References
----------
.. [1] Macmillan & Creelman (2005), Detection theory: a user's guide, chapter 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from stimuli.page_types.base import Answers
from stimuli.page_types.pairs import CHOSEN, OTHER
from stimuli.page_types.repeated_pairs import RepeatedPairOptions
from stimuli.page_types.simulated import SimulatedPage
from stimuli.page_types.trials import Trial
from stimuli.study_keys.keys import Whole

ATTRIBUTE = "different"
"""Name under which the answers are stored, whatever the study's attributes are."""

_WAYS = ((0, 1), (1, 0), (0, 0), (1, 1))  # indices of the mixes A and B
FALSE_ALARMS = 0.25
"""How often a simulated listener calls two different who hears no difference."""


class Options(RepeatedPairOptions):
    """Keys of a same-different test."""

    answers: ClassVar[str] = "same_different"
    n_ways: ClassVar[int] = len(_WAYS)
    unanswered: ClassVar[str] = "neither same nor different was chosen"
    source: ClassVar[str] = "Macmillan & Creelman (2005), chapter 9"
    right_title: ClassVar[str] = "Told rightly"
    trials_title: ClassVar[str] = "Same-different trials so far"
    trials_lead: ClassVar[str] = (
        "How often two mixes were called different, and one mix heard twice the same."
    )

    type: Literal["same_different"] = "same_different"
    trials: Annotated[Whole, Field(ge=1, le=100)] = 2

    @property
    def method(self) -> str:
        """Name in a report."""
        return "same-different discrimination test"

    @property
    def balanced(self) -> str:
        """Text for a report: orders are balanced; so are pairs of different and of equal mixes."""
        return "as many same as different pairs, either mix of a pair first and twice as often"

    def answered(self, attributes: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002
        """Name of the only answer of a page, ``different``."""
        return (ATTRIBUTE,)

    def pack(self, random: np.random.Generator) -> Sequence[int]:
        """Ways of presenting a pair: different and equal mixes alternate; either can be first."""
        n_different = len(_WAYS) // 2
        kinds = [random.permutation(n_different), n_different + random.permutation(n_different)]
        first, second = random.permutation(len(kinds))
        turns = zip(kinds[first], kinds[second], strict=True)
        return [int(way) for turn in turns for way in turn]

    def arranged(self, pair: tuple[str, str], way: int, replicate: int) -> Trial:
        """The two mixes of a pair in one of their orders, or one of the mixes twice."""
        a, b = _WAYS[way]
        return Trial((pair[a], pair[b]), replicate=replicate)

    def arrangements(self, pair: tuple[str, str]) -> tuple[tuple[str, ...], ...]:
        """All four."""
        return tuple(self.arranged(pair, way, 0).systems for way in range(self.n_ways))

    def _value_fault(self, answers: Answers) -> str | None:
        """Check that both values are 100, or both are 0."""
        given = list(answers.values.values())
        if given in ([], [OTHER, OTHER], [CHOSEN, CHOSEN]):
            return None
        return "ratings: both are 100 (different), or both 0 (the same)."

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """Listeners who hear no difference guess; a large difference is heard more often."""
        is_said = page.is_heard(*page.systems) or page.random.random() < FALSE_ALARMS
        return {(slot, ATTRIBUTE): CHOSEN if is_said else OTHER for slot in (0, 1)}
