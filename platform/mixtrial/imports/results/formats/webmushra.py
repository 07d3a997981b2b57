"""webMUSHRA's CSV files of all page types; its program ``write.php`` appends rows to them.

The first column of webMUSHRA's CSV is the test. After the test come the columns of the
questionnaire, ``session_uuid`` (since 2022, only in ``mushra.csv``), ``trial_id``, and the columns
of the page type. The last columns identify the page type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

import pandas as pd

from analysis.ratings.dialects.cells import NoTableError, Rows, rows_of
from analysis.ratings.dialects.long_table import ROW_NUMBERS
from analysis.ratings.table import RatingsError
from mixtrial.imports.results.format import Reading, ResultsFormat
from mixtrial.imports.results.results_file import ResultsFile
from mixtrial.imports.webmushra.page_tables import (
    FIXED_COLUMNS,
    SESSION,
    TEST,
    TRIAL,
    PageTable,
    page_table_of,
    rows_of_page,
)

Table = pd.DataFrame


def _is_mine(file: ResultsFile) -> bool:
    return {TEST, TRIAL} <= file.columns


def _read(file: ResultsFile) -> Reading:
    try:
        found = rows_of(file.content)
    except NoTableError as error:  # pragma: no cover - `is_mine` has read it
        raise RatingsError(f"{file.name} cannot be read as a table. {error}") from None
    lower = [name.lower() for name in found.header]
    first_fixed = lower.index(SESSION if SESSION in lower else TRIAL)
    at_test = lower.index(TEST)
    if at_test:
        raise RatingsError(
            f"{file.name}: Remove the columns before {TEST}, which must be the first."
        )
    header = (TEST, *found.header[1:first_fixed],
              *(low if low in FIXED_COLUMNS else name
                for low, name in list(zip(lower, found.header, strict=True))[first_fixed:]),
             )  # fmt: skip
    page_type = _page_type_of(header, first_fixed, file.name)
    kept, refused, ragged = _aligned(found, header, first_fixed, page_type.numbers)
    if not kept:
        raise RatingsError(f"{file.name} is from webMUSHRA, but none of its rows fits its header.")
    index = pd.Index([number for number, _ in kept], name=ROW_NUMBERS)
    cells = Table([cells for _, cells in kept], index=index, columns=range(len(header)), dtype=str)
    cells = cells.apply(lambda column: column.str.strip())
    answers = cells.iloc[:, 1:first_fixed].set_axis(list(header[1:first_fixed]), axis=1)
    table = cells.drop(columns=range(1, first_fixed)).set_axis(
        [TEST, *header[first_fixed:]], axis=1
    )
    for column in ("rating_time", "choice_time"):
        if column in table:
            table[column] = file.times(table[column])
    assumed = [*found.assumed, *page_type.assumed]
    if ragged:
        answers, clause, unclear = _with_answers_of_ragged(answers, ragged, table.get(SESSION))
        answers, table = answers.drop(index=unclear), table.drop(index=unclear)
        refused += [(row, "it lacks a cell, so it could be of the participant before or after it")
                    for row in unclear]  # fmt: skip
        assumed.append(clause)
    if SESSION not in header:
        rows_said = zip(answers.index, map(tuple, answers.to_numpy().tolist()), strict=True)
        listed = [said if any(said) else ragged.get(row, said) for row, said in rows_said]
        table[SESSION] = _inferred_sessions(table, listed, PurePath(file.name).stem)
        assumed.append("it names no participants: a row that comes again begins another one")
    rows, told, undecided = rows_of_page(table, answers, page_type)
    assumed += told
    refused += undecided
    return Reading(rows, tuple(assumed), tuple(sorted(refused)), len(found.numbered),
                   names_made_up=SESSION not in header)  # fmt: skip


def _page_type_of(header: Sequence[str], first_fixed: int, name: str) -> PageTable:
    """Page type, by its fixed columns; a question can have the name of another type's column."""
    asked, fixed = header[:first_fixed], header[first_fixed:]
    twice = next((column for part in (asked, fixed) for column in part
                  if part.count(column) > 1), None)  # fmt: skip
    if twice is not None:
        raise RatingsError(f"{name} has the column {twice} twice; give each column a name.")
    if (found := page_table_of(fixed)) is not None:
        return found
    raise RatingsError(
        f"{name} is from webMUSHRA, but has an unknown page type (its columns: "
        f"{', '.join(header)})."
    )


