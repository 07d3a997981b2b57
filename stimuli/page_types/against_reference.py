"""Common parts of page types on which one mix per page is compared with its song's reference."""

from __future__ import annotations

from collections.abc import Sequence

from stimuli.page_types.base import REFERENCE, Part, check_reference
from stimuli.page_types.trials import TrialOptions
from stimuli.study_keys.keys import Name, StudySong


class ReferenceOptions(TrialOptions):
    """Keys of comparisons with a reference; each recording plays once and from its start.

    ``reference`` names one of the study's systems. If the key ``reference`` has the value
    ``reference``, each song needs a file called ``reference``.
    """

    reference: Name = REFERENCE

    def made(self) -> tuple[str, ...]:
        """Return the reference if it is a file."""
        return (REFERENCE,) if self.reference == REFERENCE else ()

    @property
    def compared_with(self) -> str:
        """The reference."""
        return self.reference

    def open_references(self) -> tuple[str, ...]:
        """Return the reference, which every page plays."""
        return (self.reference,)

    def check(self, part: Part, songs: Sequence[StudySong], systems: Sequence[str]) -> None:
        """Raise ``PlacedError`` if the reference is missing, or if the part has no other system."""
        check_reference(self.reference, part, songs, systems)
