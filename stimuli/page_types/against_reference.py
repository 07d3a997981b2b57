"""Common parts of types that set one mix against the reference of its song, one of them a page."""

from __future__ import annotations

from collections.abc import Sequence

from stimuli.page_types.base import REFERENCE, Part, check_reference
from stimuli.page_types.trials import TrialOptions
from stimuli.study_keys.keys import Name, StudySong


class ReferenceOptions(TrialOptions):
    """Keys of single mixes set against a reference; each recording plays once, from its start.

    ``reference`` is one of the study's systems, or ``reference`` for the file of that name that
    each song then needs.
    """

    reference: Name = REFERENCE

    def made(self) -> tuple[str, ...]:
        """Return the reference where it is a file."""
        return (REFERENCE,) if self.reference == REFERENCE else ()

    @property
    def compared_with(self) -> str:
        """The reference."""
        return self.reference

    def open_references(self) -> tuple[str, ...]:
        """Return the reference, which every page plays."""
        return (self.reference,)

    def check(self, part: Part, songs: Sequence[StudySong], systems: Sequence[str]) -> None:
        """Raise ``PlacedError`` when the reference is not there, or nothing but the reference."""
        check_reference(self.reference, part, songs, systems)
