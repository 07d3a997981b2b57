"""Saving of a page. Saves that are repeated, late or from a second tab never lose or double data.

The first statement of a save locks the row of the page, so that two saves of a page cannot be
mixed. A save is stored only if the page is not closed and no save with a newer ``(epoch, seq)`` is
stored. The statement that writes a rating checks the order of saves again. Each event is added only
once, because its key is ``(page, epoch, seq, index)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    bindparam,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import aliased

from db.models import PageRow, ParticipantRow, RatingRow, SlotRow, StudyRow, UtcDateTime
from db.prepared import Prepared
from db.records.participation import (
    ANSWERED_ROLES,
    MAX_SAVED_SEQ,
    Page,
    PageState,
    PageToSave,
    RatingValue,
    SavedPage,
    SaveOutcome,
    Slot,
    participant_identifier,
)
from db.records.scale import Scale
from db.records.steps import Step
from db.records.tracks import Follow
from db.writing.page_turning import advance, open_epoch, open_page_of
from db.writing.registration import now
from db.writing.saved_rows import write_events, write_ratings
from db.writing.track_pages import go_on

MAX_PAGE_EVENTS, MAX_PARTICIPANT_EVENTS = 20_000, 100_000
"""Largest numbers of stored events. No listener causes more: ten events per second for half an
hour, on each of five pages. Further events are not stored, but ratings are always stored."""

Check = Callable[[PageToSave], Mapping[str, Scale]]
"""Function that is called before a save is stored, and returns the scales of the page's
attributes."""


_STATE = (
    select(
        PageRow.id,
        PageRow.epoch,
        PageRow.saved_seq,
        PageRow.page_index,
        PageRow.phase,
        PageRow.song,
        PageRow.replicate,
        PageRow.part,
        PageRow.page_type,
        PageRow.closed_at.is_not(None).label("is_closed"),
        SlotRow.position,
        SlotRow.system,
        SlotRow.audio_token,
        SlotRow.stimulus_sha256,
        SlotRow.role,
    )
    .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
    .join(SlotRow, SlotRow.page_id == PageRow.id)
    .where(
        ParticipantRow.token == bindparam("token"), PageRow.page_index == bindparam("page_index")
    )
    .order_by(SlotRow.position)
)
"""Query of a page, with one row per slot."""

_STORED = Prepared(
    select(SlotRow.position, RatingRow.attribute, RatingRow.value)
    .join(SlotRow, SlotRow.id == RatingRow.slot_id)
    .where(SlotRow.page_id == bindparam("page_id"))
    .order_by(SlotRow.position, RatingRow.attribute)
)
"""Query of the ratings of a page."""


def page_state(
    connection: Connection, token: str, page_index: int, opening: bool
) -> PageState | None:
    """Content of a page; with ``opening``, a new epoch is issued for the next saves."""
    rows: Sequence[Any] = connection.execute(
        _STATE, {"token": token, "page_index": page_index}
    ).all()
    if not rows:
        return None
    page_id, epoch, seq, index, phase, song, replicate, part, page_type, is_closed = rows[0][:10]
    return PageState(
        page=Page(
            index=index,
            phase=phase,
            song=song,
            replicate=replicate,
            slots=tuple(Slot(*row[10:]) for row in rows),
            is_closed=is_closed,
            part=part,
            page_type=page_type,
        ),
        ratings=_ratings(connection, page_id),
        epoch=open_epoch(connection, page_id) if opening else epoch,
        seq=_last_seq(seq),
        final=is_closed,
    )


def open_page(connection: Connection, token: str, page: Page) -> PageState | None:
    """Open a page whose stimuli are known; a page without saves has no ratings."""
    row = open_page_of(connection, token, page.index)
    if row is None or not page.slots:
        return None
    ratings = _ratings(connection, row.id) if row.saved_epoch else ()
    is_closed = row.closed_at is not None
    page = replace(page, is_closed=is_closed)
    return PageState(page, ratings, row.epoch, _last_seq(row.saved_seq), is_closed)


def _ratings(connection: Connection, page_id: int) -> tuple[RatingValue, ...]:
    return tuple(RatingValue(*row) for row in _STORED.rows(connection, page_id=page_id))


def _last_seq(seq: int) -> int:
    return seq if seq <= MAX_SAVED_SEQ else 0


_PAGES = aliased(PageRow)
_ALL_EVENTS = (
    select(func.sum(_PAGES.n_events))
    .where(_PAGES.participant_id == PageRow.participant_id)
    .scalar_subquery()
    .label("n_all_events")
)
"""Query of the number of events on all pages of a page's participant."""

_PLACE = Prepared(
    select(
        PageRow.id.label("page_id"),
        PageRow.part,
        PageRow.song,
        PageRow.opened_at,
        PageRow.saved_epoch,
        PageRow.saved_seq,
        PageRow.n_events,
        _ALL_EVENTS,
        ParticipantRow.id.label("participant_id"),
        ParticipantRow.participant_index,
        ParticipantRow.kind,
        ParticipantRow.page_index.label("reached"),
        ParticipantRow.step,
        StudyRow.identifier.label("study"),
        SlotRow.id.label("slot_id"),
        SlotRow.position,
        SlotRow.role,
    )
    .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
    .join(StudyRow, StudyRow.id == ParticipantRow.study_id)
    .join(SlotRow, SlotRow.page_id == PageRow.id)
    .where(
        ParticipantRow.token == bindparam("token"), PageRow.page_index == bindparam("page_index")
    )
)
"""Query of the page and the participant of a save, with one row per slot."""

