"""The table of ratings: reading, checks and averages.

**Conventions.** A table has one rating per row (long format), with the columns `participant`,
`group`, `song`, `system`, `attribute` and `rating`. Ratings are on the scale of the table
(`analysis.scale`); without a stated scale, from 0 to 100. Columns with names contain text ("007"
stays "007"). If a rating is missing, either its row is missing or the rating in the row is empty.
All other columns (`replicate`, `page`, ...) are kept.

In reading order: `read_ratings`, `check_ratings`, `of_attribute`, `participant_means`,
`fingerprint`.
"""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.factors import BETWEEN, LANGUAGE
from analysis.ratings.dialects.cells import Cells, NoTableError, cells_of
from analysis.ratings.dialects.decimal_signs import is_missing, quoted
from analysis.ratings.dialects.long_table import (
    ROW_NUMBERS,
    text_table,
    with_decimal_points,
    with_known_names,
)
from analysis.ratings.dialects.packed_files import packed_as
from analysis.ratings.dialects.spreadsheet_dates import looks_like_date
from analysis.ratings.dialects.text_encodings import NoTextError
from analysis.scale import COLUMNS, off_scale, with_own_scales

IDENTIFIERS = ("participant", "group", "song", "system", "attribute")
"""The identifying columns, in the order in which a table carries them."""


KNOWN_COLUMNS = frozenset(
    (*IDENTIFIERS, "rating", *COLUMNS, *BETWEEN, "replicate", "part", "phase")
)
"""Columns that are also recognised in capitals."""

GRADED_AGAINST = "graded_against"
"""Column that names the hidden reference of a page whose grades are analysed by difference."""

ONE_GROUP = "all"
"""Name of the only group if the table has no groups."""


class RatingsError(ValueError):
    """A table of ratings that cannot be analysed; the message to the user is one sentence."""


def read_ratings(path: str | Path) -> pd.DataFrame:
    r"""Table from a text file with one rating per row, after all checks.

    Parameters
    ----------
    path
        A text file with the columns participant, song, system, attribute and rating; the column
        group is optional. Every form that `read_text_table` knows is allowed. All other columns of
        the file are kept.

    Returns
    -------
    DataFrame
        As `check_ratings` returns it.

    Raises
    ------
    RatingsError
        The file is missing, is not a table, or lacks a column. A participant, song, system or
        attribute has no name. A rating is not a number, is not on its scale, or was given twice. A
        participant is in more than one group.

    Examples
    --------
    >>> header = "participant,song,system,attribute,rating"
    >>> rows = ["P1,harbour,mp3,overall,40", "P1,harbour,opus,overall,65"]
    >>> _ = Path("two.csv").write_text("\n".join([header, *rows]))
    >>> read_ratings("two.csv").groupby("system")["rating"].mean().to_dict()
    {'mp3': 40.0, 'opus': 65.0}
    """
    return check_ratings(read_text_table(path))


def read_text_table(path: str | Path) -> pd.DataFrame:
    """All cells of a table as unchanged text; the format of the table is recognised.

    Cells can be separated by commas, semicolons, tabs or vertical bars; the encoding can be UTF-8,
    UTF-16 or Latin-1. Usual column names are also recognised if they are written in capital
    letters. Numbers in the columns of ratings and scales are written with a decimal point. The
    index is the row number in the file.

    Raises
    ------
    RatingsError
        The file is missing, is not a table, or has cells or numbers that can be read in two ways.
    """
    source = Path(path)
    try:
        content = source.read_bytes()
    except FileNotFoundError:
        raise RatingsError(f"There is no rating file at {source}.") from None
    except OSError as error:
        raise RatingsError(f"The rating file {source} cannot be read: {error.strerror}.") from None
    try:
        table = with_known_names(text_table(readable_cells(content, source.name)), KNOWN_COLUMNS)
        return with_decimal_points(table, ("rating", *COLUMNS))
    except NoTableError as error:
        raise RatingsError(f"{source.name} cannot be read as a table. {error}") from None


def readable_cells(content: bytes, name: str) -> Cells:
    """Cells of a table, read from the bytes of its file.

    Raises
    ------
    RatingsError
        The bytes are not text, or the separator is not clear; the message names the file.
    """
    if not content.strip():
        raise RatingsError(f"The rating file {name} is empty.")
    refuse_packed(content, name)
    try:
        return cells_of(content)
    except (NoTextError, NoTableError) as error:
        raise RatingsError(f"{name} is not a readable UTF-8 CSV file. {error}") from None


