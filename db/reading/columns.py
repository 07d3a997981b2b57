"""Columns of a table, made efficiently from rows of the database.

A page has many ratings, and a participant has many pages. Each value of a page is formatted only
once and then used for all ratings of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray
from sqlalchemy import ColumnElement, DateTime, Select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.records.participation import participant_identifier

Places = NDArray[np.int64]
Texts = ExtensionArray


def iso_time(moment: datetime | None) -> str:
    """Time as ISO 8601, UTC, milliseconds (``2026-03-04T09:15:30.120Z``); empty for None."""
    if moment is None:
        return ""
    return f"{moment.isoformat(timespec='milliseconds')[:23]}Z"


def stored_time(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A column of times in UTC, read without the zone, because adding a zone would be slow."""
    return type_coerce(column, DateTime())


def places(place_of: Mapping[Any, int], values: Sequence[Any]) -> Places:
    """Position of each value in a list, shape (n_values,); -1 for a value not in the list."""
    return np.fromiter((place_of.get(value, -1) for value in values), np.int64, len(values))


def columns_of(
    session: Session, statement: Select[*tuple[Any, ...]], n: int
) -> list[tuple[Any, ...]]:
    """The n columns of a query's result; the columns are empty if the result has no rows."""
    # the ORM is not used, because it makes a copy of each row
    found = session.connection().execute(statement).all()
    return list(zip(*found, strict=True)) or [()] * n


def named(indices: Sequence[int]) -> Texts:
    """Public names of participants with the given numbers."""
    return _formatted(indices, participant_identifier)


def known_texts(values: Sequence[str | None]) -> Texts:
    """A column with few different texts; None becomes an empty text."""
    return _formatted(values, lambda value: value or "")


def iso_times(moments: Sequence[datetime | None]) -> Texts:
    """Times without a zone, in the format of :func:`iso_time`."""
    return _formatted(moments, iso_time)


def _formatted(values: Sequence[Any], as_text: Callable[[Any], str]) -> Texts:
    """Values as text (pandas's string type); each different value is formatted only once."""
    place_of: dict[Any, int] = {}
    at = [place_of.setdefault(value, len(place_of)) for value in values]
    distinct = pd.Series([as_text(value) for value in place_of], dtype="str").array
    found: Texts = distinct.take(np.array(at, dtype=np.int64))
    return found


def table_of(names: Sequence[str], columns: Iterable[Any]) -> pd.DataFrame:
    """Table of columns; the columns are in the order of their names."""
    return pd.DataFrame(dict(zip(names, columns, strict=True)))
