"""The archive as tables: one rating a row, one participant a row.

Pages, plans and events stand in :mod:`db.reading.page_tables`, choices in :mod:`db.reading.trials`.

Conventions
-----------
The long table of ratings has its columns in a fixed order (:data:`RATING_COLUMNS`) and is sorted
by participant, page, stimulus and attribute. Participants appear under their public name
(``P001``), never under their token. Times are ISO 8601 in UTC with milliseconds; a missing value
is empty. Each rating is in the units of its scale, which stands beside it; a scale without a step
takes every value between its ends. ``page_order`` and ``stimulus_order`` count from 1; training
pages have page order 0.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import (
    ConsentRow,
    PageRow,
    ParticipantRow,
    RatingRow,
    SlotRow,
    StudyVersionRow,
)
from db.reading.activity import Activity
from db.records.participation import RATED, RATINGS, participant_identifier

RATING_COLUMNS: tuple[str, ...] = (
    "participant",
    "group",
    "song",
    "system",
    "attribute",
    "rating",
    "scale_minimum",
    "scale_maximum",
    "scale_step",
    "replicate",
    "page_index",
    "page_order",
    "stimulus_order",
    "time_s",
    "plays",
    "switches",
    "opened_at",
    "stimulus_sha256",
    "study_fingerprint",
    "rated_at",
    "device",
    "finished",
    "phase",
    "participant_kind",
    "part",
    "arm",
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
    "study_fingerprint",
    "consent_version",
    "consented_at",
    "answers",
    "arm",
)


def iso_time(moment: datetime | None) -> str:
    """ISO 8601 in UTC with milliseconds, such as ``2026-03-04T09:15:30.120Z``; empty for None."""
    if moment is None:
        return ""
    return f"{moment.isoformat(timespec='milliseconds')[:23]}Z"


def ratings_table(session: Session, study_id: int) -> pd.DataFrame:
    """Every rating of a study, training and unfinished sessions included, one a row.

    Choices are no ratings: :func:`db.reading.trials.trials_table` has them.
    """
    activity = Activity(session, study_id)
    orders = page_orders(session, study_id)
    rows = [
        (
            participant_identifier(row.participant_index),
            row.group or "",
            row.song,
            row.system,
            row.attribute,
            row.value,
            row.scale_minimum,
            row.scale_maximum,
            row.scale_step,
            row.replicate,
            row.page_index,
            orders.get(row.page_id, 0),
            row.position + 1,
            activity.time_s(row.page_id),
            activity.plays(row.page_id, row.position),
            activity.switches(row.page_id),
            iso_time(row.opened_at),
            row.stimulus_sha256 or "",
            row.fingerprint,
            iso_time(row.rated_at),
            row.device or "",
            row.is_finished,
            row.phase,
            row.kind,
            row.part,
            row.arm or "",
        )
        for row in _rated_slots(session, study_id)
    ]
    return pd.DataFrame(rows, columns=list(RATING_COLUMNS)).astype({"scale_step": float})


def _rated_slots(session: Session, study_id: int) -> Iterable[Any]:
    """Ratings with page and participant, as plain columns: the ORM takes three times as long."""
    statement = (
        select(
            ParticipantRow.participant_index,
            ParticipantRow.kind,
            ParticipantRow.group,
            ParticipantRow.arm,
            ParticipantRow.device,
            ParticipantRow.finished_at.is_not(None).label("is_finished"),
            PageRow.id.label("page_id"),
            PageRow.page_index,
            PageRow.phase,
            PageRow.song,
            PageRow.replicate,
            PageRow.part,
            PageRow.opened_at,
            SlotRow.position,
            SlotRow.system,
            SlotRow.stimulus_sha256,
            RatingRow.attribute,
            RatingRow.value,
            RatingRow.scale_minimum,
            RatingRow.scale_maximum,
            RatingRow.scale_step,
            RatingRow.rated_at,
            StudyVersionRow.fingerprint,
        )
        .join(SlotRow, SlotRow.id == RatingRow.slot_id)
        .join(PageRow, PageRow.id == SlotRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .join(StudyVersionRow, StudyVersionRow.id == ParticipantRow.version_id)
        .where(
            ParticipantRow.study_id == study_id,
            PageRow.answers == RATINGS,
            SlotRow.role == RATED,
        )
        .order_by(
            ParticipantRow.participant_index,
            PageRow.page_index,
            SlotRow.position,
            RatingRow.attribute,
        )
    )
    return session.execute(statement)


def page_orders(session: Session, study_id: int) -> dict[int, int]:
    """Place of each rated page among its participant's rated pages, from 1, by the page's id."""
    statement = (
        select(PageRow.id, PageRow.participant_id)
        .join(ParticipantRow, PageRow.participant_id == ParticipantRow.id)
        .where(ParticipantRow.study_id == study_id, PageRow.phase == "rating")
        .order_by(PageRow.participant_id, PageRow.page_index)
    )
    seen: Counter[int] = Counter()
    orders = {}
    for page_id, participant_id in session.execute(statement):
        seen[participant_id] += 1
        orders[page_id] = seen[participant_id]
    return orders


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
        .order_by(ParticipantRow.participant_index)
    )
    rows = [
        (
            participant_identifier(row.participant_index),
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
            row.arm or "",
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
