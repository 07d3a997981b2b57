"""Counts for a running study, for the dashboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.models import PageRow, ParticipantRow, RatingRow, SlotRow
from db.reading.ratings import participants_table
from db.records.participation import RATED, RATINGS
from db.records.steps import Phase, Step
from db.records.study import PageCount, StudyCounts


def study_counts(session: Session, study_id: int) -> StudyCounts:
    """Numbers of participants, pages and ratings of a running study."""
    participants = participants_table(session, study_id)
    pages = session.execute(
        select(
            PageRow.page_index,
            func.min(PageRow.phase),
            func.count(PageRow.opened_at),
            func.count(PageRow.closed_at),
        )
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .where(ParticipantRow.study_id == study_id)
        .group_by(PageRow.page_index)
        .order_by(PageRow.page_index)
    )
    n_ratings = session.scalar(
        _of_rated(select(func.count()).select_from(RatingRow), study_id).where(
            # a choice between two stimuli is one answer, although two rows store it
            (SlotRow.position == 0) | (PageRow.answers == RATINGS)
        )
    )
    return StudyCounts(
        enrolled=len(participants),
        consented=int(participants["consented"].sum()),
        refused=int((participants["step"] == Step.REFUSED).sum()),
        finished=int((participants["finished_at"] != "").sum()),
        n_ratings=n_ratings or 0,
        by_step=_tally(participants["step"]),
        by_group=_tally(participants["group"]),
        pages=tuple(PageCount(row[0], cast(Phase, row[1]), row[2], row[3]) for row in pages),
    )


def _of_rated(statement: Select[*tuple[Any, ...]], study_id: int) -> Select[*tuple[Any, ...]]:
    """Query for the rated stimuli of a study, without the training page."""
    return (
        statement.join(SlotRow, SlotRow.id == RatingRow.slot_id)
        .join(PageRow, PageRow.id == SlotRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .where(
            ParticipantRow.study_id == study_id,
            PageRow.phase == "rating",
            SlotRow.role == RATED,
        )
    )


def has_ratings(session: Session, study_id: int) -> bool:
    """Whether any ratings exist, apart from ratings on the training page."""
    rated = _of_rated(select(RatingRow.slot_id), study_id).where(PageRow.answers == RATINGS)
    return session.scalar(rated.limit(1)) is not None


def _tally(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(value for value in values if value))
