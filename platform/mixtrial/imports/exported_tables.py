"""Reading of exported tables: cells stay texts, and old column names become the present ones.

Version 1 had other names for some columns of exports and archives, and wrote ``True``/``False`` and
1/0 for yes and no. Both forms of yes and no, ``True``/``False`` and 1/0, can still be read.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.ratings.table import read_text_table

EARLIER_NAMES = {
    "repeat": "replicate",
    "page_kind": "phase",
    "started_at": "opened_at",
    "study_hash": "study_fingerprint",
    "said_at": "commented_at",
}
"""Columns of version 1 and what they are called now."""
EARLIER_NAMES_OF_TRIALS = EARLIER_NAMES | {"kind": "trial_kind"}
_YES = {"true", "1"}


def read_exported(path: Path) -> pd.DataFrame:
    """Every cell of a CSV file as unchanged text, with the present names of columns.

    Raises
    ------
    RatingsError
        As :func:`analysis.ratings.table.read_text_table`.
    """
    return with_names_of_now(read_text_table(path))


def with_names_of_now(table: pd.DataFrame) -> pd.DataFrame:
    """Table in which the column names of version 1 are replaced by the present names."""
    earlier = EARLIER_NAMES_OF_TRIALS if "system_a" in table else EARLIER_NAMES
    return table.rename(columns={name: now for name, now in earlier.items() if now not in table})


def is_true(column: pd.Series) -> pd.Series:
    """Cells that mean yes: ``true`` as written now, ``True`` or 1 as written by version 1."""
    return column.astype(str).str.lower().isin(_YES)
