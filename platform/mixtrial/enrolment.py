"""Somebody comes in: their plan is drawn from the study's seed and written down at once."""

from __future__ import annotations

from collections.abc import Mapping

from db.records import (
    AssignedPage,
    AssignedSlot,
    IndexTakenError,
    Participant,
    ParticipantKind,
    StoreError,
    StoreUnavailableError,
    UnknownParticipantError,
)
from mixtrial.installation import Installation
from stimuli.design import plan_session

ATTEMPTS = 50


class EnrolmentClosedError(StoreError):
    """The study takes no new participants just now; the message is meant for the participant."""


def enrol(installation: Installation, kind: ParticipantKind = "participant") -> Participant:
    """Add a participant with a plan of their own.

    The order of songs and stimuli follows from the study's seed and the participant's index; the
    tokens are random. When two come in at once, the second plans again with the next index.

    Raises
    ------
    EnrolmentClosedError
        The study is paused or closed.
    StoreUnavailableError
        The database cannot be written to.
    """
    study, store = installation.study.identifier, installation.store
    if kind == "participant" and store.study_status(study) != "open":
        raise EnrolmentClosedError("This study takes no new participants at the moment.")
    for _ in range(ATTEMPTS):
        index = store.next_participant_index(study)
        try:
            return store.add_participant(study, assigned_pages(installation, index), kind, index)
        except IndexTakenError:
            continue
    raise StoreUnavailableError("too many participants came in at once; please try again")


def assigned_pages(installation: Installation, index: int) -> tuple[AssignedPage, ...]:
    """Plan of the participant with this index, each stimulus tied to its file where built."""
    return tuple(
        AssignedPage(
            kind=page.kind,
            song=page.song,
            slots=tuple(
                AssignedSlot(system, installation.stimulus_sha256(page.song, system))
                for system in page.systems
            ),
            replicate=page.replicate,
        )
        for page in plan_session(installation.study, index).pages
    )


def answer_questionnaire(
    installation: Installation,
    token: str,
    group: str,
    device: str,
    answers: Mapping[str, str] | None = None,
) -> Participant:
    """Note what a participant says of themselves; the participant as they stand now.

    Raises
    ------
    UnknownParticipantError
        Nobody has this token.
    """
    store = installation.store
    store.record_questionnaire(token, group, device, answers or {})
    participant = store.find_participant(token)
    if participant is None:
        raise UnknownParticipantError("this link belongs to no participant")
    return participant
