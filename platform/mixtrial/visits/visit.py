"""One visit: the study and the participant of the link, read anew from the database."""

from __future__ import annotations

from dataclasses import dataclass

from db.records.participation import Page, Participant
from mixtrial.server.installation import Installation
from mixtrial.server.language import Locale, study_locale
from stimuli.page_types.base import Part
from stimuli.study.blind_header import check_blind
from stimuli.study.study import StudyError


@dataclass(frozen=True, slots=True)
class Visit:
    """Data for drawing a page of the survey."""

    installation: Installation
    participant: Participant

    @property
    def token(self) -> str:
        """The secret token in the participant's link."""
        return self.participant.token

    @property
    def locale(self) -> Locale:
        """The texts in the study's language."""
        return study_locale(self.installation.study)

    @property
    def page(self) -> Page:
        """The page that the participant is on, or comes to next."""
        return self.participant.pages[self.participant.page_index]

    @property
    def part(self) -> Part:
        """The part of the study to which the page belongs."""
        return self.installation.study.part(self.page.part)


def is_built(installation: Installation) -> bool:
    """Whether all mixes of the study exist, in files that reveal nothing except their sound."""
    if installation.manifest is None:
        return False
    try:
        installation.manifest.check_covers(installation.study)
        check_blind(installation.manifest)
    except StudyError:
        return False
    return True


def page_sample_rate(visit: Visit, page_index: int) -> int:
    """Sample rate in Hz, common to a page's files.

    Raises
    ------
    ValueError
        The study is not built.
    """
    page = visit.participant.pages[page_index]
    manifest = visit.installation.manifest
    if manifest is None:
        raise ValueError("The study is not built.")
    return manifest.stimulus(page.song, page.slots[0].system).sample_rate
