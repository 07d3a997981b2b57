"""Registration of studies and participants. A plan is written before any sound is played.

Every function in this module uses a transaction that the caller has begun. Tokens come from
:mod:`secrets`, never from the random seed of the study. The orders of stimuli come from the random
seed, so anybody who knows the seed can compute the orders.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from db.models import PageRow, ParticipantRow, SlotRow, StudyRow, StudyVersionRow
from db.records.participation import AssignedPage, AssignedSlot, ParticipantKind
from db.records.steps import LEFT, Step

TOKEN_BYTES = 24
"""Length of a token: 192 random bits, which are 32 characters in a link."""


def now() -> datetime:
    """The current time in UTC, rounded to milliseconds as in exports."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_registered(session: Session, identifier: str, fingerprint: str) -> bool:
    """Whether this version of the study is the newest version in the database."""
    newest = session.scalar(
        select(StudyVersionRow.fingerprint)
        .join(StudyRow, StudyRow.id == StudyVersionRow.study_id)
        .where(StudyRow.identifier == identifier)
        .order_by(StudyVersionRow.id.desc())
        .limit(1)
    )
    return newest == fingerprint


def register_study(
    session: Session, identifier: str, title: str, fingerprint: str, seed: int
) -> None:
    """Store a study and the version of its study file; what is already stored does not change."""
    study_id = session.scalar(select(StudyRow.id).where(StudyRow.identifier == identifier))
    if study_id is None:
        row = StudyRow(identifier=identifier, status="open", created_at=now())
        session.add(row)
        session.flush()
        study_id = row.id
    known = session.scalar(
        select(StudyVersionRow.id).where(
            StudyVersionRow.study_id == study_id, StudyVersionRow.fingerprint == fingerprint
        )
    )
    if known is None:
        version = StudyVersionRow(
            study_id=study_id,
            title=title,
            fingerprint=fingerprint,
            seed=seed,
            registered_at=now(),
        )
        session.add(version)


def next_index(session: Session, study_id: int) -> int:
    """The highest participant index in the study, plus one."""
    highest = session.scalar(
        select(func.max(ParticipantRow.participant_index)).where(
            ParticipantRow.study_id == study_id
        )
    )
    return 0 if highest is None else highest + 1


def add_participant(
    session: Session,
    study_id: int,
    version_id: int,
    index: int,
    kind: ParticipantKind,
    pages: Sequence[AssignedPage],
    plan_index: int,
    arm: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> str:
    """Write a participant with all pages and stimuli; return the new token.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        The index is taken.
    """
    row = ParticipantRow(
        study_id=study_id,
        version_id=version_id,
        participant_index=index,
        token=new_token(),
        kind=kind,
        step=Step.CONSENT,
        page_index=0,
        answers=dict(answers or {}),
        created_at=now(),
        plan_index=plan_index,
        arm=arm,
    )
    session.add(row)
    session.flush()
    add_plan(session, row.id, pages)
    return row.token


def add_plan(session: Session, participant_id: int, pages: Sequence[AssignedPage]) -> None:
    """Write the pages and stimuli of a participant, with new random tokens."""
    page_ids = _add_pages(session, participant_id, pages)
    slots = [
        row
        for page_id, page in zip(page_ids, pages, strict=True)
        for row in slot_rows(page_id, page.slots)
    ]
    if slots:
        session.execute(insert(SlotRow), slots)


def slot_rows(page_id: int, slots: Iterable[AssignedSlot]) -> list[dict[str, Any]]:
    """Rows for a page's stimuli, in order, in the form of the table, with new random tokens."""
    return [
        {
            "page_id": page_id,
            "position": position,
            "system": slot.system,
            "stimulus_sha256": slot.stimulus_sha256,
            "role": slot.role,
            "audio_token": new_token(),
        }
        for position, slot in enumerate(slots)
    ]


def free_plan_index(
    session: Session,
    study_id: int,
    kind: ParticipantKind,
    group: str | None,
    abandoned_before: datetime | None,
) -> int:
    """Number of the lowest free plan.

    A plan is taken if its participant has finished the plan. A plan is also taken if one of its
    pages was opened or closed since ``abandoned_before`` (or ever, if this is None). A plan is free
    if its participant has declined or withdrawn. The plans of simulated participants are numbered
    separately. The caller must have locked the study.
    """
    mine = ParticipantRow.plan_group
    of_group = mine.is_(None) if group is None else mine == group
    held = {*_held_plans(session, study_id, kind, abandoned_before, of_group)}
    return next(index for index in count() if index not in held)


def places_taken(session: Session, study_id: int, abandoned_before: datetime | None) -> int:
    """Number of real participants who have a plan, counted as in :func:`free_plan_index`."""
    return len(_held_plans(session, study_id, "participant", abandoned_before))


def _held_plans(
    session: Session,
    study_id: int,
    kind: ParticipantKind,
    abandoned_before: datetime | None,
    *which: ColumnElement[bool],
) -> list[int | None]:
    """Plan number of each participant who has a plan."""
    held = select(ParticipantRow.plan_index).where(
        ParticipantRow.study_id == study_id,
        ParticipantRow.kind == kind,
        ParticipantRow.step.not_in(LEFT),
        *which,
    )
    if abandoned_before is not None:
        # Pages are checked last and for only a few plans, because a plan has many pages.
        is_busy = exists().where(
            PageRow.participant_id == ParticipantRow.id,
            or_(PageRow.opened_at >= abandoned_before, PageRow.closed_at >= abandoned_before),
        )
        is_new = ParticipantRow.created_at >= abandoned_before
        held = held.where(or_(ParticipantRow.finished_at.is_not(None), is_new, is_busy))
    return list(session.scalars(held))


def _add_pages(session: Session, participant_id: int, pages: Sequence[AssignedPage]) -> list[int]:
    if not pages:
        return []
    rows = [
        {
            "participant_id": participant_id,
            "page_index": index,
            "phase": page.phase,
            "song": page.song,
            "replicate": page.replicate,
            "part": page.part,
            "page_type": page.page_type,
            "answers": page.answers,
            "epoch": 0,
            "saved_epoch": 0,
            "saved_seq": 0,
        }
        for index, page in enumerate(pages)
    ]
    statement = insert(PageRow).returning(PageRow.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))