_CLAIM = Prepared(
    update(PageRow)
    .where(
        PageRow.id == bindparam("page_id"),
        PageRow.closed_at.is_(None),
        tuple_(PageRow.saved_epoch, PageRow.saved_seq)
        <= tuple_(bindparam("new_epoch", type_=Integer), bindparam("new_seq", type_=Integer)),
        PageRow.epoch >= bindparam("new_epoch"),
    )
    .values(
        saved_epoch=bindparam("new_epoch"),
        saved_seq=bindparam("new_seq"),
        n_events=PageRow.n_events + bindparam("n_taken"),
        closed_at=bindparam("closing"),
        opened_at=func.coalesce(PageRow.opened_at, bindparam("moment", type_=UtcDateTime)),
    )
)


def save_page(
    connection: Connection,
    saved: SavedPage,
    check: Check | None = None,
    study: str | None = None,
    follow: Follow | None = None,
) -> SaveOutcome:
    """Store a save; after a final save, move the participant to the next page.

    If a ``study`` is given, participants of other studies are treated as unknown. ``check`` can
    raise an error if values do not fit the page; in this case, nothing is stored. A rating that
    states no scale is on the scale from 0 to 100. ``follow`` is called when a page of a staircase
    track is closed. ``follow`` returns a function that determines the stimuli of the next page of
    the staircase track. Saves are the most frequent requests, so a save uses only a few statements,
    and each statement is built only once.
    """
    slots = _PLACE.rows(connection, token=saved.token, page_index=saved.page_index)
    if not slots or study not in (None, slots[0].study):
        return SaveOutcome.UNKNOWN
    place = slots[0]
    step = Step(place.step)
    is_ahead = saved.page_index > place.reached and place.opened_at is None
    if is_ahead or not step.has_reached_pages:
        return SaveOutcome.NOT_OPEN
    slot_ids = {slot.position: slot.slot_id for slot in slots}
    named = {rating.slot for rating in saved.ratings}
    named |= {event.slot for event in saved.events if event.slot is not None}
    if not named <= slot_ids.keys():
        return SaveOutcome.MISMATCH
    scales: Mapping[str, Scale] = {}
    page = PageToSave(
        participant=participant_identifier(place.participant_index),
        is_simulated=place.kind == "simulated",
        index=saved.page_index,
        part=place.part,
        song=place.song,
        n_rated=sum(slot.role in ANSWERED_ROLES for slot in slots),
        opened_at=place.opened_at,
        saved_seq=place.saved_seq,
    )
    if check is not None:
        scales = check(page)
    n_events = _n_taken(place, saved)
    refusal = _claim(connection, place.page_id, saved, n_events)
    if refusal is not None:
        return refusal
    write_ratings(connection, saved, slot_ids, scales)
    write_events(connection, place.page_id, saved, n_events)
    if saved.final:
        choose = None if follow is None else follow(page)
        if choose is not None:
            go_on(connection, place.page_id, choose)
        advance(connection, place.participant_id, step, saved.page_index)
    return SaveOutcome.STORED


def _n_taken(place: Any, saved: SavedPage) -> int:
    """Number of the save's events to add; 0 for a repeated save whose events are stored."""
    if (saved.epoch, saved.seq) == (place.saved_epoch, place.saved_seq):
        return 0
    room = min(MAX_PAGE_EVENTS - place.n_events, MAX_PARTICIPANT_EVENTS - place.n_all_events)
    return max(min(int(room), len(saved.events)), 0)


def _claim(
    connection: Connection, page_id: int, saved: SavedPage, n_taken: int
) -> SaveOutcome | None:
    """Lock the page for this save, or return the reason why this is not possible."""
    moment = now()
    n_claimed = _CLAIM.n_changed(
        connection,
        page_id=page_id,
        new_epoch=saved.epoch,
        new_seq=saved.seq,
        n_taken=n_taken,
        closing=moment if saved.final else None,
        moment=moment,
    )
    if n_claimed == 1:
        return None
    held = select(PageRow.closed_at, PageRow.epoch, PageRow.saved_epoch)
    page = connection.execute(held.where(PageRow.id == page_id)).one()
    if page.closed_at is not None:
        is_repeat = saved.epoch == page.saved_epoch and _is_repeat(connection, page_id, saved)
        return SaveOutcome.STORED if is_repeat else SaveOutcome.CLOSED
    if saved.epoch > page.epoch:
        return SaveOutcome.MISMATCH
    return SaveOutcome.STALE if saved.epoch == page.saved_epoch else SaveOutcome.SUPERSEDED


def _is_repeat(connection: Connection, page_id: int, saved: SavedPage) -> bool:
    """Whether a final save repeats the stored save, for example because the response was lost."""
    if not saved.final:
        return False
    stored = _STORED.rows(connection, page_id=page_id)
    said = {(rating.slot, rating.attribute, rating.value) for rating in saved.ratings}
    return said <= {(position, attribute, value) for position, attribute, value in stored}
