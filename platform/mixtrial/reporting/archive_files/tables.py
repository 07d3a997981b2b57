"""The archive's tables for other programs: columns, types, units, keys.

Conventions
-----------
Unit and meaning come from the archive's own codebook and, for the stimuli, from the modules of
their columns; the type follows from the unit. If any cell of a column does not have the column's
type, the column is described as text. For example, a question about a number can be answered with
*prefer not to say*.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.ratings.table import read_text_table
from mixtrial.exports.column_meanings import MEANINGS, type_of
from mixtrial.exports.stimuli import MEANINGS as STIMULUS_MEANINGS
from mixtrial.exports.stimuli import OBJECTIVE_MEANINGS
from mixtrial.exports.table import Meanings

REMARKS = {
    "ratings": "one rating a row",
    "participants": "one participant a row, with group, progress and answers",
    "pages": "one page of a participant's plan a row",
    "trials": "one choice between mixes a row",
    "comments": "one comment a row",
    "listening": "how one stimulus of a page was listened to, a row",
    "codebook": "one column of the other tables a row: its unit and meaning",
    "manifest": "one stimulus a row: what was played, with levels and mixing parameters",
    "objective": "what meters say of each stimulus",
}
"""Meaning of a row of each table."""

KEYS = {
    "ratings": ("participant", "page_index", "stimulus_order", "attribute"),
    "participants": ("participant",),
    "pages": ("participant", "page_index"),
    "trials": ("participant", "page_index"),
    "codebook": ("table", "column"),
    "manifest": ("song", "system"),
    "objective": ("song", "system"),
}
"""Columns that together name a row; a table without any has rows that may be alike."""

PARENTS = {
    "pages": ("participants",),
    **dict.fromkeys(("ratings", "trials", "comments", "listening"), ("participants", "pages")),
}
"""Tables whose key the rows of a table hold."""

FACTORS = (
    "participant", "participant_kind", "group", "arm", "device", "part", "phase", "song", "system",
    "attribute",
)  # fmt: skip
"""Columns whose texts are levels of a factor."""

CODEBOOK: Meanings = {
    "table": ("text", "name of the table, without .csv"),
    "column": ("text", "name of the column"),
    "unit": ("text", "unit of the column's values, or their kind"),
    "meaning": ("text", "what the column says"),
}
"""Meaning of the columns of the codebook itself."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its type in Table Schema, its unit and its meaning."""

    name: str
    type: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file at ``path`` in the archive; ``key`` identifies its rows, or is empty."""

    name: str
    path: str
    columns: tuple[Column, ...]

    @property
    def remark(self) -> str:
        """Meaning of a row of this table."""
        return REMARKS.get(self.name, "")

    @property
    def key(self) -> tuple[str, ...]:
        """Columns that together identify a row."""
        names = {column.name for column in self.columns}
        key = KEYS.get(self.name, ())
        return key if set(key) <= names else ()


def packed_tables(folder: Path) -> tuple[Table, ...]:
    """All CSV files in the folder of an archive, the answers first."""
    book = read_text_table(folder / "data" / "codebook.csv")
    paths = [*sorted((folder / "data").glob("*.csv")), *sorted((folder / "stimuli").glob("*.csv"))]
    return tuple(_table(path, folder, book) for path in paths)


def _table(path: Path, folder: Path, book: pd.DataFrame) -> Table:
    own = book[book["table"] == path.stem]
    said = {str(name): (str(unit), str(meaning)) for _, name, unit, meaning in own.to_numpy()}
    homes: dict[str, Meanings] = {
        "codebook": CODEBOOK,
        "manifest": {**MEANINGS, **STIMULUS_MEANINGS},
        "objective": {**MEANINGS, **OBJECTIVE_MEANINGS},
    }
    known = homes.get(path.stem, said)
    cells = read_text_table(path)
    columns = [_column(str(name), known, cells[name]) for name in cells]
    return Table(path.stem, path.relative_to(folder).as_posix(), tuple(columns))


def _column(name: str, known: Meanings, cells: pd.Series[str]) -> Column:
    unit, meaning = known.get(name, ("text", ""))
    return Column(name, type_of(unit, cells), unit, meaning)
