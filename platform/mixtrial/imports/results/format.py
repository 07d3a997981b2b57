"""Interface of a results format: recognition of its files, and their content."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.factors import BETWEEN
from analysis.ratings.dialects.long_table import known_name
from analysis.ratings.table import KNOWN_COLUMNS
from analysis.trial_columns import TRIAL_COLUMNS
from mixtrial.imports.results.results_file import ResultsFile

RATING_KEYS = ("participant", "song", "system", "attribute", "rating")
"""Columns that a table of ratings needs."""

_OURS = (KNOWN_COLUMNS - {*BETWEEN}) | {*TRIAL_COLUMNS, "correct", "time_s", "comment"}
"""Columns of ours that no answer to a question is; one may well name a group."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Content of one results file in mixtrial's columns.

    Attributes
    ----------
    rows
        Cells as text. Each row is a rating or a trial; the index of a row is the number that the
        row or record has in the file.
    assumed
        What was assumed about the file, one clause for each assumption.
    refused
        Rows that were left out, by their row number, with the reason.
    n_read
        Number of rows in the file.
    answers
        For rows with several ratings: the columns of ratings, and the meaning of each column
        (``{"1_Q3_2": {"song": "1", "attribute": "Q3", "system": "2"}}``).
    names_made_up
        Whether the file names no participants, so that the import made names for them.
    times
        Columns of times that are still as in the file; all other times are in seconds, with a
        decimal point.
    is_end_unsaid
        Whether the trials come from rankings, and the rankings do not show which end is the best.
        If the end of the best system is unknown, the answer of a trial is the system nearer to the
        last place.
    """

    rows: pd.DataFrame
    assumed: tuple[str, ...] = ()
    refused: tuple[tuple[int, str], ...] = ()
    n_read: int = 0
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names_made_up: bool = False
    times: tuple[str, ...] = ()
    is_end_unsaid: bool = False


@dataclass(frozen=True, slots=True)
class ResultsFormat:
    """A format of results.

    Attributes
    ----------
    title
        Name of the format in a sentence.
    is_mine
        Function that decides from a file's content whether the file has this format.
    read
        Function that reads a file of this format; it raises ``RatingsError`` if the file cannot be
        read.
    """

    title: str
    is_mine: Callable[[ResultsFile], bool]
    read: Callable[[ResultsFile], Reading]


def with_answers(
    rows: pd.DataFrame, answers: pd.DataFrame, taken: Collection[str] = _OURS
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows with the participants' other answers; names of answers that had to be changed.

    Parameters
    ----------
    rows
        Rows in mixtrial's columns.
    answers
        Answers with one column per question; they have the same index as the rows, and each index
        occurs once.
    taken
        Names that an answer must not have, besides the names of the columns of the rows. An answer
        with a forbidden name is kept as ``answer_<name>``.
    """
    names: list[str] = []
    for name in map(str, answers):
        known = known_name(name, {*taken, *map(str, rows)})
        new = f"answer_{name}" if known in taken or known in rows else name
        while new != name and new in (*names, *rows, *answers):
            new += "_"
        names.append(new)
    told = tuple(
        f"the answers to {old} stand in the column {new}"
        for old, new in zip(map(str, answers), names, strict=True)
        if old != new
    )
    return pd.concat([rows, answers.set_axis(names, axis=1).loc[rows.index].set_axis(rows.index)],
                     axis=1), told  # fmt: skip


def with_answers_of_one(
    rows: pd.DataFrame, answers: Mapping[str, str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows as returned by `with_answers`, for a file of one participant."""
    said = {name: [answer] * len(rows) for name, answer in answers.items()}
    return with_answers(rows, pd.DataFrame(said, index=rows.index))
