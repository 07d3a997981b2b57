"""The archive as tables: one rating a row, one participant a row, one event a row.

Conventions
-----------
The long table of ratings has its columns in a fixed order (:data:`RATING_COLUMNS`) and is sorted
by participant, page, stimulus and attribute. Participants appear under their public name
(``P001``), never under their token. Times are ISO 8601 in UTC with milliseconds; a missing value
is empty. ``page_order`` and ``stimulus_order`` count from 1; training pages have page order 0.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.models import (
    ConsentRow,
    EventRow,
    PageRow,
    ParticipantRow,
    RatingRow,
    SlotRow,
    StudyVersionRow,
)
from db.records import participant_identifier

RATING_COLUMNS: tuple[str, ...] = (
    "participant",
    "group",
    "song",
    "system",
    "attribute",
    "rating",
    "repeat",
    "page_order",
    "stimulus_order",
    "time_s",
    "plays",
    "switches",
    "started_at",
    "stimulus_sha256",
    "study_hash",
    "rated_at",
    "device",
    "finished",
    "page_kind",
    "participant_kind",
    "part",
)
PARTICIPANT_COLUMNS: tuple[str, ...] = (
    "participant",
    "participant_kind",
    "group",
    "device",
    "volume",
    "step",
    "page_index",
    "consented",
    "created_at",
    "finished_at",
    "pages_closed",
    "pages_planned",
    "study_hash",
    "consent_version",
    "consented_at",
    "answers",
)
EVENT_COLUMNS: tuple[str, ...] = (
    "participant",
    "page_index",
    "page_kind",
    "song",
    "epoch",
    "seq",
    "index",
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
    "page_kind",
    "song",
    "repeat",
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
    "page_kind",
    "song",
    "repeat",
    "closed",
    "position",
    "system",
    "part",
    "page_type",
    "role",
)
TRIAL_TYPES = ("preference", "abx")
"""Pages whose answers are choices, not values of a scale: ``db.trials`` has them."""


def iso_time(moment: datetime | None) -> str:
    """ISO 8601 in UTC with milliseconds, such as ``2026-03-04T09:15:30.120Z``; empty for None."""
    if moment is None:
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def ratings_table(session: Session, study_id: int) -> pd.DataFrame:
    """Every rating of a study, training and unfinished sessions included, one a row.

    Choices of preference and ABX pages are no ratings: :func:`db.trials.trials_table` has them.
    """
    activity = Activity(session, study_id)
    orders = page_orders(session, study_id)
    rows = []
    for participant, page, slot, rating, fingerprint in _rated_slots(session, study_id):
        rows.append(
            (
                participant_identifier(participant.index),
                participant.group or "",
                page.song,
                slot.system,
                rating.attribute,
                rating.value,
                page.replicate,
                orders.get(page.id, 0),
                slot.position + 1,
                activity.time_s(page.id),
                activity.plays(page.id, slot.position),
                activity.switches(page.id),
                iso_time(page.opened_at),
                slot.stimulus_sha256 or "",
                fingerprint,
                iso_time(rating.rated_at),
                participant.device or "",
                participant.finished_at is not None,
                page.kind,
                participant.kind,
                page.part,
            )
        )
    return pd.DataFrame(rows, columns=list(RATING_COLUMNS))


def _rated_slots(session: Session, study_id: int) -> Iterable[Any]:
    statement = (
        select(ParticipantRow, PageRow, SlotRow, RatingRow, StudyVersionRow.fingerprint)
        .join(SlotRow, SlotRow.id == RatingRow.slot_id)
        .join(PageRow, PageRow.id == SlotRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .join(StudyVersionRow, StudyVersionRow.id == ParticipantRow.version_id)
        .where(ParticipantRow.study_id == study_id, PageRow.type.not_in(TRIAL_TYPES))
        .order_by(ParticipantRow.index, PageRow.index, SlotRow.position, RatingRow.attribute)
    )
    return session.execute(statement)


def page_orders(session: Session, study_id: int) -> dict[int, int]:
    """Place of each rated page among its participant's rated pages, from 1, by the page's id."""
    statement = (
        select(PageRow.id, PageRow.participant_id)
        .join(ParticipantRow, PageRow.participant_id == ParticipantRow.id)
        .where(ParticipantRow.study_id == study_id, PageRow.kind == "rating")
        .order_by(PageRow.participant_id, PageRow.index)
    )
    seen: Counter[int] = Counter()
    orders = {}
    for page_id, participant_id in session.execute(statement):
        seen[participant_id] += 1
        orders[page_id] = seen[participant_id]
    return orders


class Activity:
    """What the events tell about the pages of a study: active time, plays, switches."""

    def __init__(self, session: Session, study_id: int) -> None:
        self._time_ms: Counter[int] = Counter()
        self._plays: Counter[tuple[int, int]] = Counter()
        self._switches: Counter[int] = Counter()
        # t_ms counts from the loading of the document, which may hold many pages.
        span_ms = func.max(EventRow.t_ms) - func.min(EventRow.t_ms)
        for page_id, _epoch, opening_ms in session.execute(
            _events_of(study_id, EventRow.page_id, EventRow.epoch, span_ms).group_by(
                EventRow.page_id, EventRow.epoch
            )
        ):
            self._time_ms[page_id] += opening_ms
        for page_id, kind, position, n in session.execute(
            _events_of(study_id, EventRow.page_id, EventRow.kind, EventRow.position, func.count())
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


def _events_of(study_id: int, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(EventRow)
        .join(PageRow, PageRow.id == EventRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .where(ParticipantRow.study_id == study_id)
    )


def participants_table(session: Session, study_id: int) -> pd.DataFrame:
    """Every participant of a study, one a row, in the order of enrolment."""
    planned, closed = func.count(PageRow.id), func.count(PageRow.closed_at)
    consents = _consents(session, study_id)
    statement = (
        select(ParticipantRow, closed, planned, StudyVersionRow.fingerprint)
        .join(StudyVersionRow, StudyVersionRow.id == ParticipantRow.version_id)
        .outerjoin(PageRow, PageRow.participant_id == ParticipantRow.id)
        .where(ParticipantRow.study_id == study_id)
        .group_by(ParticipantRow.id, StudyVersionRow.fingerprint)
        .order_by(ParticipantRow.index)
    )
    rows = [
        (
            participant_identifier(row.index),
            row.kind,
            row.group or "",
            row.device or "",
            row.volume,
            row.step,
            row.page_index,
            row.id in consents,
            iso_time(row.created_at),
            iso_time(row.finished_at),
            n_closed,
            n_planned,
            fingerprint,
            *consents.get(row.id, ("", "")),
            json.dumps(row.answers, sort_keys=True, ensure_ascii=False) if row.answers else "",
        )
        for row, n_closed, n_planned, fingerprint in session.execute(statement)
    ]
    return pd.DataFrame(rows, columns=list(PARTICIPANT_COLUMNS))


def _consents(session: Session, study_id: int) -> dict[int, tuple[str, str]]:
    """Version and time of each participant's last yes, by the participant's id."""
    statement = (
        select(ConsentRow.participant_id, ConsentRow.version, ConsentRow.recorded_at)
        .join(ParticipantRow, ParticipantRow.id == ConsentRow.participant_id)
        .where(ParticipantRow.study_id == study_id, ConsentRow.accepted)
        .order_by(ConsentRow.id)
    )
    return {row[0]: (row[1], iso_time(row[2])) for row in session.execute(statement)}


def events_table(session: Session, study_id: int) -> pd.DataFrame:
    """Every event of a study, one a row, in the order in which each page was used."""
    statement = (
        _events_of(
            study_id,
            ParticipantRow.index,
            PageRow.index,
            PageRow.kind,
            PageRow.song,
            EventRow.epoch,
            EventRow.seq,
            EventRow.index,
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
        .order_by(ParticipantRow.index, PageRow.index, EventRow.epoch, EventRow.seq, EventRow.index)
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
            ParticipantRow.index,
            PageRow.index,
            PageRow.kind,
            PageRow.song,
            PageRow.replicate,
            PageRow.opened_at,
            PageRow.closed_at,
            PageRow.part,
        )
        .join(PageRow, PageRow.participant_id == ParticipantRow.id)
        .where(ParticipantRow.study_id == study_id)
        .order_by(ParticipantRow.index, PageRow.index)
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
            ParticipantRow.index,
            ParticipantRow.kind,
            ParticipantRow.group,
            ParticipantRow.step,
            PageRow.index,
            PageRow.kind,
            PageRow.song,
            PageRow.replicate,
            PageRow.closed_at,
            SlotRow.position,
            SlotRow.system,
            PageRow.part,
            PageRow.type,
            SlotRow.role,
        )
        .join(PageRow, PageRow.participant_id == ParticipantRow.id)
        .join(SlotRow, SlotRow.page_id == PageRow.id)
        .where(ParticipantRow.study_id == study_id)
        .order_by(ParticipantRow.index, PageRow.index, SlotRow.position)
    )
    rows = [
        (participant_identifier(row[0]), row[1], row[2] or "", *row[3:8], row[8] is not None,
         row[9] + 1, *row[10:])
        for row in session.execute(statement)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))
