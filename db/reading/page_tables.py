"""Pages as tables: every page of every plan, every stimulus on it, everything done there.

Conventions are those of :mod:`db.reading.ratings`.
"""

from __future__ import annotations

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import EventRow, PageRow, ParticipantRow, SlotRow
from db.reading.activity import events_of
from db.reading.ratings import iso_time
from db.records.participation import participant_identifier

EVENT_COLUMNS: tuple[str, ...] = (
    "participant",
    "page_index",
    "phase",
    "song",
    "epoch",
    "seq",
    "event_index",
    "t_ms",
    "event",
    "stimulus_order",
    "system",
    "value",
    "received_at",
)
PAGE_COLUMNS: tuple[str, ...] = (
    "participant",
    "page_index",
    "phase",
    "song",
    "replicate",
    "opened_at",
    "closed_at",
    "part",
)
PLAN_COLUMNS: tuple[str, ...] = (
    "participant",
    "participant_kind",
    "group",
    "step",
    "page_index",
    "phase",
    "song",
    "replicate",
    "closed",
    "position",
    "system",
    "part",
    "page_type",
    "role",
)


def events_table(session: Session, study_id: int) -> pd.DataFrame:
    """Every event of a study, one a row, in the order in which each page was used."""
    statement = (
        events_of(
            study_id,
            ParticipantRow.participant_index,
            PageRow.page_index,
            PageRow.phase,
            PageRow.song,
            EventRow.epoch,
            EventRow.seq,
            EventRow.event_index,
            EventRow.t_ms,
            EventRow.kind,
            EventRow.position,
            SlotRow.system,
            EventRow.value,
            EventRow.received_at,
        )
        .outerjoin(
            SlotRow, (SlotRow.page_id == PageRow.id) & (SlotRow.position == EventRow.position)
        )
        .order_by(
            ParticipantRow.participant_index,
            PageRow.page_index,
            EventRow.epoch,
            EventRow.seq,
            EventRow.event_index,
        )
    )
    rows = [
        (
            participant_identifier(row[0]),
            *row[1:9],
            None if row[9] is None else row[9] + 1,
            row[10] or "",
            "" if row[11] is None else row[11],
            iso_time(row[12]),
        )
        for row in session.execute(statement)
    ]
    return pd.DataFrame(rows, columns=list(EVENT_COLUMNS)).astype({"stimulus_order": "Int64"})


def pages_table(session: Session, study_id: int) -> pd.DataFrame:
    """Every page of every plan, one a row, with the times of its opening and closing."""
    statement = (
        select(
            ParticipantRow.participant_index,
            PageRow.page_index,
            PageRow.phase,
            PageRow.song,
            PageRow.replicate,
            PageRow.opened_at,
            PageRow.closed_at,
            PageRow.part,
        )
        .join(PageRow, PageRow.participant_id == ParticipantRow.id)
        .where(ParticipantRow.study_id == study_id)
        .order_by(ParticipantRow.participant_index, PageRow.page_index)
    )
    rows = [
        (participant_identifier(row[0]), *row[1:5], iso_time(row[5]), iso_time(row[6]), row[7])
        for row in session.execute(statement)
    ]
    return pd.DataFrame(rows, columns=list(PAGE_COLUMNS))


def plans_table(session: Session, study_id: int) -> pd.DataFrame:
    """Every stimulus of every plan, one a row, in its position on the page (from 1)."""
    statement = (
        select(
            ParticipantRow.participant_index,
            ParticipantRow.kind,
            ParticipantRow.group,
            ParticipantRow.step,
            PageRow.page_index,
            PageRow.phase,
            PageRow.song,
            PageRow.replicate,
            PageRow.closed_at,
            SlotRow.position,
            SlotRow.system,
            PageRow.part,
            PageRow.page_type,
            SlotRow.role,
        )
        .join(PageRow, PageRow.participant_id == ParticipantRow.id)
        .join(SlotRow, SlotRow.page_id == PageRow.id)
        .where(ParticipantRow.study_id == study_id)
        .order_by(ParticipantRow.participant_index, PageRow.page_index, SlotRow.position)
    )
    rows = [
        (participant_identifier(row[0]), row[1], row[2] or "", *row[3:8], row[8] is not None,
         row[9] + 1, *row[10:])
        for row in session.execute(statement)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))
