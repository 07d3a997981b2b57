"""Thirty ways to write one table are one table; what can be read two ways is asked about."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.ratings.dialects.cells import NoTableError, cells_of
from analysis.ratings.dialects.decimal_signs import UnclearNumbersError, with_points
from analysis.ratings.table import RatingsError, fingerprint, read_ratings

HEADER = ["participant", "group", "song", "system", "attribute", "rating"]
ROWS = [
    ["Zoë", "pro", "one, two", "cnn", "overall", "61.9"],
    ["Zoë", "pro", "one, two", "human", "overall", "100"],
    ["Zoë", "pro", "three; four", "cnn", "overall", ""],
    ["Zoë", "pro", "three; four", "human", "overall", "0.25"],
    ["007", "hobby", "one, two", "cnn", "overall", "38.5"],
    ["007", "hobby", "one, two", "human", "overall", "7"],
    ["007", "hobby", "three; four", "cnn", "overall", "0"],
    ["007", "hobby", "three; four", "human", "overall", "55.55"],
]

Table = list[list[str]]


def written(
    table: Table, sign: str = ",", quoting: int = csv.QUOTE_MINIMAL, end: str = "\n"
) -> str:
    """Text of a table, written by Python's own writer."""
    text = io.StringIO()
    csv.writer(text, delimiter=sign, quoting=quoting, lineterminator=end).writerows(table)
    return text.getvalue()


def with_commas(table: Table) -> Table:
    """Ratings with a decimal comma."""
    return [[*row[:-1], row[-1].replace(".", ",")] for row in table]


def with_word(word: str) -> Table:
    """The missing rating as a word."""
    return [HEADER, *([*row[:-1], row[-1] or word] for row in ROWS)]


def headed(change: Callable[[str], str]) -> Table:
    """The table under another header."""
    return [[change(name) for name in HEADER], *ROWS]


PLAIN = [HEADER, *ROWS]
ALL = csv.QUOTE_ALL
DIALECTS: dict[str, bytes] = {
    "as mixtrial writes it": written(PLAIN).encode(),
    "lines that end as in Windows": written(PLAIN, end="\r\n").encode(),
    "lines that end as in an old Mac": written(PLAIN, end="\r").encode(),
    "a header of 140,000 characters": written(
        [[*HEADER, "x" * 140_000], *([*row, ""] for row in ROWS)]
    ).encode(),
    "everything in quotes": written(PLAIN, quoting=ALL).encode(),
    "UTF-8 with its mark": codecs.BOM_UTF8 + written(PLAIN).encode(),
    "UTF-16, little end first": written(PLAIN).encode("utf-16"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + written(PLAIN).encode("utf-16-be"),
    "UTF-16 without its mark": written(PLAIN).encode("utf-16-le"),
    "Latin-1": written(PLAIN).encode("latin-1"),
    "semicolons": written(PLAIN, ";").encode(),
    "tabs": written(PLAIN, "\t").encode(),
    "vertical bars": written(PLAIN, "|").encode(),
    "tabs in UTF-16": written(PLAIN, "\t").encode("utf-16"),
    "semicolons and decimal commas": written(with_commas(PLAIN), ";").encode(),
    "the same with a mark, as Excel does": codecs.BOM_UTF8
    + written(with_commas(PLAIN), ";", end="\r\n").encode(),
    "tabs and decimal commas": written(with_commas(PLAIN), "\t").encode(),
    "commas and decimal commas in quotes": written(with_commas(PLAIN)).encode(),
    "sep=, in the first line": ("sep=,\n" + written(PLAIN)).encode(),
    "sep=; in the first line": ("sep=;\r\n" + written(with_commas(PLAIN), ";")).encode("latin-1"),
    "capitals": written(headed(str.upper)).encode(),
    "first letters in capitals": written(headed(str.title)).encode(),
    "spaces around the names": written(headed(lambda name: f"  {name} ")).encode(),
    "empty lines at the end": (written(PLAIN) + "\n\n").encode(),
    "rows of separators alone": (written(PLAIN) + ",,,,,\n,,,,,\n").encode(),
    "an empty line after the header": written(PLAIN).replace("\n", "\n\n", 1).encode(),
    "a separator at the end of each row": written([[*row, ""] for row in PLAIN]).encode(),
    "N/A": written(with_word("N/A")).encode(),
    "NA": written(with_word("NA")).encode(),
    "a dash": written(with_word("-")).encode(),
    "a point": written(with_word(".")).encode(),
    "undefined": written(with_word("undefined")).encode(),
    "NULL and nan": written(with_word("NULL")).encode(),
    "rows in another order": written([HEADER, *reversed(ROWS)]).encode(),
    "columns in another order": written([row[::-1] for row in PLAIN]).encode(),
    "a row without its rating left out": written([r for r in PLAIN if r[-1]]).encode(),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_table_is_the_same_in_every_dialect(dialect: str, tmp_path: Path) -> None:
    """The digest of `data.sha256`, and every rating, as of the plain table."""
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_bytes(DIALECTS["as mixtrial writes it"])
    other.write_bytes(DIALECTS[dialect])
    expected, found = read_ratings(plain), read_ratings(other)
    assert fingerprint(found) == fingerprint(expected)
    in_order = [
        table[table["rating"].notna()].sort_values(HEADER[:-1]).reset_index(drop=True)
        for table in (expected, found)
    ]
    pd.testing.assert_frame_equal(in_order[1][HEADER], in_order[0][HEADER])
    assert in_order[1]["rating"].tolist() == [38.5, 7.0, 0.0, 55.55, 61.9, 100.0, 0.25]


def test_there_are_thirty_dialects() -> None:
    """And some more."""
    assert len(DIALECTS) >= 30


def points(*cells: str, sign: str | None = None) -> list[str]:
    """Part that is read of these cells."""
    return with_points(pd.Series(list(cells)), sign).tolist()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "sign", "read"),
    [
        (("1,5", "2"), None, ["1.5", "2"]),
        (("0,123",), None, ["0.123"]),
        (("1.234,5",), None, None),
        (("1.234,5",), "comma", ["1234.5"]),
        (("1,234",), "comma", ["1.234"]),
        (("1,234", "61.9"), "point", ["1234", "61.9"]),
        (("1,234",), None, None),
        (("61,9", "61.9"), None, None),
        (("−3", "Good, or so"), None, ["-3", "Good, or so"]),
    ],
)
def test_a_comma_is_read_as_what_it_can_only_be(
    cells: tuple[str, ...], sign: str | None, read: list[str] | None
) -> None:
    """Three digits after a comma may be thousands: that is asked."""
    if read is None:
        with pytest.raises(
            UnclearNumbersError, match=r"--decimal comma|write all numbers in one way"
        ):
            points(*cells, sign=sign)
    else:
        assert points(*cells, sign=sign) == read


