"""Division of text into rows of cells: the separator of cells, and the empty rows.

The header determines the separator, and all rows must have the same number of cells as the header.
If two separators are possible, the file is refused. If the first line is ``sep=;``, which some
spreadsheets write, this line determines the separator. Rows have the same numbers as in a
spreadsheet: the header is row 1, and empty rows count too.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from analysis.ratings.dialects.text_encodings import UTF_8, decoded

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
"""Characters that can separate cells, and their names."""

MAX_CELL_CHARACTERS = 1_000_000
"""A longer cell means that a quote was never closed, or that the file is no table."""

_DECLARED = re.compile(r'"?sep=(.)"?[ \t;,|]*\r?\n?', re.IGNORECASE)


class NoTableError(ValueError):
    """Text that cannot be read as a table; the message is a clause that gives the reason."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table as in the file; the number of cells can differ between rows.

    Attributes
    ----------
    header
        Names of the columns, without spaces around them.
    numbered
        All rows except the header and empty rows, with their numbers in the file.
    assumed
        Differences from the usual form (UTF-8, commas), as one clause each.
    """

    header: tuple[str, ...]
    numbered: tuple[tuple[int, tuple[str, ...]], ...]
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cells:
    """A table in which all rows have as many cells as the header.

    Attributes
    ----------
    header, assumed
        As of `Rows`.
    rows
        All rows of the table that are not empty.
    numbers
        Number of each row in the file.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    assumed: tuple[str, ...] = ()


def rows_of(content: bytes) -> Rows:
    """Rows of a delimited text file.

    Parameters
    ----------
    content
        All bytes of the file.

    Raises
    ------
    NoTextError
        The bytes are not text.
    NoTableError
        The text has no row, a quotation mark is not closed, or the separator is not clear.
    """
    text, encoding = decoded(content)
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    separator = declared.group(1) if declared else _separator(text)
    (_, first), *others = _rows(text, separator)
    while len(first) > 1 and not first[-1].strip():  # a separator at the end of a line
        first = first[:-1]
    assumed = [] if encoding == UTF_8 else [f"its text is {encoding}"]
    if separator != ",":
        assumed.append(f"its cells stand between {SEPARATORS.get(separator, repr(separator))}")
    numbered = tuple((number, tuple(cells)) for number, cells in others)
    return Rows(tuple(name.strip() for name in first), numbered, tuple(assumed))


def cells_of(content: bytes) -> Cells:
    """Cells of a delimited text file; if cells at the end of a row are missing, they are empty.

    Parameters
    ----------
    content
        All bytes of the file.

    Raises
    ------
    NoTextError
        As `rows_of`.
    NoTableError
        The errors of `rows_of`; also a row with more cells than the header.
    """
    found = rows_of(content)
    width = len(found.header)
    for number, cells in found.numbered:
        if any(cell.strip() for cell in cells[width:]):
            raise NoTableError(
                f"Row {number} has {len(cells)} cells where the header has {width}; put cells that "
                "hold the separator in quotes."
            )
    rows = tuple((*row[:width], *[""] * (width - len(row))) for _, row in found.numbered)
    return Cells(found.header, rows, tuple(number for number, _ in found.numbered), found.assumed)


def _rows(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """Rows that are not empty, each with its row number."""
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    kept = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                kept.append((number, cells))
    except csv.Error as error:
        raise NoTableError(f"Row {number + 1} cannot be read: {error}.") from None
    if not kept:
        raise NoTableError("It is empty.")
    return kept


def _separator(text: str) -> str:
    """Separator that gives the header and all rows the same number of cells; otherwise a comma."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    dividing = [sign for sign in SEPARATORS if len(_header(first, sign)) > 1]
    if len(dividing) > 1:
        dividing = [sign for sign in dividing if _divides_alike(text, sign)] or dividing
    if len(dividing) > 1:
        names = " and ".join(SEPARATORS[sign] for sign in dividing)
        raise NoTableError(
            f"The cells could be separated by {names}; name the separator in a first line such as "
            f"sep={dividing[-1]}."
        )
    return dividing[0] if dividing else ","


def _header(line: str, separator: str) -> list[str]:
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error as error:
        raise NoTableError(f"The header cannot be read: {error}.") from None


def _divides_alike(text: str, separator: str) -> bool:
    """Whether all rows have as many cells as the header."""
    try:
        return len({len(cells) for _, cells in _rows(text, separator)}) == 1
    except NoTableError:
        return False
