"""``bs1116``: one system and the hidden reference, each graded against the open reference.

The rules of the page type are those of ITU-R BS.1116-3, clause 4. The reference is played openly on
each page. The stimuli A and B are the system and the hidden reference; neither the listener nor the
experimenter knows which is which. Listeners decide which of A and B is the hidden reference, and
give the top grade to this stimulus. The grade of the other stimulus says how much it differs from
the reference. The analysis uses the difference of the two grades of a page
(:mod:`analysis.ratings.difference_grades`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from stimuli.page_types.base import REFERENCE, Answers, Part, check_reference
from stimuli.page_types.simulated import SimulatedPage
from stimuli.page_types.trials import Trial, TrialOptions, Turn
from stimuli.study_keys.keys import Name, StudySong
from stimuli.study_keys.rated_scale import Range
from stimuli.study_keys.recommendations import SMALL_IMPAIRMENTS, scale_words
from stimuli.williams import in_row


class Options(TrialOptions):
    """Keys of a double-blind triple-stimulus test with a hidden reference.

    ``reference`` names one of the study's systems. If the key ``reference`` has the value
    ``reference``, each song needs a file called ``reference``. ``post_screening`` excludes
    listeners who cannot recognise the hidden reference.
    """

    source: ClassVar[str] = SMALL_IMPAIRMENTS
    volume_slot: ClassVar[int] = -1

    type: Literal["bs1116"] = "bs1116"
    must_move: Literal[True] = True
    reference: Name = REFERENCE
    post_screening: Annotated[bool, Field(strict=True)] = True

    @property
    def usual_range(self) -> Range:
        """Grades from 1 to 5 in steps of a tenth."""
        return Range(minimum=1.0, maximum=5.0, step=0.1)

    @property
    def method(self) -> str:
        """Name in a report."""
        return "double-blind triple-stimulus test with hidden reference"

    @property
    def name_of_test(self) -> str:
        """Scale of the grades; scale of the values that are analysed."""
        return (
            "Each system stood beside the hidden reference, both graded against the open one "
            f"({SMALL_IMPAIRMENTS}). A rating here is a difference grade, the system's grade less "
            "that of the hidden reference; this is not MUSHRA."
        )

    @property
    def balanced(self) -> str:
        """Orders and sides."""
        return "each system equally often in each place, and as often A as B"

    @property
    def on_a_page(self) -> str:
        """One system, and the reference twice."""
        return "one system of a song a page, with the hidden reference beside it and the open one"

    @property
    def practice_lead(self) -> str:
        """Key of the sentence that tells listeners that one of the two sounds is the reference."""
        return "practice_lead_hidden_reference"

    @property
    def graded_against(self) -> str:
        """The reference."""
        return self.reference

    @property
    def leaves_out_guessers(self) -> bool:
        """The study's setting."""
        return self.post_screening

    def made(self) -> tuple[str, ...]:
        """Return the reference if it is a file."""
        return (REFERENCE,) if self.reference == REFERENCE else ()

    def rated(self, systems: Sequence[str]) -> tuple[str, ...]:
        """Systems and the hidden reference."""
        return tuple(dict.fromkeys((*systems, self.reference)))

    def open_references(self) -> tuple[str, ...]:
        """Return the reference."""
        return (self.reference,)

    def n_pages_with(self, name: str, systems: Sequence[str], n_pages: int) -> int:  # noqa: ARG002
        """Each system is on one page; the reference is on all pages."""
        return len(self._objects(systems)) if name == self.reference else 1

    def n_answers(self, n_rated: int, attributes: Sequence[str]) -> int:  # noqa: ARG002
        """One grade for each of the two stimuli."""
        return 2 * len(attributes)

    def usual_words(self, language: str) -> tuple[str, ...]:
        """Return the five words of the recommendation's scale."""
        return scale_words("impairment", language)

    def check(self, part: Part, songs: Sequence[StudySong], systems: Sequence[str]) -> None:
        """Raise ``PlacedError`` if the reference is missing, or if the part has no other system."""
        check_reference(self.reference, part, songs, systems)

    def deal(self, turn: Turn) -> list[Trial]:
        """Each system once, in the order of a Williams design; its side is random, but balanced."""
        objects = self._objects(turn.systems)
        pack = turn.shared.permutation(2 * len(objects))
        made = []
        for system in in_row(objects, turn.row):
            at = (objects.index(system) + turn.times_before + turn.replicate) % len(pack)
            is_second = bool(pack[at] % 2)
            pair = (self.reference, system) if is_second else (system, self.reference)
            made.append(Trial(pair, (self.reference,), turn.replicate))
        return made

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """Simulated listeners recognise the reference more often if the system differs more."""
        hidden = page.systems.index(self.reference)
        system = page.systems[1 - hidden]
        is_known = page.is_heard(system, self.reference)
        lower = 1 - hidden if is_known else int(page.random.integers(2))
        heard = page.rate(system)
        values: dict[tuple[int, str], float] = {}
        for attribute in page.attributes:
            scale = page.scales[attribute]
            values[lower, attribute] = self.given(scale, min(heard[attribute], 95.0))
            values[1 - lower, attribute] = scale.maximum
        return values

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:
        """Check that both sounds have a grade, and that one grade is the reference's grade."""
        fault = super()._missing(answers, asked)
        for attribute in asked if fault is None else ():
            grades = {answers.values.get((slot, attribute)) for slot in range(answers.n_rated)}
            top = answers.scales[attribute].maximum
            if top not in grades:
                return f"The page is not complete: one of the two is the reference, graded {top:g}."
        return fault

    def _objects(self, systems: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in systems if name != self.reference)
