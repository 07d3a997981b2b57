"""Answers in the database as tables: ratings (one per row) and participants (one per row).

Pages, plans and events are in :mod:`db.reading.page_tables`. Choices are in
:mod:`db.reading.trials`.

Conventions
-----------
The long table of ratings has its columns in a fixed order (:data:`RATING_COLUMNS`) and is sorted by
participant, page, stimulus and attribute. In tables, participants have a public name (``P001``),
never their token. Times are ISO 8601 in UTC with milliseconds. Missing values are empty. Each
rating is in the units of its scale, which is in the same row. A scale without a step allows all
values between its ends. ``page_order`` and ``stimulus_order`` count from 1; the training page has
page order 0.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.models import (
    ConsentRow,
    PageRow,
    ParticipantRow,
    RatingRow,
    SlotRow,
    StudyVersionRow,
)
from db.reading.activity import Activity, of_people
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
from db.records.participation import RATED, RATINGS

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


def ratings_table(
    session: Session, study_id: int, participants: Collection[int] | None = None
) -> pd.DataFrame:
    """All ratings of a study, one per row, including training and unfinished sessions.

    Choices are not in this table, but in :func:`db.reading.trials.trials_table`. Pages, stimuli and
    ratings are read separately and joined column by column. Reading column by column takes a fifth
    of the time of reading row by row.

    Parameters
    ----------
    session, study_id
        Where to read.
    participants
        Numbers of the participants whose ratings are read; None means all participants.
    """
    activity = Activity(session, study_id, participants)
    pages = columns_of(session, _pages(study_id, participants), 14)
    slots = columns_of(session, _slots(study_id, participants), 5)
    rated = columns_of(session, _ratings(study_id, participants), 7)
    page_at = {page_id: place for place, page_id in enumerate(pages[0])}
    page_of_slot = places(page_at, slots[1])
    slot_of = places({slot_id: place for place, slot_id in enumerate(slots[0])}, rated[0])
    # rows added or deleted between the two SELECT statements are left out
    known = np.flatnonzero(slot_of >= 0)
    known = known[page_of_slot[slot_of[known]] >= 0]
    names = sorted(set(rated[1]))
    attribute = places({name: place for place, name in enumerate(names)}, rated[1])
    order = known[np.lexsort((attribute[known], slot_of[known]))]
    slot = slot_of[order]
    page = page_of_slot[slot]
    orders = page_orders(session, study_id, participants)
    of_page = (
        [orders.get(page_id, 0) for page_id in pages[0]],
        [activity.time_s(page_id) for page_id in pages[0]],
        [activity.switches(page_id) for page_id in pages[0]],
    )
    plays = [activity.plays(*key) for key in zip(*slots[1:3], strict=True)]
    columns = (
        named(pages[1]).take(page),
        *(known_texts(column).take(page) for column in (pages[3], pages[9])),
        known_texts(slots[3]).take(slot),
        known_texts(names).take(attribute[order]),
        *(np.array(column, dtype=float)[order] for column in rated[2:6]),
        *(np.array(column, dtype=int)[page] for column in (pages[10], pages[7], of_page[0])),
        np.array(slots[2], dtype=int)[slot] + 1,
        np.array(of_page[1], dtype=float)[page],
        np.array(plays, dtype=int)[slot],
        np.array(of_page[2], dtype=int)[page],
        iso_times(pages[12]).take(page),
        known_texts(slots[4]).take(slot),
        known_texts(pages[13]).take(page),
        iso_times(rated[6]).take(order),
        known_texts(pages[5]).take(page),
        np.array(pages[6], dtype=bool)[page],
        *(known_texts(column).take(page) for column in (pages[8], pages[2], pages[11], pages[4])),
    )
    return table_of(RATING_COLUMNS, columns)


def _pages(study_id: int, participants: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    """Rated pages with their participants, in the order of the table."""
    statement = select(
        PageRow.id,
        ParticipantRow.participant_index,
        ParticipantRow.kind,
        ParticipantRow.group,
        ParticipantRow.arm,
        ParticipantRow.device,
        ParticipantRow.finished_at.is_not(None),
        PageRow.page_index,
        PageRow.phase,
        PageRow.song,
        PageRow.replicate,
        PageRow.part,
        stored_time(PageRow.opened_at),
        StudyVersionRow.fingerprint,
    ).join(StudyVersionRow, StudyVersionRow.id == ParticipantRow.version_id)
    joined = statement.join(PageRow, PageRow.participant_id == ParticipantRow.id)
    return of_people(joined, study_id, participants).where(PageRow.answers == RATINGS).order_by(
        ParticipantRow.participant_index, PageRow.page_index
    )  # fmt: skip


def _slots(study_id: int, participants: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    """Rated stimuli, in the order of the table."""
    statement = (
        select(
            SlotRow.id, SlotRow.page_id, SlotRow.position, SlotRow.system, SlotRow.stimulus_sha256
        )
        .join(PageRow, PageRow.id == SlotRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .where(PageRow.answers == RATINGS, SlotRow.role == RATED)
        .order_by(ParticipantRow.participant_index, PageRow.page_index, SlotRow.position)
    )
    return of_people(statement, study_id, participants)


def _ratings(study_id: int, participants: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    """Ratings of the given stimuli, in any order."""
    statement = (
        select(
            RatingRow.slot_id,
            RatingRow.attribute,
            RatingRow.value,
            RatingRow.scale_minimum,
            RatingRow.scale_maximum,
            RatingRow.scale_step,
            stored_time(RatingRow.rated_at),
        )
        .join(SlotRow, SlotRow.id == RatingRow.slot_id)
        .join(PageRow, PageRow.id == SlotRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .where(PageRow.answers == RATINGS, SlotRow.role == RATED)
    )
    return of_people(statement, study_id, participants)


def page_orders(
    session: Session, study_id: int, participants: Collection[int] | None = None
) -> dict[int, int]:
    """Position of each page among the participant's rated pages (from 1), by the page's id."""
    statement = (
        select(PageRow.id, PageRow.participant_id)
        .join(ParticipantRow, PageRow.participant_id == ParticipantRow.id)
        .where(PageRow.phase == "rating")
        .order_by(PageRow.participant_id, PageRow.page_index)
    )
    seen: Counter[int] = Counter()
    orders: dict[int, int] = {}
    for page_id, participant_id in session.execute(of_people(statement, study_id, participants)):
        seen[participant_id] += 1
        orders[page_id] = seen[participant_id]
    return orders


def participants_table(
    session: Session, study_id: int, participants: Collection[int] | None = None
) -> pd.DataFrame:
    """All participants of a study, one per row, in the order of enrolment.

    ``participants`` are the numbers of the participants to be read; None means all participants.
    """
    planned, closed = func.count(PageRow.id), func.count(PageRow.closed_at)
    consents = _consents(session, study_id, participants)
    statement = (
        select(
            ParticipantRow.id,
            ParticipantRow.participant_index,
            ParticipantRow.kind,
            ParticipantRow.group,
            ParticipantRow.device,
            ParticipantRow.volume,
            ParticipantRow.step,
            ParticipantRow.page_index,
            stored_time(ParticipantRow.created_at),
            stored_time(ParticipantRow.finished_at),
            closed,
            planned,
            StudyVersionRow.fingerprint,
            ParticipantRow.answers,
            ParticipantRow.arm,
        )
        .join(StudyVersionRow, StudyVersionRow.id == ParticipantRow.version_id)
        .outerjoin(PageRow, PageRow.participant_id == ParticipantRow.id)
        .group_by(ParticipantRow.id, StudyVersionRow.fingerprint)
        .order_by(ParticipantRow.participant_index)
    )
    found = columns_of(session, of_people(statement, study_id, participants), 15)
    agreed = [consents.get(person, ("", "")) for person in found[0]]
    columns = (
        named(found[1]),
        *map(known_texts, found[2:5]),
        # with dtype=float, a column without any volume also becomes a column of numbers
        np.array(found[5], dtype=float),
        known_texts(found[6]),
        found[7],
        np.array([person in consents for person in found[0]], dtype=bool),
        *map(iso_times, found[8:10]),
        *found[10:12],
        known_texts(found[12]),
        known_texts([version for version, _ in agreed]),
        known_texts([when for _, when in agreed]),
        known_texts(
            [json.dumps(said, sort_keys=True, ensure_ascii=False) if said else ""
             for said in found[13]]
        ),
        known_texts(found[14]),
    )  # fmt: skip
    return table_of(PARTICIPANT_COLUMNS, columns)


def _consents(
    session: Session, study_id: int, participants: Collection[int] | None
) -> dict[int, tuple[str, str]]:
    """Version and time of each participant's last consent, by the participant's id."""
    statement = (
        select(ConsentRow.participant_id, ConsentRow.version, ConsentRow.recorded_at)
        .join(ParticipantRow, ParticipantRow.id == ConsentRow.participant_id)
        .where(ConsentRow.accepted)
        .order_by(ConsentRow.id)
    )
    wanted = of_people(statement, study_id, participants)
    return {row[0]: (row[1], iso_time(row[2])) for row in session.execute(wanted)}
