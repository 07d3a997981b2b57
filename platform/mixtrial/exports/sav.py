"""Tables as SPSS files: labels, numbers and times; yes and no are 1 and 0.

The package pyreadstat, from the extra ``[spss]``, writes the SPSS files.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from db.records.errors import StoreError
from db.whole_files import written_whole
from mixtrial.exports.column_meanings import MEANINGS, TIME_FORMAT, type_of
from mixtrial.exports.table import Meanings
from mixtrial.exports.variable_names import variable_names

SUFFIX = ".sav"
MOST_LABEL_BYTES, MOST_TEXT_BYTES = 255, 32_767
"""Most bytes of a label, and of a cell, that SPSS reads."""


def write_sav(table: pd.DataFrame, path: Path, meanings: Meanings) -> None:
    """Write an SPSS table completely or not at all.

    Parameters
    ----------
    table
        Table in the layout of an export.
    path
        Path of the SPSS file.
    meanings
        Unit and meaning of the columns that only this table has.

    Raises
    ------
    ModuleNotFoundError
        pyreadstat is not installed.
    StoreError
        A text is longer than SPSS allows.
    """
    from pyreadstat import write_sav as written

    known = {**MEANINGS, **meanings}
    names = variable_names(map(str, table.columns))
    units = [known.get(str(column), ("text", str(column))) for column in table.columns]
    texts = table.astype(object).where(table.notna(), "").map(_as_text)
    kinds = [type_of(unit, texts[column]) for column, (unit, _) in zip(texts, units, strict=True)]
    cells = {
        name: _cells(texts[column], kind)
        for name, column, kind in zip(names, texts, kinds, strict=True)
    }
    flags = [name for name, kind in zip(names, kinds, strict=True) if kind == "boolean"]
    with written_whole(path) as part:
        written(
            pd.DataFrame(cells),
            str(part),
            column_labels=[_short(meaning) for _, meaning in units],
            variable_value_labels={name: {1.0: "yes", 0.0: "no"} for name in flags},
        )


def _as_text(cell: object) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _cells(texts: pd.Series[str], kind: str) -> pd.Series:
    """Cells of a column in the form of SPSS; empty cells are missing values."""
    if kind == "datetime":
        return pd.to_datetime(texts.where(texts != ""), format=TIME_FORMAT)
    if kind == "boolean":
        return texts.map({"true": 1.0, "false": 0.0})
    if kind in ("number", "integer"):
        return pd.to_numeric(texts, errors="coerce")
    if any(len(text.encode()) > MOST_TEXT_BYTES for text in texts):
        raise StoreError(
            f"The column {texts.name} has a text that is too long for an SPSS file (at most "
            f"{MOST_TEXT_BYTES:,} bytes); export it as CSV."
        )
    return texts.str.replace("\0", "")


def _short(label: str) -> str:
    """A label shortened to the length that SPSS allows, without splitting a character."""
    return label.encode()[:MOST_LABEL_BYTES].decode(errors="ignore")
