"""Tables for download and export: exact CSV, or CSV that is safe to open in a spreadsheet.

The exports are files of :mod:`mixtrial.exports`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from typing import Literal

import pandas as pd

from mixtrial.exports.registry import exports
from mixtrial.exports.table import Export
from mixtrial.server.installation import Installation

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")

WithMore = Callable[[pd.DataFrame, Export, Installation], pd.DataFrame]
"""Adds columns to a table that an export has written."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def rated_pages(
    ratings: pd.DataFrame, *, include_training: bool = False, include_unfinished: bool = False
) -> pd.DataFrame:
    """Rows of the long table that an analysis uses.

    Parameters
    ----------
    ratings
        All ratings, as ``Store.ratings`` returns them.
    include_training, include_unfinished
        Whether to keep training pages, and participants who have not finished.
    """
    kept = pd.Series(True, index=ratings.index)
    if not include_training:
        kept &= ratings["phase"] == "rating"
    if not include_unfinished:
        kept &= ratings["finished"].astype(bool)
    return ratings[kept].reset_index(drop=True)


def of_kinds(rows: pd.DataFrame, without_simulated: bool | None) -> pd.DataFrame:
    """Whether to keep simulated participants.

    None leaves simulated participants out if there are real participants.
    """
    if "participant_kind" not in rows:
        return rows
    simulated = rows["participant_kind"] == "simulated"
    leave_out = not simulated.all() if without_simulated is None else without_simulated
    return rows[~simulated] if leave_out else rows


def warnings_about(kinds: Iterable[str], hashes: Iterable[str]) -> list[str]:
    """Sentences that somebody who reads a table must know."""
    sentences = []
    if len(set(kinds)) > 1:
        sentences.append(
            "the table holds real and simulated participants (see participant_kind; "
            "--without-simulated leaves the latter out)"
        )
    if len(set(hashes)) > 1:
        sentences.append("the study file was changed between participants (see study_fingerprint)")
    return sentences


def as_csv(table: pd.DataFrame) -> str:
    """The text of `exact_csv`, changed so that a spreadsheet takes no cell for a formula.

    Texts that begin with ``=``, ``+``, ``-``, ``@``, tab or carriage return get a leading
    apostrophe. Numbers are never changed.
    """
    safe = table.copy()
    for column in safe.columns:
        if _is_text(safe[column]):
            safe[column] = safe[column].map(_without_formula)
    return exact_csv(safe)


def exact_csv(table: pd.DataFrame) -> str:
    """CSV text (UTF-8, commas, LF, always a header) for programs; texts are unchanged.

    Yes and no are written as ``true`` and ``false``.
    """
    written = table.copy()
    quoting: Literal[0, 2] = csv.QUOTE_MINIMAL
    for column in written.columns:
        if pd.api.types.is_bool_dtype(written[column]):
            written[column] = written[column].map({True: "true", False: "false"})
        elif _is_text(written[column]) and written[column].map(_has_carriage_return).any():
            quoting = csv.QUOTE_NONNUMERIC  # minimal quoting leaves a carriage return unquoted
    return written.to_csv(index=False, lineterminator="\n", quoting=quoting)


def safe_csv_of_text(table: pd.DataFrame) -> str:
    """The CSV text of `as_csv`, from cells that are texts; texts of numbers are not changed."""
    safe = table.map(lambda cell: cell if _NUMBER.fullmatch(cell) else _without_formula(cell))
    return exact_csv(safe)


def formula_like(table: pd.DataFrame) -> list[str]:
    """Columns with texts that a spreadsheet would take for formulas; each text is listed once."""
    texts = {str(name): table[name].unique() for name in table if _is_text(table[name])}
    return [
        f"{name} {cell}"
        for name, cells in texts.items() for cell in cells if _without_formula(cell) != cell
    ]  # fmt: skip


def _is_text(cells: pd.Series) -> bool:
    return not pd.api.types.is_bool_dtype(cells) and not pd.api.types.is_numeric_dtype(cells)


def _has_carriage_return(cell: object) -> bool:
    return isinstance(cell, str) and "\r" in cell


def _without_formula(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def as_said(cell: str) -> str:
    """Original text of a cell, without the apostrophe that :func:`as_csv` put before a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def as_written(table: pd.DataFrame, _export: Export, _here: Installation) -> pd.DataFrame:
    """Return the table as the export made it."""
    return table


def download(installation: Installation, name: str, with_more: WithMore = as_written) -> str:
    """CSV text of an export.

    The download is logged, because the table names systems.

    Parameters
    ----------
    installation
        Installation of the study.
    name
        Name of the export.
    with_more
        Function that adds facts about participants to the facts from the database.
    """
    installation.store.log_action(installation.study.identifier, "download", name)
    asked = exports()[name]
    rows = of_kinds(asked.rows(installation), None)
    if asked.is_by_page:
        rows = rated_pages(rows, include_unfinished=True)
    note_taken(installation, rows)
    return as_csv(with_more(asked.written(rows, installation), asked, installation))


def note_taken(installation: Installation, rows: pd.DataFrame) -> None:
    """Log the export of a table that holds ratings or choices with systems' names."""
    if {"rating", "answer"} & set(rows.columns):
        installation.note_look("table", rows[rows["phase"] == "rating"], is_blind=False)
