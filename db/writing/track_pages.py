"""Planning of the next page of a staircase track, or removal of its remaining pages.

The module uses the transaction of the final save of a page. Either the page is closed and its
staircase track continues, or nothing changes. A page is closed only once. A page whose stimuli are
already known is never planned again. A reload, a second tab, a repeated save and a killed server
therefore all lead to the same trial.
"""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update
from sqlalchemy.orm import aliased

from db.models import PageRow, ParticipantRow, RatingRow, SlotRow
from db.records.tracks import Chooser, Track, TrackChoice
from db.writing.registration import slot_rows


def go_on(connection: Connection, page_id: int, choose: Chooser) -> None:
    """Plan the next page of a staircase track after a page was closed, or end the track."""
    page = connection.execute(_CLOSED, {"closed_id": page_id}).one()
    if page.phase != "rating":
        return
    ahead = connection.execute(_AHEAD, {"closed_id": page_id}).all()
    if not ahead or any(row.slot_id is not None for row in ahead):
        return
    slots = choose(
        Track(
            plan_index=page.participant_index if page.plan_index is None else page.plan_index,
            plan_group=page.plan_group,
            song=page.song,
            replicate=page.replicate,
            choices=_choices(connection, page_id),
        )
    )
    if slots is not None:
        connection.execute(insert(SlotRow), slot_rows(ahead[0].id, slots))
        return
    connection.execute(delete(PageRow).where(PageRow.id.in_([row.id for row in ahead])))
    _close_ranks(connection, page.participant_id, page.page_index)


_CLOSED = (
    select(
        PageRow.participant_id,
        PageRow.page_index,
        PageRow.phase,
        PageRow.song,
        PageRow.replicate,
        ParticipantRow.participant_index,
        ParticipantRow.plan_index,
        ParticipantRow.plan_group,
    )
    .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
    .where(PageRow.id == bindparam("closed_id"))
)


_CLOSED_PAGE = aliased(PageRow)
_OF_TRACK = and_(
    _CLOSED_PAGE.id == bindparam("closed_id"),
    PageRow.participant_id == _CLOSED_PAGE.participant_id,
    PageRow.phase == _CLOSED_PAGE.phase,
    PageRow.part == _CLOSED_PAGE.part,
    PageRow.song == _CLOSED_PAGE.song,
    PageRow.replicate == _CLOSED_PAGE.replicate,
)
"""Condition for a page of the same staircase track as the closed page."""

_AHEAD = (
    select(PageRow.id, SlotRow.id.label("slot_id"))
    .join(_CLOSED_PAGE, _OF_TRACK)
    .outerjoin(SlotRow, SlotRow.page_id == PageRow.id)
    .where(PageRow.page_index > _CLOSED_PAGE.page_index)
    .order_by(PageRow.page_index)
)

_RATED = (
    select(PageRow.page_index, SlotRow.system, RatingRow.value)
    .join(_CLOSED_PAGE, _OF_TRACK)
    .join(SlotRow, SlotRow.page_id == PageRow.id)
    .join(RatingRow, RatingRow.slot_id == SlotRow.id)
    .where(PageRow.closed_at.is_not(None))
    .order_by(PageRow.page_index, SlotRow.position)
)


def _choices(connection: Connection, page_id: int) -> tuple[TrackChoice, ...]:
    """The closed pages of a staircase track, in order, each with its highest-rated stimulus."""
    rows = connection.execute(_RATED, {"closed_id": page_id})
    choices = []
    for _, slots in groupby(rows, lambda row: row.page_index):
        systems, values = zip(*((row.system, row.value) for row in slots), strict=True)
        choices.append(TrackChoice(systems, values.index(max(values))))
    return tuple(choices)


def _close_ranks(connection: Connection, participant_id: int, page_index: int) -> None:
    """Renumber, without gaps, the pages after a given page; none of these pages has been opened."""
    rows = connection.execute(
        select(PageRow.id, PageRow.page_index)
        .where(PageRow.participant_id == participant_id, PageRow.page_index > page_index)
        .order_by(PageRow.page_index)
    ).all()
    # the rows are numbered in ascending order, so that two rows never have the same number
    for number, row in enumerate(rows, start=page_index + 1):
        if row.page_index != number:
            connection.execute(
                update(PageRow).where(PageRow.id == row.id).values(page_index=number)
            )
