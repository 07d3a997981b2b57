"""Going back to a page: it opens again with its ratings, and the way on leads to where one was.

Works inside the caller's transaction.
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import EventRow, PageRow, ParticipantRow, RatingRow, SlotRow
from db.writing.progress import open_epoch
from db.writing.registration import now

STEPS_WITH_PAGES = ("training", "rating")


def reopen_page(session: Session, row: ParticipantRow, page_index: int) -> bool:
    """Bring a participant back to a rated page they have completed; whether that was possible.

    The ratings stay and can be changed, saves that were under way are superseded, and the event
    ``reopened`` says from which page (counted from 0) they came.
    """
    page = session.scalar(
        select(PageRow)
        .where(PageRow.participant_id == row.id, PageRow.index == page_index)
        .with_for_update()
    )
    is_behind = page_index < row.page_index and row.step in STEPS_WITH_PAGES
    if page is None or page.closed_at is None or page.kind != "rating" or not is_behind:
        return False
    epoch = open_epoch(session.connection(), page.id)
    session.add(
        EventRow(
            page_id=page.id,
            epoch=epoch,
            seq=page.saved_seq,
            index=0,
            t_ms=0.0,
            kind="reopened",
            value=str(row.page_index),
            received_at=now(),
        )
    )
    session.execute(
        update(PageRow).where(PageRow.id == page.id).values(saved_epoch=epoch, closed_at=None)
    )
    slots = select(SlotRow.id).where(SlotRow.page_id == page.id)
    session.execute(
        update(RatingRow)
        .where(RatingRow.slot_id.in_(slots))
        .values(final=False)
        .execution_options(synchronize_session=False)
    )
    row.page_index, row.step = page_index, "rating"
    return True
