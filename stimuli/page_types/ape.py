"""``ape``: all mixes as markers on one axis; the axes of several attributes are below each other.

References
----------
.. [1] B. De Man & J. D. Reiss (2014), "APE: audio perceptual evaluation toolbox for MATLAB",
   136th Convention of the AES, e-Brief 151.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from stimuli.page_types.base import DryName, PartOptions, with_stems


class Options(PartOptions):
    """Keys of a rating on common axes."""

    source: ClassVar[str] = "De Man & Reiss"

    type: Literal["ape"] = "ape"
    references: tuple[DryName, ...] = ()

    @property
    def method(self) -> str:
        """Name in a report."""
        return with_stems("multi-stimulus on one axis (APE), no reference", self.references)

    @property
    def name_of_test(self) -> str:
        """The method is not called MUSHRA, even if systems are named like a reference or anchor."""
        return (
            "All mixes were rated as markers on one axis (the APE interface), without a given "
            "reference; this is not MUSHRA."
        )

    def usual_attributes(self, attributes: Sequence[str]) -> tuple[str, ...]:
        """All attributes of the study."""
        return tuple(attributes)

    def open_references(self) -> tuple[str, ...]:
        """Dry stems on the page, in the order in which the part lists the stems."""
        return self.references
