"""Pages as tables: all pages of all plans, their stimuli, and the events on the pages.

The tables in this module follow the conventions of :mod:`db.reading.ratings`.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import EventRow, PageRow, ParticipantRow, SlotRow
from db.reading.activity import events_of, of_people
from db.reading.columns import (
    columns_of,
    iso_time,
    iso_times,
    known_texts,
    named,
    places,
    stored_time,
    table_of,
)
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
    """All events of a study, one per row, in the order of the actions on each page."""
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


def pages_table(
    session: Session, study_id: int, participants: Collection[int] | None = None
) -> pd.DataFrame:
    """All pages of all plans, one per row, with the times of opening and closing.

    ``participants`` are the numbers of the participants to be read; None means all participants.
    """
    statement = (
        select(
            ParticipantRow.participant_index,
            PageRow.page_index,
            PageRow.phase,
            PageRow.song,
            PageRow.replicate,
            stored_time(PageRow.opened_at),
            stored_time(PageRow.closed_at),
            PageRow.part,
        )
        .join(PageRow, PageRow.participant_id == ParticipantRow.id)
        .order_by(ParticipantRow.participant_index, PageRow.page_index)
    )
    found = columns_of(session, of_people(statement, study_id, participants), 8)
    values = (
        named(found[0]),
        found[1],
        *map(known_texts, found[2:4]),
        found[4],
        *map(iso_times, found[5:7]),
        known_texts(found[7]),
    )
    return table_of(PAGE_COLUMNS, values)


def plans_table(
    session: Session, study_id: int, participants: Collection[int] | None = None
) -> pd.DataFrame:
    """All stimuli of all plans, one per row, with their positions on the page (from 1).

    ``participants`` are the numbers of the participants to be read; None means all participants.
    """
    pages = (
        select(
            PageRow.id,
            ParticipantRow.participant_index,
            ParticipantRow.kind,
            ParticipantRow.group,
            ParticipantRow.step,
            PageRow.page_index,
            PageRow.phase,
            PageRow.song,
            PageRow.replicate,
            PageRow.closed_at.is_not(None),
            PageRow.part,
            PageRow.page_type,
        )
        .join(PageRow, PageRow.participant_id == ParticipantRow.id)
        .order_by(ParticipantRow.participant_index, PageRow.page_index)
    )
    slots = (
        select(SlotRow.page_id, SlotRow.position, SlotRow.system, SlotRow.role)
        .join(PageRow, PageRow.id == SlotRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
    )
    page = columns_of(session, of_people(pages, study_id, participants), 12)
    slot = columns_of(session, of_people(slots, study_id, participants), 4)
    of = places({page_id: place for place, page_id in enumerate(page[0])}, slot[0])
    position = np.array(slot[1], dtype=int)
    known = np.flatnonzero(of >= 0)  # stimuli added between the two SELECT statements are left out
    order = known[np.lexsort((position[known], of[known]))]
    at = of[order]
    values = (
        named(page[1]).take(at),
        *(known_texts(column).take(at) for column in page[2:5]),
        np.array(page[5], dtype=int)[at],
        *(known_texts(column).take(at) for column in page[6:8]),
        np.array(page[8], dtype=int)[at],
        np.array(page[9], dtype=bool)[at],
        position[order] + 1,
        known_texts(slot[2]).take(order),
        *(known_texts(column).take(at) for column in page[10:12]),
        known_texts(slot[3]).take(order),
    )
    return table_of(PLAN_COLUMNS, values)
