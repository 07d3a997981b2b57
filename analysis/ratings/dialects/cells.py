"""How text is divided into rows of cells: the separator of the cells, and empty rows.

The separator is found from the header. Every row must then have as many cells as the header. If two
separators are possible, the file is refused. Some spreadsheets write ``sep=;`` as the first line;
this line then sets the separator. Rows are numbered as in a spreadsheet: the header is row 1, and
empty rows are counted.
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
    """Text that cannot be read as a table; the message gives the reason as part of a sentence."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table as they are in the file; rows can have different numbers of cells.

    Attributes
    ----------
    header
        Names of the columns, without spaces around them.
    numbered
        All rows with their numbers in the file; the header and empty rows are left out.
    assumed
        How the file differs from the usual form (UTF-8, commas); each difference is a part of a
        sentence.
    """

    header: tuple[str, ...]
    numbered: tuple[tuple[int, tuple[str, ...]], ...]
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cells:
    """A table in which every row has as many cells as the header.

    Attributes
    ----------
    header, assumed
        As of `Rows`.
    rows
        All rows of the table that are not empty.
    numbers
        Number that each row has in the file.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    assumed: tuple[str, ...] = ()


def rows_of(content: bytes) -> Rows:
    """Rows of a text file whose cells are divided by a separator.

    Parameters
    ----------
    content
        All bytes of the file.

    Raises
    ------
    NoTextError
        The bytes are not text.
    NoTableError
        The text has no row, a quotation mark is not closed, or more than one separator is possible.
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
    """Cells of a text file with a separator; cells missing at the end of a row are empty.

    Parameters
    ----------
    content
        All bytes of the file.

    Raises
    ------
    NoTextError
        As `rows_of`.
    NoTableError
        The errors of `rows_of`, and one more: a row has more cells than the header.
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
    """Separator with which all rows have as many cells as the header; otherwise a comma."""
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
