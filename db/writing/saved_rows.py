"""The rows of a save (ratings and events); many rows are written at a time.

The final save of a page has some 50 rows. Each statement is compiled once for each kind of
database, and rows are passed to the driver directly. SQLAlchemy would need more time to convert
each row than to write it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Table, and_, case, or_, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from db.models import Base, EventRow, RatingRow, UtcDateTime
from db.prepared import by_driver
from db.records.participation import SavedPage
from db.records.scale import UP_TO_100, Scale
from db.writing.registration import now

RATING_KEYS = (
    "slot_id", "attribute", "value", "epoch", "seq", "final", "rated_at",
    "scale_minimum", "scale_maximum", "scale_step",
)  # fmt: skip
EVENT_KEYS = (
    "page_id", "epoch", "seq", "event_index", "t_ms", "kind", "position", "value", "received_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bulk:
    """A statement in the driver's form; with ``is_named``, a row's values are given by name."""

    sql: str
    keys: tuple[str, ...]
    is_named: bool

    def write(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Execute the statement for each row; values in a row have the order of the keys."""
        if not rows:
            return
        given: Any = (
            [dict(zip(self.keys, row, strict=True)) for row in rows] if self.is_named else rows
        )
        by_driver(connection, self.sql, given, is_many=True).close()


def write_ratings(
    connection: Connection,
    saved: SavedPage,
    slot_ids: Mapping[int, int],
    scales: Mapping[str, Scale],
) -> None:
    """Store the ratings of a save, unless a newer save has been stored."""
    upsert, moment = _rating_upsert(connection.dialect), _written_now(connection.dialect)
    numbered = (saved.epoch, saved.seq, saved.final, moment)
    rows = []
    for each in saved.ratings:
        scale = scales.get(each.attribute, UP_TO_100)
        ends = (scale.minimum, scale.maximum, scale.step)
        rows.append((slot_ids[each.slot], each.attribute, each.value, *numbered, *ends))
    upsert.write(connection, rows)


def write_events(connection: Connection, page_id: int, saved: SavedPage, n_events: int) -> None:
    """Add the first ``n_events`` events of a save; events that are already stored are left out."""
    insert, moment = _event_insert(connection.dialect), _written_now(connection.dialect)
    rows = [
        (page_id, saved.epoch, saved.seq, index, event.t_ms, event.kind, event.slot,
         None if event.value is None else str(event.value), moment)
        for index, event in enumerate(saved.events[:n_events])
    ]  # fmt: skip
    insert.write(connection, rows)


@lru_cache(maxsize=8)
def _rating_upsert(dialect: Dialect) -> Bulk:
    insert = _insert(dialect, RatingRow)
    new = insert.excluded
    statement = insert.on_conflict_do_update(
        index_elements=["slot_id", "attribute"],
        set_={
            **{name: new[name] for name in RATING_KEYS[2:] if name != "rated_at"},
            # all ratings of a page are saved together, so a rating whose value has not changed
            # keeps its time
            "rated_at": case(
                (RatingRow.value == new.value, RatingRow.rated_at), else_=new.rated_at
            ),
        },
        where=and_(
            tuple_(new.epoch, new.seq) >= tuple_(RatingRow.epoch, RatingRow.seq),
            or_(RatingRow.final.is_(False), new.final.is_(True)),
        ),
    )
    return _compiled(statement, RATING_KEYS, dialect)


@lru_cache(maxsize=8)
def _event_insert(dialect: Dialect) -> Bulk:
    return _compiled(_insert(dialect, EventRow).on_conflict_do_nothing(), EVENT_KEYS, dialect)


def _insert(dialect: Dialect, table: type[Base]) -> Any:
    """INSERT of the SQL dialect, with support for ON CONFLICT."""
    insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
    return insert(cast(Table, table.__table__))


def _compiled(statement: Any, keys: tuple[str, ...], dialect: Dialect) -> Bulk:
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    order = compiled.positiontup
    if order is not None and tuple(order) != keys:
        raise AssertionError("the values of a row are not in the order of the table's columns")
    return Bulk(str(compiled), keys, order is None)


def _written_now(dialect: Dialect) -> Any:
    """The time in the form that the database driver needs."""
    return _time_writer(dialect)(now())


@lru_cache(maxsize=8)
def _time_writer(dialect: Dialect) -> Callable[[datetime], Any]:
    writer = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    return cast(Callable[[datetime], Any], writer)