def refuse_packed(content: bytes, name: str) -> None:
    """Raise ``RatingsError``, with advice, for a workbook or a compressed file."""
    if (told := packed_as(content)) is not None:
        raise RatingsError(f"{name} is {told}.")


def check_ratings(frame: pd.DataFrame) -> pd.DataFrame:
    """Table of ratings in which names are text and ratings are numbers.

    Parameters
    ----------
    frame
        A table with all required columns; the function leaves it unchanged.

    Returns
    -------
    DataFrame
        The six usual columns come first, then all others. The rows keep their order and get a new
        index. `rating` is float64; an empty cell becomes NaN. Without a group column, all
        participants are in the group "all".

    Raises
    ------
    RatingsError
        As `read_ratings`. Rows are numbered as in a spreadsheet: the header is row 1.
    """
    table = frame.set_axis(_row_numbers(frame))
    table.columns = pd.Index([str(name).strip() for name in table.columns])
    _require_columns(table)
    if table.empty:
        raise RatingsError("The rating table has no rows.")
    if "group" not in table:
        table["group"] = ONE_GROUP
    for name in IDENTIFIERS:
        table[name] = _as_text(table[name])
    _fill_groups(table)
    for name in BETWEEN[1:]:
        if name in table:
            table[name] = _as_text(table[name]).replace("", "not given")
    _require_identifiers(table)
    try:
        table = with_own_scales(table)
    except ValueError as error:
        raise RatingsError(str(error)) from None
    table["rating"] = _as_ratings(table)
    if table["rating"].isna().all():
        raise RatingsError("The rating table has no ratings: every rating cell is empty.")
    _refuse_duplicates(table)
    for factor in (name for name in BETWEEN if name != LANGUAGE):
        _refuse_two_levels(table, factor)
    order = [*IDENTIFIERS, "rating"]
    table = table[order + [name for name in table.columns if name not in order]]
    return table.reset_index(drop=True)


def _row_numbers(frame: pd.DataFrame) -> pd.Index:
    """Number of each row in its file; without a file, the first row has the number 2."""
    return frame.index if frame.index.name == ROW_NUMBERS else pd.RangeIndex(2, len(frame) + 2)


def _require_columns(table: pd.DataFrame) -> None:
    needed = ["participant", "song", "system", "attribute", "rating"]
    missing = [name for name in needed if name not in table]
    if missing:
        found = ", ".join(table.columns) or "none"
        raise RatingsError(
            f"The rating table lacks the column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)} (found: {found})."
        )
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise RatingsError(f"The rating table has the column {twice[0]} twice.")


def _as_text(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.StringDtype):  # each distinct text is checked only once
        codes, values = pd.factorize(column)
        stripped = np.array([*(str(value).strip() for value in values), ""], dtype=object)
        return pd.Series(stripped[codes], column.index, object, column.name)
    text = column.astype(object).where(column.notna(), "")
    return text.map(lambda value: str(value).strip()).astype(object)


def _fill_groups(table: pd.DataFrame) -> None:
    blank = table["group"] == ""
    if blank.all():
        table["group"] = ONE_GROUP
    elif blank.any():
        table.loc[blank, "group"] = "not given"


def _require_identifiers(table: pd.DataFrame) -> None:
    for name in IDENTIFIERS:
        empty = np.flatnonzero((table[name] == "").to_numpy())
        if len(empty):
            raise RatingsError(f"Row {table.index[empty[0]]} has no {name}.")


def _as_ratings(table: pd.DataFrame) -> pd.Series:
    given = table["rating"]
    if given.dtype == float:
        numbers, wrong = given, np.array([], dtype=int)
    else:
        given = _as_text(given)
        blank = is_missing(given)
        numbers = pd.to_numeric(given.where(~blank), errors="coerce").astype(float)
        wrong = np.flatnonzero((numbers.isna() & ~blank).to_numpy())
    if len(wrong):
        cell = str(given.iloc[wrong[0]])
        why = f"the rating {quoted(cell)} is not a number"
        if looks_like_date(cell):
            why += (
                "; a spreadsheet makes dates of numbers such as 1.5: import the column there as "
                "text, or take the numbers from where the table came from"
            )
        raise RatingsError(_at(table, wrong[0], why))
    if (found := off_scale(table, numbers)) is not None:
        raise RatingsError(_at(table, *found))
    return numbers


