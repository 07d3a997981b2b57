"""Listening to each stimulus: seconds of playing and number of switches; one row per stimulus.

Conventions
-----------
A stimulus is played from the ``play`` or ``switch`` that names it to the next ``play``, ``switch``
or ``stop``, to the hand-in of the page, or to the last event of that opening of the page. The
seconds include the time for which the browser suspended the sound (``context_suspended``), because
the events do not separate this time from playing. The table has the columns
:data:`LISTENING_COLUMNS`; the names have the same meaning as in :mod:`db.reading.ratings`. For
pages that were never opened, the table has no rows. If a stimulus of an opened page was never
played, its values are 0.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import EventRow, PageRow, ParticipantRow, SlotRow
from db.records.participation import participant_identifier

LISTENING_COLUMNS: tuple[str, ...] = (
    "participant",
    "participant_kind",
    "finished",
    "phase",
    "page_index",
    "song",
    "replicate",
    "stimulus_order",
    "system",
    "heard_s",
    "switches_to",
    "part",
)
_STARTS, _ENDS = ("play", "switch"), ("stop", "submit")


def listening_table(session: Session, study_id: int) -> pd.DataFrame:
    """All stimuli of all opened pages, with their plays, in the order of the pages."""
    heard_ms: dict[tuple[int, int], float] = defaultdict(float)
    switches: Counter[tuple[int, int]] = Counter()
    for (page_id, _epoch), events in groupby(_events(session, study_id), lambda row: row[:2]):
        _listen(page_id, [row[2:] for row in events], heard_ms, switches)
    rows = []
    for participant, page, slot in _slots(session, study_id):
        key = (page.id, slot.position)
        rows.append(
            (
                participant_identifier(participant.participant_index),
                participant.kind,
                participant.finished_at is not None,
                page.phase,
                page.page_index,
                page.song,
                page.replicate,
                slot.position + 1,
                slot.system,
                round(heard_ms[key] / 1000, 3),
                switches[key],
                page.part,
            )
        )
    return pd.DataFrame(rows, columns=list(LISTENING_COLUMNS))


def _listen(
    page_id: int,
    events: list[tuple[float, str, int | None]],
    heard_ms: dict[tuple[int, int], float],
    switches: Counter[tuple[int, int]],
) -> None:
    """Add the plays of one page during one opening."""
    playing: int | None = None
    since_ms = 0.0
    for t_ms, kind, position in events:
        if kind not in (*_STARTS, *_ENDS):
            continue
        if playing is not None:
            heard_ms[page_id, playing] += max(0.0, t_ms - since_ms)
        if kind == "switch" and position is not None:
            switches[page_id, position] += 1
        # While nothing plays, a switch selects the next stimulus but starts no playback.
        starts = kind == "play" or (kind == "switch" and playing is not None)
        playing, since_ms = (position if starts else None), t_ms
    if playing is not None and events:
        heard_ms[page_id, playing] += max(0.0, events[-1][0] - since_ms)


def _events(session: Session, study_id: int) -> Iterable[Any]:
    statement = (
        select(EventRow.page_id, EventRow.epoch, EventRow.t_ms, EventRow.kind, EventRow.position)
        .join(PageRow, PageRow.id == EventRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .where(ParticipantRow.study_id == study_id)
        .order_by(
            EventRow.page_id, EventRow.epoch, EventRow.t_ms, EventRow.seq, EventRow.event_index
        )
    )
    return session.execute(statement)


def _slots(session: Session, study_id: int) -> Iterable[Any]:
    statement = (
        select(ParticipantRow, PageRow, SlotRow)
        .join(PageRow, PageRow.participant_id == ParticipantRow.id)
        .join(SlotRow, SlotRow.page_id == PageRow.id)
        .where(ParticipantRow.study_id == study_id, PageRow.opened_at.is_not(None))
        .order_by(ParticipantRow.participant_index, PageRow.page_index, SlotRow.position)
    )
    return session.execute(statement)
