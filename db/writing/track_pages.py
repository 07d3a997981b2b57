"""The next page of a track is settled, or what is left of the track leaves the plan.

All of it happens on the connection of the final save, inside its transaction: a page is closed
and its track goes on, or neither. A page is closed once, and a page that has its slots is never
settled again, so that a reload, a second tab, a repeated save and a killed server lead to one and
the same trial.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from db.models import PageRow, ParticipantRow, RatingRow, SlotRow
from db.records.participation import AssignedSlot
from db.records.tracks import Chooser, Track, TrackChoice
from db.writing.registration import new_token


def go_on(connection: Connection, page_id: int, choose: Chooser) -> None:
    """Settle the page of a track that follows one just closed; without one, end the track."""
    page = connection.execute(_CLOSED, {"closed_id": page_id}).one()
    if page.phase != "rating":
        return
    track: Any = (
        PageRow.participant_id == page.participant_id,
        PageRow.phase == page.phase,
        PageRow.part == page.part,
        PageRow.song == page.song,
        PageRow.replicate == page.replicate,
    )
    later = select(PageRow.id, SlotRow.id.label("slot_id")).outerjoin(
        SlotRow, SlotRow.page_id == PageRow.id
    )
    ahead = connection.execute(
        later.where(*track, PageRow.page_index > page.page_index).order_by(PageRow.page_index)
    ).all()
    if not ahead or any(row.slot_id is not None for row in ahead):
        return
    slots = choose(
        Track(
            plan_index=page.participant_index if page.plan_index is None else page.plan_index,
            plan_group=page.plan_group,
            song=page.song,
            replicate=page.replicate,
            choices=_choices(connection, track),
        )
    )
    if slots is not None:
        connection.execute(insert(SlotRow), list(_rows(ahead[0].id, slots)))
        return
    connection.execute(delete(PageRow).where(PageRow.id.in_([row.id for row in ahead])))
    _close_ranks(connection, page.participant_id, page.page_index)


_CLOSED = (
    select(
        PageRow.participant_id,
        PageRow.page_index,
        PageRow.phase,
        PageRow.part,
        PageRow.song,
        PageRow.replicate,
        ParticipantRow.participant_index,
        ParticipantRow.plan_index,
        ParticipantRow.plan_group,
    )
    .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
    .where(PageRow.id == bindparam("closed_id"))
)


def _rows(page_id: int, slots: tuple[AssignedSlot, ...]) -> Any:
    for position, slot in enumerate(slots):
        yield {
            "page_id": page_id,
            "position": position,
            "system": slot.system,
            "stimulus_sha256": slot.stimulus_sha256,
            "role": slot.role,
            "audio_token": new_token(),
        }


def _choices(connection: Connection, track: Any) -> tuple[TrackChoice, ...]:
    """The closed pages of a track, in their order; of each, the slot with the highest value."""
    rows = connection.execute(
        select(PageRow.page_index, SlotRow.system, RatingRow.value)
        .join(SlotRow, SlotRow.page_id == PageRow.id)
        .join(RatingRow, RatingRow.slot_id == SlotRow.id)
        .where(*track, PageRow.closed_at.is_not(None))
        .order_by(PageRow.page_index, SlotRow.position)
    )
    choices = []
    for _, slots in groupby(rows, lambda row: row.page_index):
        systems, values = zip(*((row.system, row.value) for row in slots), strict=True)
        choices.append(TrackChoice(systems, values.index(max(values))))
    return tuple(choices)


def _close_ranks(connection: Connection, participant_id: int, page_index: int) -> None:
    """Number the pages that stand after a page without a gap; none of them was opened."""
    rows = connection.execute(
        select(PageRow.id, PageRow.page_index)
        .where(PageRow.participant_id == participant_id, PageRow.page_index > page_index)
        .order_by(PageRow.page_index)
    ).all()
    # in their order, so that no two ever have one number
    for number, row in enumerate(rows, start=page_index + 1):
        if row.page_index != number:
            connection.execute(
                update(PageRow).where(PageRow.id == row.id).values(page_index=number)
            )
