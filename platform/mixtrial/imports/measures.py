"""Objective measures that a report compares with the ratings, from the build or a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.ratings.table import RatingsError, read_text_table
from analysis.report.sections.prediction import NAMED


def read_measures(path: Path) -> pd.DataFrame:
    """A table with the columns song and system, and with one column per measure.

    Raises
    ------
    RatingsError
        The file cannot be read, lacks one of the columns song and system, or has no column of
        numbers.
    """
    table = read_text_table(path).reset_index(drop=True)
    missing = [name for name in NAMED if name not in table]
    if missing:
        raise RatingsError(f"{path.name} lacks the column {missing[0]}.")
    measures = _of_numbers(table)
    if not measures:
        raise RatingsError(f"{path.name} has no column of numbers besides song and system.")
    return table[[*NAMED, *measures]]


def chosen_measures(
    stimuli: pd.DataFrame | None, given: pd.DataFrame | None, wanted: Sequence[str] | None
) -> pd.DataFrame | None:
    """Measures of the build and of a table, one row per stimulus; None if none is requested.

    Parameters
    ----------
    stimuli
        Measures of the build by mixtrial's own meters; None without a build.
    given
        Measures as :func:`read_measures` returns them; if no measure is named, all of them are
        used.
    wanted
        Names of columns of the build's measures or of the table.

    Raises
    ------
    RatingsError
        A requested name is no column of numbers, neither in the measures of the build nor in the
        table.
    """
    tables = [table for table in (given, stimuli) if table is not None]
    names = list(wanted or (() if given is None else _of_numbers(given)))
    if not names:
        return None
    found: pd.DataFrame | None = None
    for name in dict.fromkeys(names):
        own = next((table for table in tables if name in _of_numbers(table)), None)
        if own is None:
            there = ", ".join(dict.fromkeys(each for t in tables for each in _of_numbers(t)))
            raise RatingsError(
                f"There is no measure {name!r}; choose {there}." if there
                else f"There is no measure {name!r}, because there is no build and no table of "
                     "measures."
            )  # fmt: skip
        values = own[[*NAMED, name]].assign(**{name: pd.to_numeric(own[name], errors="coerce")})
        values = (
            values.astype(dict.fromkeys(NAMED, str)).groupby(list(NAMED), as_index=False).mean()
        )
        found = values if found is None else found.merge(values, how="outer", on=list(NAMED))
    return found


def _of_numbers(table: pd.DataFrame) -> list[str]:
    """Columns that contain only numbers, and at least one number."""
    names = []
    for name in table.columns:
        filled = table[name][table[name].notna() & (table[name].astype(str) != "")]
        if (
            name not in NAMED
            and len(filled)
            and pd.to_numeric(filled, errors="coerce").notna().all()
        ):
            names.append(str(name))
    return names
