"""Enrolment: a participant's plan is generated from the study's seed and stored at once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache

from db.records.errors import (
    StoreError,
    StoreUnavailableError,
    StudyFullError,
    UnknownParticipantError,
)
from db.records.participation import AssignedPage, Participant, ParticipantKind
from mixtrial.participation.admission import Closed, abandoned_before, limits_of, why_closed
from mixtrial.participation.tracks import slots_of
from mixtrial.server.installation import Installation
from mixtrial.server.limits import RateLimit, network_of
from stimuli.design.arms import arm_for, is_full
from stimuli.design.session import PlannedPage, plan_session
from stimuli.page_types.trials import Trial

logger = logging.getLogger(__name__)


class EnrolmentClosedError(StoreError):
    """The study accepts no new participants now; the attribute ``reason`` says why."""

    def __init__(self, reason: Closed) -> None:
        is_full = reason is Closed.FULL
        super().__init__(
            "This study has all the participants it needs."
            if is_full
            else "This study takes no new participants at the moment."
        )
        self.reason = reason


ENROLMENTS_PER_S, ENROLMENTS_AT_ONCE = 0.1, 200
"""How many come in from one address: a full lecture hall at once, then six a minute."""


@cache
def enrolment_limit() -> RateLimit:
    """Counter of enrolments for each network address; this process has only one such counter."""
    return RateLimit(ENROLMENTS_PER_S, ENROLMENTS_AT_ONCE)


def returning(installation: Installation, sent_by: Mapping[str, str]) -> Participant | None:
    """A participant whom a panel sends again, found by the panel's identifier."""
    study, person = installation.study, installation.study.recruitment.person
    if person is None or person not in sent_by:
        return None
    return installation.store.find_by_answer(study.identifier, person, sent_by[person])


def enrol_visitor(
    installation: Installation, address: str | None, sent_by: Mapping[str, str] | None = None
) -> Participant:
    """Add a participant who uses a browser; the participant's network address can be unknown.

    Parameters
    ----------
    installation
        The study.
    address
        Network address of the participant, if known.
    sent_by
        Facts that a panel gives about the participant; each key is the name of the answer that
        stores the fact. A participant whom the panel has sent before, even a moment ago in another
        tab, is not added twice.

    Raises
    ------
    EnrolmentClosedError
        The study is paused or closed, its last day is over, or the study has enough participants.
    StoreUnavailableError
        The database cannot be written to, or too many participants came from this address.
    """
    network = network_of(None if address is None else (address, 0))
    if enrolment_limit().wait_s(network) > 0.0:
        logger.warning("too many participants come in from one address")
        raise StoreUnavailableError(
            "Too many participants came in from this address. Please try again later."
        )
    return enrol(installation, sent_by=sent_by)


def enrol(
    installation: Installation,
    kind: ParticipantKind = "participant",
    sent_by: Mapping[str, str] | None = None,
) -> Participant:
    """Add a participant with a plan, or find a participant whom a panel has sent before.

    The order of songs and stimuli depends on the study's seed and on the number of the plan. The
    number of the plan is the lowest free number. The tokens in the plan are random.

    Raises
    ------
    EnrolmentClosedError
        The study is paused or closed, its last day is over, or the study has enough participants.
    StoreUnavailableError
        The database cannot be written to.
    """
    study, store = installation.study.identifier, installation.store
    capacity = None
    if kind == "participant":
        if reason := why_closed(installation):
            raise EnrolmentClosedError(reason)
        capacity = limits_of(installation).capacity

    def plan(number: int) -> tuple[AssignedPage, ...]:
        return assigned_pages(installation, number)

    def arm(number: int) -> str | None:
        if is_full(installation.study, number):
            raise EnrolmentClosedError(Closed.FULL)
        return arm_for(installation.study, number)

    person = installation.study.recruitment.person
    before = abandoned_before(installation)
    try:
        return store.enrol(
            study, plan, kind, before, arm, answers=sent_by, person=person, capacity=capacity
        )
    except StudyFullError:  # another participant has just taken the last place
        raise EnrolmentClosedError(Closed.FULL) from None


def assigned_pages(
    installation: Installation, number: int, group: str | None = None
) -> tuple[AssignedPage, ...]:
    """Pages of the plan with this number, with the file of each stimulus that is built."""
    pages = plan_session(installation.study, number, group).pages
    return tuple(_assigned(installation, page) for page in pages)


def _assigned(installation: Installation, page: PlannedPage) -> AssignedPage:
    options = installation.study.part(page.part).options
    return AssignedPage(
        phase=page.phase,
        song=page.song,
        slots=slots_of(installation, options, page.song, Trial(page.systems, page.references)),
        replicate=page.replicate,
        part=page.part,
        page_type=page.page_type,
        answers=options.answers,
    )


def answer_questionnaire(
    installation: Installation,
    token: str,
    group: str,
    device: str,
    answers: Mapping[str, str] | None = None,
) -> Participant:
    """Store a participant's answers about themselves; return the updated participant.

    If the study balances plans within groups, the participant now gets another plan: one of the
    plans for the participant's group.

    Raises
    ------
    UnknownParticipantError
        No participant has this token.
    """
    store = installation.store
    store.record_questionnaire(token, group, device, answers or {})
    if installation.study.pages.balance_within == "groups":

        def plan(number: int) -> tuple[AssignedPage, ...]:
            return assigned_pages(installation, number, group)

        def arm(number: int) -> str | None:
            return arm_for(installation.study, number, group)

        return store.replan(token, group, plan, abandoned_before(installation), arm)
    participant = store.find_participant(token)
    if participant is None:
        raise UnknownParticipantError("This link does not belong to any participant.")
    return participant
