"""Comments of participants, one comment per row; long comments are joined from pieces.

Conventions
-----------
A comment arrives as one event ``comment`` and as many ``comment_more`` as its length needs. The
last comment on a stimulus or on a page is valid; an empty last comment means no comment. The table
has the columns :data:`COMMENT_COLUMNS`. ``stimulus_order`` (from 1: A, B, …) and ``system`` are
empty for a comment on the whole page. The texts of comments are stored unchanged, so code that
shows them must escape them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import EventRow, PageRow, ParticipantRow, SlotRow
from db.reading.columns import iso_time
from db.records.participation import participant_identifier

COMMENT_COLUMNS: tuple[str, ...] = (
    "participant",
    "participant_kind",
    "group",
    "finished",
    "phase",
    "page_index",
    "song",
    "replicate",
    "stimulus_order",
    "system",
    "comment",
    "commented_at",
    "part",
)
FIRST, MORE = "comment", "comment_more"


@dataclass(slots=True)
class _Said:
    """The newest comment on a stimulus, or on the page itself (``row.position`` is None)."""

    row: Any
    words: str
    commented_at: datetime


def comments_table(session: Session, study_id: int) -> pd.DataFrame:
    """All comments of a study except deleted comments, in the order of the pages."""
    newest: dict[tuple[int, int | None], _Said] = {}
    for row in _comment_events(session, study_id):
        key, words = (row.page_id, row.position), row.value or ""
        if row.event == FIRST:
            newest[key] = _Said(row, words, row.received_at)
        elif key in newest:
            newest[key].words += words
    said = [one for one in newest.values() if one.words.strip()]
    said.sort(key=lambda one: (one.row.participant, one.row.page_index, _place(one.row.position)))
    rows = [
        (
            participant_identifier(one.row.participant),
            one.row.kind,
            one.row.group or "",
            one.row.finished_at is not None,
            one.row.phase,
            one.row.page_index,
            one.row.song,
            one.row.replicate,
            None if one.row.position is None else one.row.position + 1,
            one.row.system or "",
            one.words,
            iso_time(one.commented_at),
            one.row.part,
        )
        for one in said
    ]
    return pd.DataFrame(rows, columns=list(COMMENT_COLUMNS)).astype({"stimulus_order": "Int64"})


def _place(position: int | None) -> float:
    """Sort key that places comments on the page after comments on its stimuli."""
    return float("inf") if position is None else position


def _comment_events(session: Session, study_id: int) -> Iterable[Any]:
    statement = (
        select(
            ParticipantRow.participant_index.label("participant"),
            ParticipantRow.kind,
            ParticipantRow.group,
            ParticipantRow.finished_at,
            PageRow.id.label("page_id"),
            PageRow.phase,
            PageRow.page_index,
            PageRow.song,
            PageRow.replicate,
            PageRow.part,
            EventRow.position,
            SlotRow.system,
            EventRow.kind.label("event"),
            EventRow.value,
            EventRow.received_at,
        )
        .select_from(EventRow)
        .join(PageRow, PageRow.id == EventRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .outerjoin(
            SlotRow, (SlotRow.page_id == PageRow.id) & (SlotRow.position == EventRow.position)
        )
        .where(ParticipantRow.study_id == study_id, EventRow.kind.in_((FIRST, MORE)))
        .order_by(PageRow.id, EventRow.epoch, EventRow.seq, EventRow.event_index)
    )
    return session.execute(statement)
