"""Turn cells into a table of text with known column names and numbers with a decimal point."""

from __future__ import annotations

import re
from collections.abc import Collection

import pandas as pd
from pandas.api.types import is_numeric_dtype

from analysis.ratings.dialects.cells import Cells, NoTableError
from analysis.ratings.dialects.decimal_signs import DecimalSign, UnclearNumbersError, with_points

ROW_NUMBERS = "row"
"""Name of the index of a read table: the position of each row in its file."""


def text_table(cells: Cells) -> pd.DataFrame:
    """Unchanged cells; the index is the row number in the file."""
    index = pd.Index(cells.numbers, name=ROW_NUMBERS)
    return pd.DataFrame(list(cells.rows), columns=list(cells.header), index=index, dtype=str)


def known_name(column: str, known: Collection[str]) -> str:
    """Known name that equals a column's name; capitals and separators between words are ignored.

    Examples
    --------
    >>> known_name("Scale Minimum", ["rating", "scale_minimum"])
    'scale_minimum'
    """
    name = re.sub(r"[\s_.-]+", "_", column.strip().lower())
    return name if name in known else column


def with_known_names(table: pd.DataFrame, known: Collection[str]) -> pd.DataFrame:
    """Table whose columns have their known names, unless a column with this name exists already."""
    names = [known_name(str(column), known) for column in table.columns]
    own = {str(column) for column in table.columns}
    return table.set_axis(
        [old if new in own else new for old, new in zip(table.columns, names, strict=True)], axis=1
    )


def with_decimal_points(
    table: pd.DataFrame, columns: Collection[str], sign: DecimalSign | None = None
) -> pd.DataFrame:
    """Table in which all numbers in columns of numbers have a decimal point.

    Parameters
    ----------
    table
        Cells as text.
    columns
        Names of columns of numbers; the table can lack some of these columns.
    sign
        Decimal sign; None: the numbers of each column must show the decimal sign.

    Raises
    ------
    NoTableError
        The decimal sign of a column is not clear.
    """
    read = {}
    for column in columns:
        if list(table.columns).count(column) == 1 and not is_numeric_dtype(table[column]):
            try:
                read[column] = with_points(table[column], sign)
            except UnclearNumbersError as error:
                raise NoTableError(f"Its column {column}: {error}") from None
    return table.assign(**read)
