"""What each format of results brings: whether a file is one, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from mixtrial.imports.results.results_file import ResultsFile

RATING_KEYS = ("participant", "song", "system", "attribute", "rating")
"""Columns that a table of ratings needs."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file says, in our columns.

    Attributes
    ----------
    rows
        Cells as text, a rating or a trial a row, its index the row or the record of the file.
    assumed
        What was taken for granted, one clause each.
    refused
        Rows that were left out, by their number, and why.
    n_read
        How many rows the file has.
    answers
        Of rows with many ratings each: the columns that hold them, and what each stands for
        (``{"1_Q3_2": {"song": "1", "attribute": "Q3", "system": "2"}}``).
    names_made_up
        Whether the file names no participants, so that their names were made here.
    """

    rows: pd.DataFrame
    assumed: tuple[str, ...] = ()
    refused: tuple[tuple[int, str], ...] = ()
    n_read: int = 0
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names_made_up: bool = False


@dataclass(frozen=True, slots=True)
class ResultsFormat:
    """A format of results.

    Attributes
    ----------
    title
        As a sentence calls it.
    is_mine
        Whether a file has it, by its content.
    read
        What such a file says; raises ``RatingsError`` where it cannot be read.
    """

    title: str
    is_mine: Callable[[ResultsFile], bool]
    read: Callable[[ResultsFile], Reading]
