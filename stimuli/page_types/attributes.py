"""``attributes``: one step per question, with a slider (or row of labels) for each mix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from stimuli.page_types.base import RATED_BESIDE, DryName, PartOptions, Scale, with_stems
from stimuli.study_keys.recommendations import NO_REFERENCE


class Options(PartOptions):
    """Keys of Li's (2022) test; ``labels`` offers the scale's words as choices to click."""

    source: ClassVar[str] = f"compare {NO_REFERENCE}"

    type: Literal["attributes"] = "attributes"
    scale: Scale = "slider"
    references: tuple[DryName, ...] = ()

    @property
    def method(self) -> str:
        """Name in a report."""
        return with_stems("multi-stimulus rating of attributes, no reference", self.references)

    @property
    def name_of_test(self) -> str:
        """A multi-stimulus rating."""
        return RATED_BESIDE

    @property
    def practice_lead(self) -> str:
        """Sliders are explained."""
        return "practice_lead" if self.scale == "slider" else super().practice_lead

    def usual_attributes(self, attributes: Sequence[str]) -> tuple[str, ...]:
        """All attributes of the study."""
        return tuple(attributes)

    def open_references(self) -> tuple[str, ...]:
        """Dry stems on the page, in the order in which the part lists the stems."""
        return self.references

    def browser_options(self) -> dict[str, Any]:
        """Control for a rating."""
        return {"scale": self.scale}
