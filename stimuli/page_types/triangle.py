"""``triangle``: three recordings, two of one mix and one of another; listeners find the odd one.

All six combinations of the odd mix and its position occur equally often
(:mod:`stimuli.page_types.repeated_pairs`). Listeners need not know the kind of difference, and
guesses are right in only a third of the trials [1]_.

References
----------
.. [1] ISO 4120 (2021), Sensory analysis: methodology: triangle test.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from stimuli.page_types.base import Answers
from stimuli.page_types.odd_one import ATTRIBUTE, N_INTERVALS, UNANSWERED, odd_choice, odd_fault
from stimuli.page_types.repeated_pairs import RepeatedPairOptions
from stimuli.page_types.simulated import SimulatedPage
from stimuli.page_types.trials import Trial


class Options(RepeatedPairOptions):
    """Keys of a triangle test."""

    answers: ClassVar[str] = "triangle"
    n_ways: ClassVar[int] = 2 * N_INTERVALS
    unanswered: ClassVar[str] = UNANSWERED
    source: ClassVar[str] = "ISO 4120 (2021)"
    right_title: ClassVar[str] = "Odd one found"
    trials_title: ClassVar[str] = "Triangle trials so far"
    trials_lead: ClassVar[str] = "How often the odd one was found; by chance it is a third."

    type: Literal["triangle"] = "triangle"

    @property
    def method(self) -> str:
        """Name in a report."""
        return "triangle discrimination test"

    @property
    def balanced(self) -> str:
        """Text for a report: it is balanced which mix is the odd one, and at which position."""
        return "either mix of a pair as often the odd one, as often in each of the three places"

    def answered(self, attributes: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002
        """Name of the only answer of a page, ``odd_one``."""
        return (ATTRIBUTE,)

    def arranged(self, pair: tuple[str, str], way: int, replicate: int) -> Trial:
        """One mix of the pair at one of the three positions, and the other mix at the other two."""
        odd, place = divmod(way, N_INTERVALS)
        shown = [pair[1 - odd]] * N_INTERVALS
        shown[place] = pair[odd]
        return Trial(tuple(shown), replicate=replicate)

    def arrangements(self, pair: tuple[str, str]) -> tuple[tuple[str, ...], ...]:
        """All six."""
        return tuple(self.arranged(pair, way, 0).systems for way in range(self.n_ways))

    def _value_fault(self, answers: Answers) -> str | None:
        """Check that one of the three values is 100, and the others are 0."""
        return odd_fault(answers)

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """Listeners who hear no difference guess; a large difference is heard more often."""
        shown = page.systems
        place = next(at for at, name in enumerate(shown) if shown.count(name) == 1)
        if page.is_heard(shown[place], shown[place - 1]):
            return odd_choice(place)
        return odd_choice(int(page.random.integers(N_INTERVALS)))
