"""``load.py``: read the tables into pandas with their types, and select the analysed rows."""

from __future__ import annotations

from mixtrial.exports.column_meanings import TIME_FORMAT
from mixtrial.reporting.archive_files.analysed_rows import AnalysedRows, analysed_rows
from mixtrial.reporting.archive_files.archive_file import ArchiveFile, PackedStudy
from mixtrial.reporting.archive_files.script_text import listed, quoted
from mixtrial.reporting.archive_files.tables import FACTORS, Column, Table

HEAD = '''\
"""Tables of this archive with their types; ``analysed`` has the rows that its results are of.

``python -i load.py`` in its folder, or ``runpy.run_path("load.py")`` from anywhere; needs pandas.
"""

from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).resolve().parent
TITLE = %s


def as_said(column):
    """Texts without the apostrophe that keeps a spreadsheet from calculating."""
    return column.str.replace(r"^\\'(?=[=+@\\t\\r-])", "", regex=True)


def typed(path, types):
    """A table whose columns have the given types; empty cells are missing values."""
    table = pd.read_csv(FOLDER / path, dtype="string", keep_default_na=False, na_values=[""])
    for name, kind in types.items():
        column = as_said(table[name])
        if kind == "category":
            column = column.astype(pd.CategoricalDtype(sorted(column.dropna().unique())))
        elif kind == "datetime":
            column = pd.to_datetime(column, format="%s", utc=True)
        elif kind == "boolean":
            column = column.map({"true": True, "false": False}).astype("boolean")
        elif kind != "string":
            column = pd.to_numeric(column).astype(kind)
        table[name] = column
    return table


'''

TYPES = {"integer": "Int64", "number": "float64"}


def script(packed: PackedStudy) -> str:
    """The Python program, which reads the tables and then selects the analysed rows."""
    reading = "".join(_reading(table) for table in packed.tables)
    return HEAD % (quoted(packed.study.title), TIME_FORMAT) + reading + _analysed(packed)


def _reading(table: Table) -> str:
    types = "\n".join(
        f"    {quoted(column.name)}: {quoted(_type(column))}," for column in table.columns
    )
    return f"{table.name} = typed({quoted(table.path)}, {{\n{types}\n}})\n"


def _type(column: Column) -> str:
    return "category" if column.name in FACTORS else TYPES.get(column.type, column.type)


def _analysed(packed: PackedStudy) -> str:
    if not packed.results["attributes"]:
        return "\nanalysed = ratings.iloc[:0]\n"
    rows = analysed_rows(packed)
    return f"\nanalysed = ratings[\n    {_condition(rows)}\n]\n"


def _condition(rows: AnalysedRows) -> str:
    """The selection of the analysed rows, as an expression of pandas."""
    asked = ['ratings["rating"].notna()']
    for column, value in rows.equal.items():
        cells = f"ratings[{quoted(column)}]"
        asked.append(cells if value == "true" else f"({cells} == {quoted(value)})")
    for column, values in rows.without.items():
        asked.append(f"~ratings[{quoted(column)}].isin([\n{listed(values, '        ')}\n    ])")
    return "\n    & ".join(asked)


FILE = ArchiveFile(
    name="load.py",
    media_type="text/x-python",
    remark="the tables in pandas with their types, and the rows that were analysed",
    text=script,
)
