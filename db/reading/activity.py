"""Activity on pages, computed from events: active time, number of plays, changes of stimulus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, String, cast, func, select
from sqlalchemy.orm import Session

from db.models import EventRow, PageRow, ParticipantRow
from db.reading.columns import stored_time


class Activity:
    """Activity on a study's pages, from events: active time, plays, changes of stimulus."""

    def __init__(
        self, session: Session, study_id: int, participants: Collection[int] | None = None
    ) -> None:
        self._time_ms: Counter[int] = Counter()
        self._plays: Counter[tuple[int, int]] = Counter()
        self._switches: Counter[int] = Counter()
        # t_ms is the time since the loading of an HTML document, which can show many pages of the
        # test.
        span_ms = func.max(EventRow.t_ms) - func.min(EventRow.t_ms)
        for page_id, _epoch, opening_ms in session.execute(
            events_of(
                study_id, EventRow.page_id, EventRow.epoch, span_ms, participants=participants
            ).group_by(EventRow.page_id, EventRow.epoch)
        ):
            self._time_ms[page_id] += opening_ms
        for page_id, kind, position, n in session.execute(
            events_of(
                study_id,
                EventRow.page_id,
                EventRow.kind,
                EventRow.position,
                func.count(),
                participants=participants,
            )
            .where(EventRow.kind.in_(("play", "switch")))
            .group_by(EventRow.page_id, EventRow.kind, EventRow.position)
        ):
            if position is not None:
                self._plays[page_id, position] += n
            if kind == "switch":
                self._switches[page_id] += n

    def time_s(self, page_id: int) -> float | None:
        """Seconds from the first to the last event, summed over openings; None without events."""
        time_ms = self._time_ms.get(page_id)
        return None if time_ms is None else round(time_ms / 1000, 3)

    def plays(self, page_id: int, position: int) -> int:
        """Number of starts of a stimulus, including switches to this stimulus."""
        return self._plays[page_id, position]

    def switches(self, page_id: int) -> int:
        """Number of changes from one audible stimulus to another on the page."""
        return self._switches[page_id]


def events_of(
    study_id: int, *columns: Any, participants: Collection[int] | None = None
) -> Select[*tuple[Any, ...]]:
    """Columns of all events of a study, with the page and the participant of each event."""
    statement = (
        select(*columns)
        .select_from(EventRow)
        .join(PageRow, PageRow.id == EventRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
    )
    return of_people(statement, study_id, participants)


def of_people(
    statement: Select[*tuple[Any, ...]], study_id: int, participants: Collection[int] | None
) -> Select[*tuple[Any, ...]]:
    """Query limited to the participants with these numbers; None means no limit."""
    whole = statement.where(ParticipantRow.study_id == study_id)
    if participants is None:
        return whole
    return whole.where(ParticipantRow.participant_index.in_(participants))


def progress_of_each(session: Session, study_id: int) -> dict[int, tuple[Any, ...]]:
    """For each participant, by number, a stamp that changes when the participant's data change.

    Each save raises the ``epoch`` or the save number of a page. The stamp contains a time, so it
    also changes if the row of a withdrawn participant is used again.
    """
    columns = (PageRow.epoch, PageRow.saved_epoch, PageRow.saved_seq, PageRow.n_events)
    statement = (
        select(
            ParticipantRow.participant_index,
            ParticipantRow.id,
            ParticipantRow.version_id,
            ParticipantRow.kind,
            ParticipantRow.step,
            ParticipantRow.page_index,
            ParticipantRow.group,
            ParticipantRow.device,
            ParticipantRow.volume,
            ParticipantRow.arm,
            # answers are read as text, so that a new answer is noticed even if nothing else has
            # changed
            cast(ParticipantRow.answers, String),
            stored_time(ParticipantRow.created_at),
            stored_time(ParticipantRow.finished_at),
            *(func.sum(column) for column in columns),
            func.count(PageRow.opened_at),
            func.count(PageRow.closed_at),
        )
        .outerjoin(PageRow, PageRow.participant_id == ParticipantRow.id)
        .where(ParticipantRow.study_id == study_id)
        .group_by(ParticipantRow.id)
        .order_by(ParticipantRow.participant_index)
    )
    return {row[0]: tuple(row[1:]) for row in session.connection().execute(statement)}