def _aligned(
    found: Rows, header: Sequence[str], first_fixed: int, numbers: Sequence[str]
) -> tuple[list[tuple[int, list[str]]], list[tuple[int, str]], dict[int, tuple[str, ...]]]:
    """Rows of the table under the header.

    If a row has a wrong number of cells, its last cell is put into the last column, unless another
    alignment is possible.

    For these rows, the function also returns, by row number, the cells that are in place of the
    answers.
    """
    ragged: dict[int, tuple[str, ...]] = {}
    kept: list[tuple[int, list[str]]] = []
    refused: list[tuple[int, str]] = []
    n_fixed, at = len(header) - first_fixed, [header.index(name, first_fixed) for name in numbers]
    for row, cells in found.numbered:
        if tuple(cell.strip().lower() for cell in cells) == tuple(map(str.lower, header)):
            continue  # a repeated header
        if len(cells) == len(header):
            kept.append((row, list(cells)))
            continue
        by_end = [cells[0], *[""] * (first_fixed - 1), *cells[len(cells) - n_fixed :]]
        if len(cells) <= n_fixed or not _has_numbers(by_end, at) or _has_numbers(cells, at):
            refused.append((row, f"it has {len(cells)} cells where the header has {len(header)}"))
        else:
            kept.append((row, by_end))
            ragged[row] = tuple(cell.strip() for cell in cells[1 : len(cells) - n_fixed])
    return kept, refused, ragged


def _has_numbers(cells: Sequence[str], at: Sequence[int]) -> bool:
    """Whether a row has numbers in all columns for numbers; False if there are no such columns."""
    return bool(at) and all(
        place < len(cells) and _NUMBER.fullmatch(cells[place].strip()) for place in at
    )


_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def _with_answers_of_ragged(
    answers: Table, ragged: Mapping[int, tuple[str, ...]], sessions: pd.Series | None
) -> tuple[Table, str, list[int]]:
    """Completed answers of incomplete rows, a sentence on these rows, and rows left unclear.

    If the sessions have names, missing answers are taken from other rows of the same session. If
    the sessions have no names, missing answers are taken from the complete row before or after the
    incomplete row. All cells of the incomplete row must then be in the complete row, too.
    """
    whole = answers.drop(index=list(ragged))
    said = dict(zip(answers.index, map(tuple, answers.to_numpy().tolist()), strict=True))
    unclear = []
    for row, cells in ragged.items():
        near = (
            [whole[whole.index < row].tail(1), whole[whole.index > row].head(1)]
            if sessions is None else [whole[sessions[whole.index] == sessions[row]]]
        )  # fmt: skip
        fitting = {
            tuple(each) for each in pd.concat(near).to_numpy().tolist() if _is_part(cells, each)
        }
        if len(fitting) == 1:
            said[row] = fitting.pop()
        elif fitting and sessions is None:
            unclear.append(row)
    shown = ", ".join(map(str, list(ragged)[:8])) + (", …" if len(ragged) > 8 else "")
    told = (
        f"rows of another length than the header were set by their end ({shown}): their answers "
        "are those of the participant's other rows, or empty"
    )
    filled = Table(list(said.values()), index=answers.index, columns=answers.columns, dtype=str)
    return filled, told, unclear


def _is_part(cells: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether the cells are a part of a whole row, in the same order."""
    left = iter(whole)
    return len(cells) < len(whole) and all(cell in left for cell in cells)


def _inferred_sessions(table: Table, asked: Sequence[tuple[str, ...]], file: str) -> list[str]:
    """A new session begins when the answers change or a row occurs again."""
    sessions: list[str] = []
    answers: tuple[str, ...] | None = None
    seen: set[tuple[str, ...]] = set()
    what = [name for name in (TRIAL, "rating_non_reference", "choice_non_reference", "stimuli",
                              "stimulus", "name", "rating_stimulus") if name in table]  # fmt: skip
    n = 0
    for said, row in zip(asked, map(tuple, table[what].to_numpy().tolist()), strict=True):
        if said != answers or row in seen:
            n, answers, seen = n + 1, said, set()
        seen.add(row)
        sessions.append(f"{file}-inferred{n:03d}")
    return sessions


FORMAT = ResultsFormat("results of webMUSHRA", _is_mine, _read)