@pytest.mark.parametrize(
    ("cells", "sign", "read"),
    [
        (("1.234", "1.100,5", "7"), "comma", ["1234", "1100.5", "7"]),
        (("1,234,567.5", "-1,000"), "point", ["1234567.5", "-1000"]),
        (("−,5", "1,5e-1", "-", "."), "comma", ["-.5", "1.5e-1", "-", "."]),
        (("999", "1000,25"), "comma", ["999", "1000.25"]),
    ],
)
def test_under_a_declared_sign_only_groups_of_three_are_thousands(
    cells: tuple[str, ...], sign: str, read: list[str]
) -> None:
    """Also in a cell that has no decimals."""
    assert points(*cells, sign=sign) == read


@pytest.mark.parametrize(
    ("sign", "cell", "other"),
    [
        ("point", "6,5", "comma"),
        ("point", "4,55", "comma"),
        ("point", "0,123", "comma"),
        ("point", "12,34,567", "comma"),
        ("comma", "61.9", "point"),
        ("comma", "1.2345", "point"),
        ("comma", "1.234.5", "point"),
    ],
)
def test_a_number_that_the_declared_sign_cannot_read_is_refused(
    sign: str, cell: str, other: str
) -> None:
    """It never loses its sign: 6,5 is not 65."""
    words = f"{re.escape(cell)} is not a number with a decimal {sign}.*--decimal {other}"
    with pytest.raises(UnclearNumbersError, match=words):
        points("7", cell, sign=sign)


def test_numbers_that_are_not_clear_are_refused_with_the_option(tmp_path: Path) -> None:
    """One sentence of the file, the column and the remedy."""
    path = tmp_path / "ratings.csv"
    path.write_text("participant;song;system;attribute;rating\nA;s;x;o;1,234\n", encoding="utf-8")
    with pytest.raises(RatingsError, match=r"ratings\.csv .* column rating: 1,234 .*--decimal"):
        read_ratings(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b;c\n1,2;3\n", "could be separated by commas and semicolons.*sep=;"),
        (b'a,b\n1,"2\n', "Row 2 cannot be read: unexpected end of data"),
        (b"a,b\n1,2,3\n", "Row 2 has 3 cells where the header has 2; put cells that hold"),
        (
            b"a," + b"x" * 1_000_001 + b"\n1,2\n",
            "The header cannot be read: field larger than field limit",
        ),
        (b"a,b\n1," + b"x" * 1_000_001 + b"\n", "field larger than field limit"),
    ],
)
def test_a_table_that_cannot_be_told_apart_is_none(content: bytes, words: str) -> None:
    """An open quote would swallow all that follows."""
    with pytest.raises(NoTableError, match=words):
        cells_of(content)


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    """Empty rows count, and what is said of a row names it."""
    path = tmp_path / "ratings.csv"
    path.write_text(
        "participant,song,system,attribute,rating\n\nA,s,x,o,5\n\n,,,,\nA,s,y,o,nine\n", "utf-8"
    )
    with pytest.raises(RatingsError, match=r'Row 6 \(participant A.*"nine" is not a number'):
        read_ratings(path)
