"""``ccr``: a mix and its reference in either order; the second sound is compared with the first.

The order of mix and reference is balanced. The same mix of a song has the reference first for one
participant, and second for the next participant. Among all mixes of a song, the reference is first
as often as it is second; if the number of mixes is odd, one of the two cases occurs once more. The
order of the mixes depends on the study's seed. Neither of the two mixes is named on the page. Each
answer is stored as two ratings: the rating of each sound compared with the other sound. The two
ratings have opposite signs. The stored value of a mix always says how the mix compares with the
reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from db.records.participation import SlotRole
from stimuli.page_types.against_reference import ReferenceOptions
from stimuli.page_types.base import Answers, Part
from stimuli.page_types.simulated import SimulatedPage
from stimuli.page_types.trials import Trial, Turn
from stimuli.study_keys.faults import PlacedError
from stimuli.study_keys.keys import StudySong
from stimuli.study_keys.rated_scale import Range
from stimuli.study_keys.recommendations import CATEGORIES, scale_words
from stimuli.williams import in_row, williams_rows

STEPS = 3
"""Of the scale, to either side of no difference."""


class Options(ReferenceOptions):
    """Keys of a comparison category rating; the reference is not a system of the part."""

    source: ClassVar[str] = f"{CATEGORIES}, Annex E"

    type: Literal["ccr"] = "ccr"
    playback: Literal["loop", "once"] = "once"
    on_switch: Literal["keep", "restart"] = "restart"

    @property
    def method(self) -> str:
        """Name in a report."""
        return "comparison category rating (CCR) against a reference, in either order"

    @property
    def opinion_score(self) -> str:
        """The mean is called comparison mean opinion score."""
        return "CMOS"

    @property
    def name_of_test(self) -> str:
        """The method is not called MUSHRA, even if systems are named like a reference or anchor."""
        return (
            "Each mix was compared with its reference, in either order: comparison category "
            f"rating, as in {CATEGORIES}, Annex E; this is not MUSHRA."
        )

    @property
    def balanced(self) -> str:
        """Orders."""
        return "each mix as often before its reference as after it"

    @property
    def besides(self) -> str:
        """The reference is not named on the page."""
        return f"beside {self.reference.replace('_', ' ')}, which is not named"

    @property
    def usual_range(self) -> Range:
        """A scale with three grades below 0 and three grades above 0."""
        return Range(minimum=-STEPS, maximum=STEPS, step=1)

    def usual_words(self, language: str) -> tuple[str, ...]:
        """Return the Recommendation's seven words of the scale."""
        return scale_words("comparison", language)

    def check(self, part: Part, songs: Sequence[StudySong], systems: Sequence[str]) -> None:
        """Raise ``PlacedError`` also if a scale is not symmetrical about 0."""
        super().check(part, songs, systems)
        for name in part.attributes:
            scale = part.scales[name]
            if scale.minimum + scale.maximum != 0:
                raise PlacedError(
                    f"The part {part.name!r} compares in both directions, so its scale must be "
                    f"symmetrical, but the scale of {name} is {scale}. Leave range out for "
                    f"{-STEPS} to {STEPS}.",
                    ("range",) if self.range else (),
                )

    def rated(self, systems: Sequence[str]) -> tuple[str, ...]:
        """Systems of the part without the reference."""
        return tuple(name for name in systems if name != self.reference)

    def role_of(self, system: str) -> SlotRole:
        """Role of a stimulus: mixes are rated; the reference is only compared with a mix."""
        return "compared" if system == self.reference else "rated"

    def compared(self, systems: Sequence[str]) -> list[tuple[str, str]]:
        """Pairs of each system with the reference."""
        return [(system, self.reference) for system in self.rated(systems)]

    def browser_options(self) -> dict[str, Any]:
        """Let the browser offer the scale's words as choices."""
        return {"scale": "labels"}

    def heard_slots(self, n_rated: int) -> Sequence[int]:
        """Both."""
        return range(n_rated)

    def n_answers(self, n_rated: int, attributes: Sequence[str]) -> int:  # noqa: ARG002
        """One answer applies to both stimuli."""
        return len(self.answered(attributes))

    def deal(self, turn: Turn) -> list[Trial]:
        """Each mix once, in the order of a Williams design; pair orders alternate."""
        systems = self.rated(turn.systems)
        n_rows = len(williams_rows(len(systems)))
        rounds = turn.times_before // n_rows if n_rows > 1 else 0
        trials = []
        for system in in_row(systems, turn.row):
            is_second = (systems.index(system) + turn.row + rounds) % 2 == 1
            pair = (self.reference, system) if is_second else (system, self.reference)
            trials.append(Trial(pair, replicate=turn.replicate))
        return trials

    def _value_fault(self, answers: Answers) -> str | None:
        """Check that the ratings of the two sounds have the same size and opposite signs."""
        fault = super()._value_fault(answers)
        for attribute in {attribute for _, attribute in answers.values}:
            first, second = (answers.values.get((slot, attribute)) for slot in (0, 1))
            if first is not None and second is not None and first + second != 0:
                return "ratings: the two values must be equal, with opposite signs."
        return fault

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:
        """Every question must be answered; the key ``must_move`` has no influence."""
        if not {(slot, name) for slot in (0, 1) for name in asked} <= answers.values.keys():
            return "The page is not complete: the two were not compared."
        return None

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """How much better this simulated listener likes the second sound than the first sound."""
        first, second = (page.rate(system) for system in page.systems)
        values: dict[tuple[int, str], float] = {}
        for attribute in page.attributes:
            points = 50.0 + (second[attribute] - first[attribute]) / 2
            value = self.given(page.scales[attribute], points)
            values |= {(0, attribute): -value + 0.0, (1, attribute): value}
        return values
