"""An export: rows from the database and their layout.

An export is one file of :mod:`mixtrial.exports` with a constant ``EXPORT``. The export has the name
of the file (see docs/add-an-export.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from mixtrial.server.installation import Installation
from stimuli.study.study import Study

Rows = Callable[["Installation"], pd.DataFrame]
Layout = Callable[[pd.DataFrame, "Installation"], pd.DataFrame]
Meanings = Mapping[str, tuple[str, str]]
"""Unit and meaning of columns, by their names."""


def as_stored(rows: pd.DataFrame, _here: Installation) -> pd.DataFrame:
    """Return the table's columns as they are in the database."""
    return rows


def nothing_else(_study: Study, _columns: Iterable[str]) -> Meanings:
    """Return no meanings, because :mod:`mixtrial.exports.column_meanings` explains all columns."""
    return {}


def always(_study: Study) -> bool:
    """Offer the export in every study."""
    return True


@dataclass(frozen=True, slots=True)
class Export:
    """A table that can be exported as CSV.

    Attributes
    ----------
    title, remark
        Name of the export in the dashboard, and the meaning of its rows.
    place
        Position of the export in the dashboard; exports with lower numbers come first.
    rows
        Function that returns all rows of a study for this export.
    is_by_page
        Whether each row belongs to a participant's page, so that the rows have the columns
        ``phase``, ``finished`` and ``participant_kind``. If so, practice pages, unfinished
        participants and simulated participants can be left out before the layout.
    layout
        Function that puts the rows that are not left out into the export's own columns.
    meanings
        Function that returns units and meanings (for the codebook) of columns that no other table
        has.
    is_offered
        Whether a study can have rows of this export at all.
    has_fixed_columns
        Whether another program reads this table and needs all columns, even columns without any
        value.
    """

    title: str
    remark: str
    place: int
    rows: Rows
    is_by_page: bool = False
    layout: Layout = as_stored
    meanings: Callable[[Study, Iterable[str]], Meanings] = nothing_else
    is_offered: Callable[[Study], bool] = always
    has_fixed_columns: bool = False

    def written(self, rows: pd.DataFrame, installation: Installation) -> pd.DataFrame:
        """Lay out the kept rows, without columns that are empty in all rows."""
        table = self.layout(rows, installation)
        return table if self.has_fixed_columns else without_empty_columns(table)


def without_empty_columns(table: pd.DataFrame) -> pd.DataFrame:
    """The table without columns that are empty in all rows; a table without rows keeps all columns.

    If all cells of a column are empty, R would take the column for logical, although it holds other
    values in other studies.
    """
    if table.empty:
        return table
    has_value = [bool((table[name].notna() & (table[name] != "")).any()) for name in table]
    return table.loc[:, has_value]
