"""``read_results``: one results file, in any format, as a table in mixtrial's columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis.counts import counted
from analysis.ratings.dialects.decimal_signs import quoted
from analysis.ratings.names import refuse_names_that_look_alike
from analysis.ratings.table import RatingsError
from analysis.scale import Scale
from mixtrial.imports.exported_tables import with_names_of_now
from mixtrial.imports.reading.addresses import has_addresses_for_names, without_addresses
from mixtrial.imports.results.choices.choice_tables import as_trials
from mixtrial.imports.results.columns import (
    is_of_trials,
    said_as_ratings,
    unfolded,
    with_mapped_columns,
    with_needed_columns,
    with_new_names,
    with_values,
    words_for_ratings,
)
from mixtrial.imports.results.doubts import doubts_about, unseen_in_names
from mixtrial.imports.results.format import RATING_KEYS, Reading
from mixtrial.imports.results.options import ReadingOptions
from mixtrial.imports.results.registry import format_of, formats
from mixtrial.imports.results.results_file import ResultsFile, results_file

OWN_MAKE = "a table"
"""Title of what has no format but its columns."""


@dataclass(frozen=True, slots=True)
class Imported:
    """Content of one imported file.

    Attributes
    ----------
    name, sha256
        Name and SHA-256 of the file.
    title
        Format of the file.
    rows
        Table with one rating or trial per row, and with texts in all cells; the index is the place
        of the row in the file.
    n_read
        Number of rows of the file.
    assumed, doubts
        Assumptions about the file, and points that should be checked, with one clause for each.
    refused
        Rows that were left out, by their row number, with the reason.
    names_made_up
        Whether the file names no participants. If the file names no participants, the same
        participant name in another file means another person.
    options
        Options given for the file, in the form of the command line.
    offered
        Values that the file has in the columns of ``--only`` and ``--without``.
    """

    name: str
    sha256: str
    title: str
    rows: pd.DataFrame
    n_read: int
    assumed: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    refused: tuple[tuple[int, str], ...] = ()
    names_made_up: bool = False
    options: tuple[str, ...] = ()
    offered: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_usual(self) -> bool:
        """Whether the table is a usual CSV file, and nothing had to be assumed about it."""
        return self.title == OWN_MAKE and not (self.assumed or self.refused)

    @property
    def in_one_line(self) -> str:
        """The format of the file, and the assumptions made."""
        n = len(self.refused)
        left_out = f"; {counted(n, 'row')} {'was' if n == 1 else 'were'} left out" if n else ""
        said = "; ".join(self.assumed)
        return f"{self.name} is {self.title}{left_out}{': ' if said else ''}{said}"


def read_results(
    path: Path, options: ReadingOptions | None = None, scale: Scale | None = None
) -> Imported:
    """Results in one file.

    Parameters
    ----------
    path
        Path of the file.
    options
        Further options that were given for the file.
    scale
        Scale of the ratings, which is needed if ratings are words.

    Raises
    ------
    RatingsError
        The file has no known format, or its content is not clear; the error message names the
        option that settles this.
    """
    options = options or ReadingOptions()
    file = results_file(path, options.decimal)
    form = format_of(file)
    reading = form.read(file) if form else _own_make(file)
    title = form.title if form else OWN_MAKE
    return imported_of(reading, file.name, file.sha256, title, options, scale)


def imported_of(
    reading: Reading,
    name: str,
    sha256: str,
    title: str,
    options: ReadingOptions,
    scale: Scale | None = None,
) -> Imported:
    """Content of a file that was read, in mixtrial's columns.

    Parameters
    ----------
    reading
        Result of reading the file.
    name, sha256, title
        Name, digest and format of the file, as in `Imported`.
    options, scale
        As in `read_results`.

    Raises
    ------
    RatingsError
        As `read_results`.
    """
    if reading.rows.empty and reading.refused:
        row, why = reading.refused[0]
        raise RatingsError(f"{name} has no row that can be used: row {row}, {why}.")
    rows = with_mapped_columns(reading.rows, options.columns, name)
    if reading.is_end_unsaid:
        rows = options.with_best_end(rows, name)
    rows, choosing = as_trials(rows, options, name)
    wide = None if is_of_trials(rows) else options.wide
    words = options.values_of_labels(scale)
    answers, without = ({}, ()) if options.wide else _of_ratings(rows, reading.answers, words, name)
    rows, unfolding = unfolded(
        rows.drop(columns=[column for column in reading.answers if column in without]),
        answers, wide, name, words,
    )  # fmt: skip
    if without:
        unfolding += (f"columns without ratings were left out: {', '.join(without)}",)
    if not words:
        _refuse_words(rows, name)
    rows = with_values(rows, options, scale, name, reading.times)
    offered = options.offered_by(rows)
    rows, left_out = options.chosen(rows, name)
    rows = with_new_names(rows, options, name)
    rows, filled = with_needed_columns(rows, name)
    are_addresses = has_addresses_for_names(rows)
    rows, hidden = without_addresses(rows)
    refuse_names_that_look_alike(rows)
    if rows.empty and not left_out:
        raise RatingsError(f"{name} has no rows.")
    unnamed = reading.names_made_up and "participant" not in options.columns
    made_up = unnamed or are_addresses
    apart = ("none of its participants is taken for one of another file",) if made_up else ()
    return Imported(
        name=name,
        sha256=sha256,
        title=title,
        rows=_in_our_order(rows),
        n_read=reading.n_read,
        assumed=(*reading.assumed, *choosing, *unfolding, *filled, *hidden, *apart),
        doubts=(*unseen_in_names(rows), *(() if is_of_trials(rows) else doubts_about(rows))),
        refused=(*reading.refused, *left_out),
        names_made_up=made_up,
        options=(*options.as_written, *([f"--scale {scale.option}"] if scale else [])),
        offered=offered,
    )


def _of_ratings(
    rows: pd.DataFrame, answers: Mapping[str, Mapping[str, str]], words: Mapping[str, str],
    name: str,
) -> tuple[Mapping[str, Mapping[str, str]], tuple[str, ...]]:  # fmt: skip
    """Columns in which at least half of the cells are ratings; and all other columns.

    Raises
    ------
    RatingsError
        A named column has a cell that is not a rating, or a named column does not exist.
    """
    kept = {}
    for column in (each for each in answers if each in rows):
        said, is_rating = said_as_ratings(rows[column], words)
        if not len(said) or 2 * is_rating.sum() < len(said):
            continue
        if not is_rating.all():
            row, cell = next(iter(said[~is_rating].items()))
            raise RatingsError(
                f"{name}, row {row}, column {column}: {quoted(cell)} is not a number. Correct or "
                "empty it, or give the words of the scale by --labels."
            )
        kept[column] = answers[column]
    if answers and not kept:
        raise RatingsError(f"{name}: None of its columns holds ratings.")
    return kept, tuple(each for each in answers if each in rows and each not in kept)


def _refuse_words(rows: pd.DataFrame, name: str) -> None:
    """Refuse ratings if half of them are words; name the options that give the words' values."""
    if (words := words_for_ratings(rows)) is not None:
        row, cell = next(iter(words.items()))
        raise RatingsError(
            f"{name}, row {row}: The rating {quoted(cell)} is not a number. Give the words of the "
            "scale from its lower end up, such as --scale 1:5:1 --labels "
            "Bad,Poor,Fair,Good,Excellent."
        )


def _own_make(file: ResultsFile) -> Reading:
    """A table of ratings or choices, in mixtrial's format or another format."""
    if file.json is not None or file.text.lstrip().startswith("<"):
        known = ", ".join(each.title for each in formats().values())
        raise RatingsError(f"{file.name} is not a table, and has no known format: {known}.")
    table, assumed = file.table()
    return Reading(with_names_of_now(table), assumed, n_read=len(table), times=("time_s",))


def _in_our_order(rows: pd.DataFrame) -> pd.DataFrame:
    first = ["participant", "group", *RATING_KEYS[1:]]
    names = [name for name in first if name in rows]
    return rows[names + [name for name in rows if name not in names]]
