"""``mushra``: mixes beside an open reference, with the reference and anchors hidden among them.

The rules of the page type are those of ITU-R BS.1534-3, clause 5. The reference is played openly;
it is also hidden among the stimuli, together with its low-passed copies
(:mod:`stimuli.rendering.anchors`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from stimuli.page_types.base import (
    LOW_ANCHOR,
    MID_ANCHOR,
    REFERENCE,
    Part,
    PartOptions,
    check_reference,
)
from stimuli.page_types.simulated import SimulatedPage
from stimuli.study_keys.faults import PlacedError
from stimuli.study_keys.keys import Name, StudySong
from stimuli.study_keys.recommendations import MUSHRA, scale_words

ANCHORS = {"low": LOW_ANCHOR, "mid": MID_ANCHOR}
MISSED_POINTS = 4.0
"""How far below 100 a simulated listener rates the reference they recognise: a deviation."""


class Options(PartOptions):
    """Keys of a MUSHRA test.

    ``reference`` names one of the study's systems. If the key ``reference`` has the value
    ``reference``, each song needs a file called ``reference``.
    """

    source: ClassVar[str] = MUSHRA
    # A hidden anchor is not suitable for setting the volume; the open reference is suitable.
    volume_slot: ClassVar[int] = -1
    name_intervals: ClassVar[bool] = True  # BS.1534-3, clause 5.4

    type: Literal["mushra"] = "mushra"
    reference: Name = REFERENCE
    anchors: Annotated[tuple[Literal["low", "mid"], ...], Field(max_length=2)] = ("low", "mid")

    @property
    def method(self) -> str:
        """Name of the method in a report: MUSHRA only if the part has both anchors."""
        if set(self.anchors) == set(ANCHORS):
            return "MUSHRA"
        return "MUSHRA-style rating with a hidden reference, without both anchors"

    @property
    def name_of_test(self) -> str:
        """Return an empty name; the report names the test by its reference and anchors."""
        return ""

    @property
    def besides(self) -> str:
        """The open reference, the hidden reference, and the anchors."""
        return "the hidden reference and anchors among them, and the reference open beside"

    @property
    def practice_lead(self) -> str:
        """Key of the sentence that tells listeners about the hidden reference (Attachment 1)."""
        return "practice_lead_hidden_reference"

    def made(self) -> tuple[str, ...]:
        """Return the anchors, and the reference if it is a file."""
        own = (REFERENCE,) if self.reference == REFERENCE else ()
        return own + self._anchor_names()

    def rated(self, systems: Sequence[str]) -> tuple[str, ...]:
        """Systems, the hidden reference and the anchors."""
        return tuple(dict.fromkeys((*systems, self.reference, *self._anchor_names())))

    def fixed(self) -> tuple[str, ...]:
        """Hidden reference and anchors are on every page."""
        return (self.reference, *self._anchor_names())

    def marks(self) -> dict[str, str]:
        """The roles of the existing anchors and of the reference."""
        anchors = {f"{anchor}_anchor": ANCHORS[anchor] for anchor in ("mid", "low")}
        there = {key: name for key, name in anchors.items() if name in self._anchor_names()}
        return {**there, "reference": self.reference}

    def open_references(self) -> tuple[str, ...]:
        """Return the reference."""
        return (self.reference,)

    def usual_words(self, language: str) -> tuple[str, ...]:
        """Return the standard's five words of the scale."""
        return scale_words("quality", language)

    def check(self, part: Part, songs: Sequence[StudySong], systems: Sequence[str]) -> None:
        """Raise ``PlacedError`` if the reference is missing, or if the part has no other system."""
        check_reference(self.reference, part, songs, systems)
        if len(set(self.anchors)) < len(self.anchors):
            raise PlacedError(f"The part {part.name!r} names an anchor twice.", ("anchors",))

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """Simulated ratings; the hidden reference is rated near the top of the scale."""
        values = super().simulated(page)
        hidden = page.systems.index(self.reference)
        for at in values:
            if at[0] == hidden:
                miss = abs(page.random.normal(0.0, MISSED_POINTS / page.discrimination))
                points = float(max(0, round(100.0 - miss)))
                values[at] = self.given(page.scales[at[1]], points)
        return values

    def _anchor_names(self) -> tuple[str, ...]:
        return tuple(ANCHORS[anchor] for anchor in ("low", "mid") if anchor in self.anchors)
