"""One results file: its bytes, and its content as text, as cells and as JSON."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.ratings.dialects.cells import NoTableError, cells_of
from analysis.ratings.dialects.decimal_signs import DecimalSign, UnclearNumbersError, with_points
from analysis.ratings.dialects.long_table import text_table
from analysis.ratings.dialects.text_encodings import NoTextError, decoded
from analysis.ratings.table import RatingsError, readable_cells, refuse_packed

MAX_FILE_BYTES = 512 * 2**20
"""A larger file is not taken for a table of ratings."""

MAX_DIGITS = 100
"""A whole number with more digits is not taken for a rating or a time."""

_FIRST_ELEMENT = re.compile(r"<([A-Za-z][\w.-]*)")


@dataclass(frozen=True)
class ResultsFile:
    """A file that is read once; nothing in the file is ever executed.

    Attributes
    ----------
    name
        Name of the file without its folder.
    content
        All bytes of the file.
    decimal
        Decimal sign, if the user gave it.
    """

    name: str
    content: bytes
    decimal: DecimalSign | None = None

    @property
    def sha256(self) -> str:
        """Digest of the file's bytes, as hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def text(self) -> str:
        """Text of the file; empty if it is not text."""
        try:
            return decoded(self.content)[0]
        except NoTextError:
            return ""

    @cached_property
    def json(self) -> Any:
        """Content of the file's text as JSON; None if the text is not JSON."""
        if not self.text.lstrip().startswith(("{", "[")):
            return None
        try:
            return json.loads(self.text, parse_int=self._whole_number)
        except (json.JSONDecodeError, RecursionError):
            return None

    def _whole_number(self, digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            raise RatingsError(f"{self.name} has a number of {len(digits)} digits; correct it.")
        return int(digits)

    @cached_property
    def root_name(self) -> str:
        """Name of the first XML element; empty if the file does not begin with an XML element."""
        if not self.text.lstrip("\ufeff \t\r\n").startswith("<"):
            return ""
        found = _FIRST_ELEMENT.search(self.text)
        return found[1] if found else ""

    @cached_property
    def columns(self) -> frozenset[str]:
        """Names of the columns in lower case; empty if the file is not a table."""
        if self.json is not None or self.text.lstrip().startswith("<"):
            return frozenset()
        try:
            return frozenset(name.lower() for name in cells_of(self.content).header)
        except (NoTextError, NoTableError):
            return frozenset()

    def table(self) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """Cells as text, and what is unusual about the table's dialect (separator and so on).

        Raises
        ------
        RatingsError
            The text is not a table.
        """
        cells = readable_cells(self.content, self.name)
        return text_table(cells), cells.assumed

    def times(self, cells: pd.Series) -> pd.Series:
        """Times in a column, as text with a decimal point.

        Raises
        ------
        RatingsError
            The decimal sign is not clear.
        """
        try:
            return with_points(cells, self.decimal)
        except UnclearNumbersError as error:
            raise RatingsError(f"{self.name}, column {cells.name}: {error}") from None


def results_file(path: Path, decimal: DecimalSign | None = None) -> ResultsFile:
    """Results file at this path, with the decimal sign if it was given.

    Raises
    ------
    RatingsError
        The file cannot be read, or is far too large.
    """
    if path.is_dir():
        raise RatingsError(f"{path} is a folder; name the files of results in it.")
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise RatingsError(f"{path.name} is larger than {MAX_FILE_BYTES >> 20} MiB.")
        content = path.read_bytes()
    except FileNotFoundError:
        raise RatingsError(f"There is no rating file at {path}.") from None
    except OSError as error:
        raise RatingsError(f"The rating file {path} cannot be read: {error.strerror}.") from None
    refuse_packed(content, path.name)
    return ResultsFile(path.name, content, decimal)
