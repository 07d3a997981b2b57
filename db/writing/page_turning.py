"""Opening of a page, and moving to the next page that is not completed.

All functions use a connection of the caller's transaction, because opening a page and moving on are
parts of a save.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection, bindparam, func, or_, select, update

from db.models import PageRow, ParticipantRow, UtcDateTime
from db.prepared import Prepared
from db.records.steps import ON_PAGE, Happening, Phase, Step
from db.writing.registration import now

_OPENED = update(PageRow).values(
    epoch=PageRow.epoch + 1,
    opened_at=func.coalesce(PageRow.opened_at, bindparam("moment", type_=UtcDateTime)),
)
_OPEN = Prepared(_OPENED.where(PageRow.id == bindparam("page_id")).returning(PageRow.epoch))
_OPEN_OF = Prepared(
    _OPENED.where(
        PageRow.page_index == bindparam("index"),
        PageRow.participant_id
        == select(ParticipantRow.id)
        .where(ParticipantRow.token == bindparam("token"))
        .scalar_subquery(),
    ).returning(
        PageRow.id,
        PageRow.epoch,
        PageRow.saved_epoch,
        PageRow.saved_seq,
        # the query reads the column and not `IS NOT NULL`, which is always 1 here in SQLite 3.40
        PageRow.closed_at,
    )
)


def open_epoch(connection: Connection, page_id: int) -> int:
    """Issue a new epoch for a page, and store the time of its first opening."""
    [[epoch]] = _OPEN.rows(connection, page_id=page_id, moment=now())
    return int(epoch)


def open_page_of(connection: Connection, token: str, page_index: int) -> Any | None:
    """Open a page of the participant with a token; return its row, or None if it does not exist."""
    return _OPEN_OF.first(connection, token=token, index=page_index, moment=now())


_FOLLOWING = Prepared(
    select(PageRow.page_index, PageRow.phase)
    .where(
        PageRow.participant_id == bindparam("participant_id"),
        PageRow.page_index > bindparam("done"),
        # participants who went back do not see again the pages that they have already completed
        PageRow.closed_at.is_(None),
    )
    .order_by(PageRow.page_index)
    .limit(1)
)

_MOVE = Prepared(
    update(ParticipantRow)
    .where(
        ParticipantRow.id == bindparam("participant_id"),
        ParticipantRow.page_index == bindparam("done"),
        or_(*(ParticipantRow.step == step for step in ON_PAGE)),
    )
    .values(
        step=bindparam("next_step"),
        page_index=bindparam("next_index"),
        finished_at=func.coalesce(
            ParticipantRow.finished_at, bindparam("ended", type_=UtcDateTime)
        ),
    )
)


def advance(connection: Connection, participant_id: int, step: Step, page_index: int) -> None:
    """After the final save of a page, move on, if the participant is still on this page."""
    who = {"participant_id": participant_id, "done": page_index}
    page = _FOLLOWING.first(connection, **who)
    if page is None:
        last = select(func.max(PageRow.page_index)).where(PageRow.participant_id == participant_id)
        index, following = connection.scalar(last), step.after(Happening.COMPLETED)
    else:
        index, phase = page
        following = step.after(Happening.COMPLETED, cast(Phase, phase))
    ended = now() if following.is_finished else None
    _MOVE.n_changed(connection, **who, next_index=index, next_step=following, ended=ended)
