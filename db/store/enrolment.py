"""Enrolment of participants; a participant's plan is written before any sound is played."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models import PageRow, ParticipantRow, StudyRow, StudyVersionRow
from db.reading.participants import find_participant, token_of_answer
from db.records.errors import StoreUnavailableError, StudyFullError
from db.records.participation import AssignedPage, Participant, ParticipantKind
from db.records.steps import LEFT
from db.store.transactions import Transactions, participant_of, study_of
from db.writing import registration

ATTEMPTS = 20
Plan = Callable[[int], Sequence[AssignedPage]]
"""Function that returns the pages of the plan with a given number."""
ArmOf = Callable[[int], str | None]
"""Function that returns the arm of the plan with a given number; None if a study has no arms."""


def no_arm(_number: int) -> None:
    """A study without arms."""


class Enrolment(Transactions):
    """Enrolment of participants, and assignment of plans to participants."""

    def enrol(
        self,
        study: str,
        plan: Plan,
        kind: ParticipantKind = "participant",
        abandoned_before: datetime | None = None,
        arm: ArmOf = no_arm,
        *,
        answers: Mapping[str, str] | None = None,
        person: str | None = None,
        capacity: int | None = None,
    ) -> Participant:
        """Enrol a participant: the next participant number and the lowest free plan.

        Parameters
        ----------
        study
            Identifier of a registered study.
        plan
            Function that returns the pages of a plan, given the number of the plan.
        kind
            ``participant`` or ``simulated``; each kind of participants has its own plans.
        abandoned_before
            An unfinished plan becomes free again if its participant has done nothing since this
            time. If None, no plan becomes free again.
        arm
            Function that returns the arm of a plan, given the number of the plan. If the function
            raises an exception, the participant is not enrolled.
        answers
            Answers that are already known, such as the identifier from a panel.
        person
            Name of the answer by which a person is recognised. If a person has given the same
            answer before, the earlier participant is returned, and no participant is added.
        capacity
            Largest number of real participants with a plan; None without a limit.

        Raises
        ------
        StudyFullError
            ``capacity`` is reached.
        StoreError
            The study is not registered.
        """
        for _ in range(ATTEMPTS):
            try:
                with self._writing() as session:
                    study_id = _locked_study(session, study).id
                    known = _known(session, study, answers or {}, person)
                    if known is not None:
                        return _found(session, known)
                    if capacity is not None and (
                        registration.places_taken(session, study_id, abandoned_before) >= capacity
                    ):
                        raise StudyFullError("The study has all the participants it needs.")
                    number = registration.free_plan_index(
                        session, study_id, kind, None, abandoned_before
                    )
                    token = registration.add_participant(
                        session,
                        study_id,
                        _version(session, study_id),
                        registration.next_index(session, study_id),
                        kind,
                        plan(number),
                        number,
                        arm(number),
                        answers or {},
                    )
                    return _found(session, token)
            except IntegrityError:
                continue
        raise StoreUnavailableError("Too many participants came in at once. Please try again.")

    def has_real_participants(self, study: str) -> bool:
        """Whether the study has any real participant who has neither declined nor withdrawn."""
        with self._reading() as session:
            asked = select(ParticipantRow.id).where(
                ParticipantRow.study_id == study_of(session, study).id,
                ParticipantRow.kind != "simulated",
                ParticipantRow.step.not_in(LEFT),
            )
            return session.scalar(asked.limit(1)) is not None

    def places_taken(self, study: str, abandoned_before: datetime | None) -> int:
        """Number of real participants who have a plan, counted as in :meth:`enrol`."""
        with self._reading() as session:
            return registration.places_taken(session, study_of(session, study).id, abandoned_before)

    def replan(
        self,
        token: str,
        group: str,
        plan: Plan,
        abandoned_before: datetime | None = None,
        arm: ArmOf = no_arm,
    ) -> Participant:
        """Give a participant the lowest free plan of the participant's listener group.

        Nothing changes if a page has already been opened, or if the plan already belongs to this
        group.

        Raises
        ------
        UnknownParticipantError
            No participant has this token.
        """
        with self._writing() as session:
            row = participant_of(session, token)
            opened = select(PageRow.id).where(
                PageRow.participant_id == row.id, PageRow.opened_at.is_not(None)
            )
            if row.plan_group != group and session.scalar(opened.limit(1)) is None:
                study_id, kind = row.study_id, cast(ParticipantKind, row.kind)
                _lock_plans(session, StudyRow.id == study_id)
                number = registration.free_plan_index(
                    session, study_id, kind, group, abandoned_before
                )
                session.execute(delete(PageRow).where(PageRow.participant_id == row.id))
                registration.add_plan(session, row.id, plan(number))
                row.plan_index, row.plan_group, row.arm = number, group, arm(number)
                session.flush()
            return _found(session, token)


def _known(
    session: Session, study: str, answers: Mapping[str, str], person: str | None
) -> str | None:
    """Token of the participant who has given the same identifying answer before."""
    if person is None or person not in answers:
        return None
    return token_of_answer(session, study, person, answers[person])


def _locked_study(session: Session, identifier: str) -> StudyRow:
    """The study; its plans are locked until the end of the transaction."""
    found = _lock_plans(session, StudyRow.identifier == identifier)
    return found or study_of(session, identifier)


def _lock_plans(session: Session, which: ColumnElement[bool]) -> StudyRow | None:
    """Lock a study's plans for this transaction; None if the study does not exist."""
    return session.scalar(select(StudyRow).where(which).with_for_update())


def _version(session: Session, study_id: int) -> int:
    """The current version of the study file."""
    return session.scalars(
        select(StudyVersionRow.id)
        .where(StudyVersionRow.study_id == study_id)
        .order_by(StudyVersionRow.id.desc())
        .limit(1)
    ).one()


def _found(session: Session, token: str) -> Participant:
    participant = find_participant(session, token)
    if participant is None:  # pragma: no cover - it was written in this transaction
        raise StoreUnavailableError("The new participant cannot be read from the database.")
    return participant
