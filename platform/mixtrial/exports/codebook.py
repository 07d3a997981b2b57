"""``codebook``: meaning and unit of every column of the other tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mixtrial.exports.column_meanings import MEANINGS
from mixtrial.exports.registry import exports, offered_exports
from mixtrial.exports.table import Export
from mixtrial.server.installation import Installation
from stimuli.study.study import Study

COLUMNS = ["table", "column", "unit", "meaning"]


def codebook_table(installation: Installation) -> pd.DataFrame:
    """One row per column of the exported tables of ratings, participants, events and so on."""
    others = {
        name: each
        for name, each in offered_exports(installation.study).items()
        if each is not EXPORT
    }
    tables = {
        name: each.written(each.rows(installation), installation) for name, each in others.items()
    }
    return codebook(tables, installation.study)


def codebook(tables: Mapping[str, pd.DataFrame], study: Study) -> pd.DataFrame:
    """One row per column of the exported tables: table, column, unit, meaning.

    Each export explains its own columns; ``column_meanings`` explains the common columns.
    """
    known = exports()
    rows: list[tuple[str, ...]] = []
    for name, table in tables.items():
        own = known[name].meanings(study, table.columns) if name in known else {}
        rows += [
            (name, column, *(own.get(column) or MEANINGS.get(column, ("", ""))))
            for column in table.columns
        ]
    return pd.DataFrame(rows, columns=COLUMNS)


EXPORT = Export(
    title="Codebook",
    remark="meaning and unit of every column",
    place=70,
    rows=codebook_table,
)
