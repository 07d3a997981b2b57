"""What participants did on their pages, as their events tell: active time, plays, switches."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.models import EventRow, PageRow, ParticipantRow


class Activity:
    """What the events tell about the pages of a study: active time, plays, switches."""

    def __init__(self, session: Session, study_id: int) -> None:
        self._time_ms: Counter[int] = Counter()
        self._plays: Counter[tuple[int, int]] = Counter()
        self._switches: Counter[int] = Counter()
        # t_ms counts from the loading of the document, which may hold many pages.
        span_ms = func.max(EventRow.t_ms) - func.min(EventRow.t_ms)
        for page_id, _epoch, opening_ms in session.execute(
            events_of(study_id, EventRow.page_id, EventRow.epoch, span_ms).group_by(
                EventRow.page_id, EventRow.epoch
            )
        ):
            self._time_ms[page_id] += opening_ms
        for page_id, kind, position, n in session.execute(
            events_of(study_id, EventRow.page_id, EventRow.kind, EventRow.position, func.count())
            .where(EventRow.kind.in_(("play", "switch")))
            .group_by(EventRow.page_id, EventRow.kind, EventRow.position)
        ):
            if position is not None:
                self._plays[page_id, position] += n
            if kind == "switch":
                self._switches[page_id] += n

    def time_s(self, page_id: int) -> float | None:
        """Seconds from first to last event, the page's openings added up; None without events."""
        time_ms = self._time_ms.get(page_id)
        return None if time_ms is None else round(time_ms / 1000, 3)

    def plays(self, page_id: int, position: int) -> int:
        """Starts of one stimulus, switches to it included."""
        return self._plays[page_id, position]

    def switches(self, page_id: int) -> int:
        """Changes of the audible stimulus on the page."""
        return self._switches[page_id]


def events_of(study_id: int, *columns: Any) -> Select[Any]:
    """Columns of a study's events, with their page and participant at hand."""
    return (
        select(*columns)
        .select_from(EventRow)
        .join(PageRow, PageRow.id == EventRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .where(ParticipantRow.study_id == study_id)
    )
