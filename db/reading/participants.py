"""Search for a participant by link, by code, or by an answer.

Every function in this module uses a transaction that the caller has begun.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import Session

from db.models import ConsentRow, PageRow, ParticipantRow, SlotRow, StudyRow
from db.prepared import Prepared
from db.records.participation import Page, Participant, ParticipantKind, Slot
from db.records.steps import Phase, Step


def participant_row(session: Session, token: str) -> ParticipantRow | None:
    """Row of the participant with this token."""
    return session.scalar(select(ParticipantRow).where(ParticipantRow.token == token))


def row_by_token_or_code(session: Session, token_or_code: str) -> ParticipantRow | None:
    """Row of the participant with this token or completion code, in upper or lower case."""
    return session.scalar(
        select(ParticipantRow).where(
            (ParticipantRow.token == token_or_code)
            | (ParticipantRow.completion_code == token_or_code.upper())
        )
    )


_AGREED_AT = (
    select(func.min(ConsentRow.recorded_at))
    .where(ConsentRow.participant_id == ParticipantRow.id, ConsentRow.accepted)
    .scalar_subquery()
)

_PARTICIPANT = Prepared(
    select(
        ParticipantRow.id,
        ParticipantRow.token,
        StudyRow.identifier.label("study"),
        ParticipantRow.participant_index,
        ParticipantRow.kind,
        ParticipantRow.step,
        ParticipantRow.page_index,
        ParticipantRow.group,
        ParticipantRow.arm,
        ParticipantRow.device,
        ParticipantRow.volume,
        ParticipantRow.completion_code,
        ParticipantRow.answers,
        _AGREED_AT.label("agreed_at"),
    )
    .join(StudyRow, StudyRow.id == ParticipantRow.study_id)
    .where(ParticipantRow.token == bindparam("token"))
)


def find_participant(archive: Session | Connection, token: str) -> Participant | None:
    """All stored data about the participant with this token, except ratings and events."""
    connection = _connection(archive)
    row = _PARTICIPANT.first(connection, token=token)
    if row is None:
        return None
    return Participant(
        token=row.token,
        study=row.study,
        index=row.participant_index,
        kind=cast(ParticipantKind, row.kind),
        step=Step(row.step),
        page_index=row.page_index,
        pages=_pages(connection, row.id),
        group=row.group,
        device=row.device,
        volume=row.volume,
        completion_code=row.completion_code,
        answers=dict(row.answers),
        agreed_at=row.agreed_at,
        arm=row.arm,
    )


_PLAN = Prepared(
    select(
        PageRow.page_index,
        PageRow.phase,
        PageRow.song,
        PageRow.replicate,
        PageRow.closed_at.is_not(None).label("is_closed"),
        PageRow.part,
        PageRow.page_type,
        SlotRow.position,
        SlotRow.system,
        SlotRow.audio_token,
        SlotRow.stimulus_sha256,
        SlotRow.role,
    )
    # a page that is not planned yet has no stimuli
    .outerjoin(SlotRow, SlotRow.page_id == PageRow.id)
    .where(PageRow.participant_id == bindparam("participant_id"))
    .order_by(PageRow.page_index, SlotRow.position)
)


def token_of_answer(session: Session, study: str, name: str, answer: str) -> str | None:
    """Token of a study's first participant with this answer; None if there is none."""
    statement = (
        select(ParticipantRow.token)
        .join(StudyRow, StudyRow.id == ParticipantRow.study_id)
        .where(
            StudyRow.identifier == study,
            ParticipantRow.kind == "participant",
            ParticipantRow.answers[name].as_string() == answer,
        )
        .order_by(ParticipantRow.participant_index)
        .limit(1)
    )
    return session.scalar(statement)


def _connection(archive: Session | Connection) -> Connection:
    """The connection of a session (with the session's changes), or the given connection itself."""
    if isinstance(archive, Connection):
        return archive
    archive.flush()
    return archive.connection()


def _pages(connection: Connection, participant_id: int) -> tuple[Page, ...]:
    """Pages of a plan (about 60 rows), which are read each time that a participant turns a page."""
    rows = _PLAN.rows(connection, participant_id=participant_id)
    facts: dict[int, tuple[Any, ...]] = {}
    slots: dict[int, list[Slot]] = {}
    for index, phase, song, replicate, is_closed, part, page_type, position, *heard in rows:
        if index not in facts:
            facts[index] = cast(Phase, phase), song, replicate, is_closed, part, page_type
            slots[index] = []
        if position is not None:
            slots[index].append(Slot(position, *heard))
    return tuple(
        Page(index, phase, song, replicate, tuple(slots[index]), *rest)
        for index, (phase, song, replicate, *rest) in facts.items()
    )
