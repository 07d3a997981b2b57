"""Files that are not text are named by their kind, a date by its form; both with the remedy."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from analysis.ratings.table import RatingsError, check_ratings, read_ratings

TABLE = b"participant,song,system,attribute,rating\na,b,c,overall,5\n"


def zipped(*names: str) -> bytes:
    """A zip archive with files of these names."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, TABLE * 200)
    return packed.getvalue()


OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99
FILES = {
    r"is compressed by gzip; unpack it \(gunzip\)": gzip.compress(TABLE),
    "is compressed by bzip2; unpack it": bz2.compress(TABLE),
    "is compressed by xz; unpack it": lzma.compress(TABLE),
    "is a zip archive; unpack it, and name the table": zipped("ratings.csv"),
    "is a workbook of Excel; save its sheet": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "is a sheet of LibreOffice; save it there as CSV": zipped("mimetype", "content.xml"),
    "is a workbook of an old Excel; save": OLD_EXCEL,
    "is a file of SPSS; save it there as CSV": b"$FL2@(#) SPSS" + b"x" * 99,
    "is a table in Parquet; write it as CSV": b"PAR1" + b"x" * 99,
}
"""Bytes, by the sentence that they are told by."""


@pytest.mark.parametrize("told", FILES)
def test_a_packed_table_is_refused_with_what_to_do(tmp_path: Path, told: str) -> None:
    """By its bytes: a name that ends in .csv changes nothing."""
    path = tmp_path / "ratings.csv"
    path.write_bytes(FILES[told])
    with pytest.raises(RatingsError, match=f"^ratings.csv {told}"):
        read_ratings(path)


@pytest.mark.parametrize("cell", ["1.Mai", "01. Mai", "5-Jan", "Mai 03", "2026-05-01", "1/5/2026",
                                  "03.02.2026", "4-déc"])  # fmt: skip
def test_a_date_in_the_place_of_a_rating_is_told_as_one(cell: str) -> None:
    """A spreadsheet made it of a number; the sentence says how that is kept from happening."""
    rows = [["a", "b", "c", "overall", cell], ["a", "b", "d", "overall", "3"]]
    names = ["participant", "song", "system", "attribute", "rating"]
    with pytest.raises(RatingsError, match="is not a number; a spreadsheet makes dates of numbers"):
        check_ratings(pd.DataFrame(rows, columns=names))


@pytest.mark.parametrize("cell", ["good", "marvellous", "May be", "5O", "1.5x", "--"])
def test_other_words_are_not_told_to_be_dates(cell: str) -> None:
    """They are no numbers, and that is all."""
    rows = [["a", "b", "c", "overall", cell], ["a", "b", "d", "overall", "3"]]
    names = ["participant", "song", "system", "attribute", "rating"]
    with pytest.raises(RatingsError, match=r"is not a number\.$"):
        check_ratings(pd.DataFrame(rows, columns=names))
