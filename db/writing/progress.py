"""How far a participant has come: found by token, moved step by step, withdrawn on request.

Every function works inside the caller's transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from itertools import groupby
from typing import cast

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from db.models import ConsentRow, PageRow, ParticipantRow, SlotRow, StudyRow
from db.records import AudioGrant, Page, PageKind, Participant, ParticipantKind, Slot, Step
from db.writing.registration import new_token, now

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 10
STEPS_WITH_SOUND = ("volume", "training", "rating")


def participant_row(session: Session, token: str) -> ParticipantRow | None:
    """The row behind a token."""
    return session.scalar(select(ParticipantRow).where(ParticipantRow.token == token))


def row_by_token_or_code(session: Session, token_or_code: str) -> ParticipantRow | None:
    """The row behind a token, or behind a completion code, typed in capitals or not."""
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

_PARTICIPANT = (
    select(
        ParticipantRow.id,
        ParticipantRow.token,
        StudyRow.identifier.label("study"),
        ParticipantRow.index.label("number"),
        ParticipantRow.kind,
        ParticipantRow.step,
        ParticipantRow.page_index,
        ParticipantRow.group,
        ParticipantRow.device,
        ParticipantRow.volume,
        ParticipantRow.completion_code,
        ParticipantRow.answers,
        _AGREED_AT.label("agreed_at"),
    )
    .join(StudyRow, StudyRow.id == ParticipantRow.study_id)
    .where(ParticipantRow.token == bindparam("token"))
)


def find_participant(session: Session, token: str) -> Participant | None:
    """Everything stored about the participant behind a token, except ratings and events."""
    row = session.execute(_PARTICIPANT, {"token": token}).first()
    if row is None:
        return None
    return Participant(
        token=row.token,
        study=row.study,
        index=row.number,
        kind=cast(ParticipantKind, row.kind),
        step=cast(Step, row.step),
        page_index=row.page_index,
        pages=_pages(session, row.id),
        group=row.group,
        device=row.device,
        volume=row.volume,
        completion_code=row.completion_code,
        answers=dict(row.answers),
        agreed_at=row.agreed_at,
    )


_PLAN = (
    select(
        PageRow.index,
        PageRow.kind,
        PageRow.song,
        PageRow.replicate,
        PageRow.closed_at.is_not(None).label("is_closed"),
        PageRow.part,
        PageRow.type,
        SlotRow.position,
        SlotRow.system,
        SlotRow.audio_token,
        SlotRow.stimulus_sha256,
        SlotRow.role,
    )
    .join(SlotRow, SlotRow.page_id == PageRow.id)
    .where(PageRow.participant_id == bindparam("participant_id"))
    .order_by(PageRow.index, SlotRow.position)
)


def token_of_answer(session: Session, study: str, name: str, answer: str) -> str | None:
    """Token of the first participant of a study who gave this answer; None when nobody did."""
    statement = (
        select(ParticipantRow.token)
        .join(StudyRow, StudyRow.id == ParticipantRow.study_id)
        .where(
            StudyRow.identifier == study,
            ParticipantRow.kind == "participant",
            ParticipantRow.answers[name].as_string() == answer,
        )
        .order_by(ParticipantRow.index)
        .limit(1)
    )
    return session.scalar(statement)


def _pages(session: Session, participant_id: int) -> tuple[Page, ...]:
    rows = session.execute(_PLAN, {"participant_id": participant_id}).all()
    pages = []
    for facts, members in groupby(rows, lambda row: row[:7]):
        index, kind, song, replicate, is_closed, *part = facts
        slots = tuple(Slot(*member[7:]) for member in members)
        pages.append(Page(index, cast(PageKind, kind), song, replicate, slots, is_closed, *part))
    return tuple(pages)


def record_consent(session: Session, row: ParticipantRow, version: str, accepted: bool) -> None:
    """Add an answer to the consent text, and go on to the questionnaire or to ``refused``."""
    session.add(
        ConsentRow(participant_id=row.id, version=version, accepted=accepted, recorded_at=now())
    )
    if row.step in ("consent", "refused"):
        row.step = "questionnaire" if accepted else "refused"


def record_questionnaire(
    row: ParticipantRow, group: str, device: str, answers: Mapping[str, str]
) -> None:
    """Note group and listening device, add further answers, and go on to the volume page."""
    row.group, row.device, row.answers = group, device, {**row.answers, **answers}
    if row.step == "questionnaire":
        row.step = "volume"


def record_answers(
    session: Session, row: ParticipantRow, answers: Mapping[str, str | None]
) -> None:
    """Add answers to those a participant has given; None takes one away.

    Two tabs at once lose nothing: the row is read anew, and held until the transaction ends.
    """
    session.refresh(row, ["answers"], with_for_update=True)
    together = {**row.answers, **answers}
    row.answers = {name: answer for name, answer in together.items() if answer is not None}


def move_to(session: Session, row: ParticipantRow, step: Step, page_index: int) -> None:
    """Set where the participant stands; the end is stamped with its time."""
    row.step, row.page_index = step, page_index
    if step == "thanks" and row.finished_at is None:
        row.finished_at = now()
    session.flush()


def finish(session: Session, row: ParticipantRow) -> str:
    """Stamp the end and return the completion code, the same each time."""
    if row.completion_code is None:
        row.completion_code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    move_to(session, row, "thanks", row.page_index)
    return row.completion_code


def withdraw(session: Session, row: ParticipantRow) -> None:
    """Delete all that the participant said and did; the index stays taken, the link dies.

    Pages take their slots, ratings and events with them (``ON DELETE CASCADE``).
    """
    session.execute(delete(PageRow).where(PageRow.participant_id == row.id))
    session.execute(delete(ConsentRow).where(ConsentRow.participant_id == row.id))
    row.step, row.page_index, row.token = "withdrawn", 0, new_token()
    row.group = row.device = row.volume = row.completion_code = row.finished_at = None
    row.answers = {}


def audio_grant(session: Session, audio_token: str) -> AudioGrant | None:
    """What an audio token stands for; open on the current page, the next, and an unclosed one."""
    statement = (
        select(
            SlotRow,
            PageRow,
            ParticipantRow.step,
            ParticipantRow.page_index,
            ParticipantRow.token,
            StudyRow.identifier,
        )
        .join(PageRow, PageRow.id == SlotRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .join(StudyRow, StudyRow.id == ParticipantRow.study_id)
        .where(SlotRow.audio_token == audio_token)
    )
    found = session.execute(statement).first()
    if found is None:
        return None
    slot, page, step, reached, token, study = found
    systems = session.scalars(
        select(SlotRow.system).where(SlotRow.page_id == page.id).order_by(SlotRow.position)
    )
    near = page.index in (reached, reached + 1)
    earlier = page.index < reached and page.closed_at is None
    return AudioGrant(
        study=study,
        token=token,
        page_index=page.index,
        position=slot.position,
        song=page.song,
        system=slot.system,
        page_systems=tuple(systems),
        stimulus_sha256=slot.stimulus_sha256,
        is_open=step in STEPS_WITH_SOUND and (near or earlier),
    )


_FOLLOWING = (
    select(PageRow.index, PageRow.kind)
    .where(
        PageRow.participant_id == bindparam("participant_id"),
        PageRow.index > bindparam("done"),
        # who went back does not rate the pages between again
        PageRow.closed_at.is_(None),
    )
    .order_by(PageRow.index)
    .limit(1)
)

_MOVE = (
    update(ParticipantRow)
    .where(
        ParticipantRow.id == bindparam("participant_id"),
        ParticipantRow.page_index == bindparam("done"),
        ParticipantRow.step != "thanks",
    )
    .values(
        step=bindparam("next_step"),
        page_index=bindparam("next_index"),
        finished_at=func.coalesce(ParticipantRow.finished_at, bindparam("ended")),
    )
)


def advance(connection: Connection, participant_id: int, page_index: int) -> None:
    """Go on from a page that has had its final save, if the participant still stands on it."""
    who = {"participant_id": participant_id, "done": page_index}
    page = connection.execute(_FOLLOWING, who).first()
    if page is None:
        last = select(func.max(PageRow.index)).where(PageRow.participant_id == participant_id)
        index, step, ended = connection.scalar(last), "thanks", now()
    else:
        index, kind = page
        step, ended = ("training" if kind == "training" else "rating"), None
    connection.execute(_MOVE, {**who, "next_index": index, "next_step": step, "ended": ended})


def record_volume(session: Session, row: ParticipantRow, volume: float) -> None:
    """Note the chosen volume, and go on to the first page; from then on it is locked."""
    if row.step != "volume":
        return
    row.volume = volume
    first = session.scalar(
        select(PageRow.kind).where(PageRow.participant_id == row.id, PageRow.index == 0)
    )
    move_to(session, row, "training" if first == "training" else "rating", 0)


_OPEN = (
    update(PageRow)
    .where(PageRow.id == bindparam("page_id"))
    .values(
        epoch=PageRow.epoch + 1, opened_at=func.coalesce(PageRow.opened_at, bindparam("moment"))
    )
    .returning(PageRow.epoch)
)


def open_epoch(connection: Connection, page_id: int) -> int:
    """Issue the next epoch of a page and stamp its first opening."""
    return connection.execute(_OPEN, {"page_id": page_id, "moment": now()}).scalar_one()
