"""``multi_stimulus``: all mixes of a song on one page, each with a slider, without a reference.

ITU-R BS.1534 requires more than sliders: an open reference, a hidden reference and two anchors. A
multi-stimulus page has no reference and no anchors; for this reason, it must not be called MUSHRA.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from stimuli.page_types.base import RATED_BESIDE, DryName, PartOptions, with_stems
from stimuli.study_keys.recommendations import NO_REFERENCE


class Options(PartOptions):
    """Keys of a rating of several mixes without a reference."""

    source: ClassVar[str] = f"compare {NO_REFERENCE}"

    type: Literal["multi_stimulus"] = "multi_stimulus"
    references: tuple[DryName, ...] = ()

    @property
    def method(self) -> str:
        """Name in a report."""
        return with_stems("multi-stimulus, no reference", self.references)

    @property
    def name_of_test(self) -> str:
        """A multi-stimulus rating."""
        return RATED_BESIDE

    @property
    def practice_lead(self) -> str:
        """Sliders are explained."""
        return "practice_lead"

    def open_references(self) -> tuple[str, ...]:
        """Dry stems on the page, in the order in which the part lists the stems."""
        return self.references
