"""Turn cells into a table: text, known column names, and numbers with a decimal point."""

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
    """The cells as they were read; the index is the row number in the file."""
    index = pd.Index(cells.numbers, name=ROW_NUMBERS)
    return pd.DataFrame(list(cells.rows), columns=list(cells.header), index=index, dtype=str)


def known_name(column: str, known: Collection[str]) -> str:
    """The known name for a column; capital letters and the signs between words are ignored.

    Examples
    --------
    >>> known_name("Scale Minimum", ["rating", "scale_minimum"])
    'scale_minimum'
    """
    name = re.sub(r"[\s_.-]+", "_", column.strip().lower())
    return name if name in known else column


def with_known_names(table: pd.DataFrame, known: Collection[str]) -> pd.DataFrame:
    """Table in which columns have their known names, unless a name already exists."""
    names = [known_name(str(column), known) for column in table.columns]
    own = {str(column) for column in table.columns}
    return table.set_axis(
        [old if new in own else new for old, new in zip(table.columns, names, strict=True)], axis=1
    )


def with_decimal_points(
    table: pd.DataFrame, columns: Collection[str], sign: DecimalSign | None = None
) -> pd.DataFrame:
    """Table in which numbers have a decimal point, in all columns of numbers.

    Parameters
    ----------
    table
        Cells as text.
    columns
        Names of the columns that contain numbers; the table need not have all of them.
    sign
        Decimal sign. None: it must be clear from the numbers in each column.

    Raises
    ------
    NoTableError
        It is not clear which decimal sign a column uses.
    """
    read = {}
    for column in columns:
        if list(table.columns).count(column) == 1 and not is_numeric_dtype(table[column]):
            try:
                read[column] = with_points(table[column], sign)
            except UnclearNumbersError as error:
                raise NoTableError(f"Its column {column}: {error}") from None
    return table.assign(**read)
