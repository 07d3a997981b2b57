"""``multi_stimulus``: all mixes of a song on one page, a slider each, and no reference.

What ITU-R BS.1534 asks of a test besides sliders (a given reference, a hidden one, two anchors) is
not here, so this type must not carry that test's name.
"""

from __future__ import annotations

from typing import Literal

from stimuli.page_types.base import DryName, PartOptions, with_stems


class Options(PartOptions):
    """Keys of a rating of several mixes without a reference."""

    type: Literal["multi_stimulus"] = "multi_stimulus"
    references: tuple[DryName, ...] = ()

    @property
    def method(self) -> str:
        """What a report may call it."""
        return with_stems("multi-stimulus, no reference", self.references)

    def open_references(self) -> tuple[str, ...]:
        """Dry stems, as listed."""
        return self.references