def _at(table: pd.DataFrame, row: int, what: str) -> str:
    who, song, system = (str(table[name].iloc[row]) for name in ("participant", "song", "system"))
    where = f"song {song}, system {system}"
    return f"Row {table.index[row]} (participant {who}, {where}): {what}."


def _refuse_duplicates(table: pd.DataFrame) -> None:
    key = ["participant", "song", "system", "attribute"]
    if "replicate" in table:
        key.append("replicate")
    if "page_index" in table and (table.get(GRADED_AGAINST, pd.Series("")).fillna("") != "").any():
        key.append("page_index")  # each page has its own rating of the hidden reference
    twice = np.flatnonzero(table.duplicated(key).to_numpy())
    if len(twice):
        row = {name: str(table[name].iloc[twice[0]]) for name in key}
        same = np.logical_and.reduce([(table[name].astype(str) == row[name]) for name in key])
        first = np.flatnonzero(same)[0]
        count = len(twice)
        more = f" and {count - 1} more such row{'s' if count > 2 else ''}" if count > 1 else ""
        raise RatingsError(
            f"Rows {table.index[first]} and {table.index[twice[0]]} rate the same stimulus "
            f"twice{more}: participant {row['participant']}, song {row['song']}, system "
            f"{row['system']}, attribute {row['attribute']}. For repeated ratings, add a column "
            "replicate."
        )


def _refuse_two_levels(table: pd.DataFrame, factor: str) -> None:
    if factor not in table:
        return
    pairs = table[["participant", factor]].drop_duplicates()
    twice = pairs.loc[pairs["participant"].duplicated(), "participant"]
    if len(twice):
        who = twice.iloc[0]
        names = " and ".join(sorted(pairs.loc[pairs["participant"] == who, factor]))
        raise RatingsError(f"Participant {who} is in more than one {factor}: {names}.")


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows sorted by their keys, so that the row order of a file does not matter."""
    key = [*IDENTIFIERS, *(["replicate"] if "replicate" in table else [])]
    return table.sort_values(key, kind="stable").reset_index(drop=True)


def of_attribute(ratings: pd.DataFrame, attribute: str) -> pd.DataFrame:
    """Rows of one attribute; rows with an empty rating are left out.

    Parameters
    ----------
    ratings
        A checked rating table.
    attribute
        Name of one of the table's attributes.

    Returns
    -------
    DataFrame
        Rows with a new index; empty if nobody rated the attribute.
    """
    wanted = (ratings["attribute"] == attribute) & ratings["rating"].notna()
    return ratings[wanted].reset_index(drop=True)


def cell_means(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean of the repeated ratings for each participant, system and song.

    Parameters
    ----------
    rows
        Rows of one attribute, as `of_attribute` returns them.

    Returns
    -------
    DataFrame
        A row is a participant, and a column is a (system, song); both are sorted by name. Values
        are in points; a missing rating is NaN.
    """
    cells = rows.pivot_table(
        index="participant", columns=["system", "song"], values="rating", aggfunc="mean"
    )
    return cells.sort_index().sort_index(axis=1)


def participant_means(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean over songs for each participant and system; repeated ratings are averaged first.

    Parameters
    ----------
    rows
        Rows of one attribute, as `of_attribute` returns them.

    Returns
    -------
    DataFrame
        Means in points, shape (n_participants, n_systems), both sorted by name. NaN: the
        participant rated the system on no song.
    """
    return cell_means(rows).T.groupby(level=0).mean().T


def participant_groups(rows: pd.DataFrame) -> pd.Series:
    """Group of each participant; the index has the participants in sorted order."""
    return rows.drop_duplicates("participant").set_index("participant")["group"].sort_index()


def fingerprint(ratings: pd.DataFrame) -> str:
    """SHA-256 of the content of the table; it does not depend on the order of the rows.

    Parameters
    ----------
    ratings
        A checked rating table.

    Returns
    -------
    str
        Hexadecimal digest of sorted lines; each line is `participant,...,rating`, made from the six
        columns (and `replicate`). Ratings are written with as few digits as are needed to be exact,
        and rows without a rating are left out.
    """
    key = [*IDENTIFIERS, *(["replicate"] if "replicate" in ratings else [])]
    rated = ratings[ratings["rating"].notna()]
    lines = [
        "\x1f".join([*(str(value) for value in row[:-1]), repr(float(row[-1]))])
        for row in rated[[*key, "rating"]].itertuples(index=False, name=None)
    ]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
