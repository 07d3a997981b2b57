"""Pages of a table: its cells hold the places of systems, or mark the system that was chosen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import pandas as pd

from analysis.ratings.dialects.decimal_signs import is_missing, quoted
from analysis.ratings.table import RatingsError
from analysis.trial_columns import BEST, PREFERENCE

Values = Mapping[str, float]
"""Of each system of a page, higher for the better one."""

_PLACE = re.compile(r"\d{1,4}(\.0+)?")
_PAIR = 2
_HALF = 0.5


@cache
def _is_empty(cell: str) -> bool:
    """Whether a cell is empty; each distinct cell of a table is checked once."""
    return bool(is_missing(pd.Series([cell])).all())


@dataclass(frozen=True, slots=True)
class Page:
    """Answers of one listener about the systems on a page.

    Attributes
    ----------
    where
        Name of the page for the beginning of a sentence: the file and the row of the page.
    row
        Number of the page in the file; for several rows, the number of the first row.
    about
        Cells of the rows that are not answers: participant, song and so on.
    cells
        Cell of each system, as in the file.
    """

    where: str
    row: int
    about: Mapping[str, str]
    cells: Mapping[str, str]


def pages_of(
    rows: pd.DataFrame, keys: Sequence[str], cell: str, name: str, also: Sequence[pd.Series] = ()
) -> list[Page]:
    """Pages of a long table with one row per system.

    Parameters
    ----------
    rows
        Rows with the column ``system``.
    keys
        Columns that identify pages.
    cell
        Column of the answer about a system.
    name
        Name of the file.
    also
        Further columns that distinguish pages.

    Raises
    ------
    RatingsError
        A system occurs twice on a page, or a row names no system.
    """
    found = []
    for _, page in rows.groupby([*(rows[key] for key in keys), *also], sort=False):
        row = int(page.index[0])
        systems = [str(system).strip() for system in page["system"]]
        if "" in systems:
            raise RatingsError(f"{name}, row {page.index[systems.index('')]} names no system.")
        twice = next((each for each in systems if systems.count(each) > 1), None)
        if twice is not None:
            second = page.index[len(systems) - 1 - systems[::-1].index(twice)]
            raise RatingsError(
                f"{name}, row {second}: The system {twice} comes twice on a page of "
                f"{page['participant'].iloc[0]} ({page['song'].iloc[0]}); number the pages in a "
                "column replicate."
            )
        first = page.drop(columns=["system", cell]).iloc[0]
        about = {str(key): str(value) for key, value in first.items()}
        cells = dict(zip(systems, page[cell].str.strip(), strict=True))
        found.append(Page(f"{name}, row {row}", row, about, cells))
    return found


def without_unanswered(pages: Sequence[Page]) -> tuple[list[Page], int]:
    """Pages with an answer, and the number of pages that have no answer."""
    kept = [page for page in pages if not all(map(_is_empty, page.cells.values()))]
    return kept, len(pages) - len(kept)


def with_places(page: Page, is_first_best: bool) -> Values:
    """Values of a page whose cells are places: 1, 2, 3 and so on.

    Raises
    ------
    RatingsError
        A system has no place, two systems have the same place, or a number is missing among the
        places.
    """
    places: dict[str, int] = {}
    for system, cell in page.cells.items():
        if _is_empty(cell):
            raise RatingsError(
                f"{page.where}: The system {system} has no place. Was this system not on the page, "
                "or not ranked? Either give every system a place, or write one row per system of "
                "the page and name the column of the places: --map place=COLUMN."
            )
        if not _PLACE.fullmatch(cell) or float(cell) < 1:
            raise RatingsError(
                f"{page.where}: {quoted(cell)} of the system {system} is not a place; places are "
                "1, 2, 3 and so on."
            )
        places[system] = int(float(cell))
    _refuse_ties(page, places)
    if sorted(places.values()) != list(range(1, len(places) + 1)):
        least = min(set(range(1, len(places) + 1)) - set(places.values()))
        raise RatingsError(
            f"{page.where}: No system has the place {least}, although {len(places)} are ranked; "
            f"give them the places 1 to {len(places)}."
        )
    return {system: float(-at if is_first_best else at) for system, at in places.items()}


def _refuse_ties(page: Page, places: Mapping[str, int]) -> None:
    for a, b in combinations(places, 2):
        if places[a] == places[b]:
            raise RatingsError(
                f"{page.where}: {a} and {b} share the place {places[a]}, but a ranking has no "
                "ties. Give each system its own place, or leave the page out."
            )


def with_picks(page: Page) -> Values:
    """Values of a page on which one system was chosen: 1 for this system, 0 for the others.

    If other cells hold ones and zeros, an empty cell means that this system was not on the page.
    The value 0.5 for both systems of a pair is not a preference.

    Raises
    ------
    RatingsError
        No system was chosen, several were chosen, or it is unknown which systems were on the page
        but not chosen.
    """
    said = {system: cell for system, cell in page.cells.items() if not _is_empty(cell)}
    values = {system: _picked(page, system, cell) for system, cell in said.items()}
    if len(values) == _PAIR and set(values.values()) == {_HALF}:
        return values
    ones = [system for system, value in values.items() if value == 1]
    if len(values) < _PAIR:
        raise RatingsError(
            f"{page.where} names only one system; write 0 for the systems that were on the page "
            "and not chosen."
        )
    if len(ones) > 1:
        raise RatingsError(
            f"{page.where}: {' and '.join(ones)} were both chosen, but only one system of a page "
            "can be chosen. Correct the row, or read the cells as ratings (--scale 0:1:1)."
        )
    if not ones or _HALF in values.values():
        raise RatingsError(
            f"{page.where}: No system was chosen. Correct the row or leave it out; for no "
            "preference between two systems, write 0.5 for both."
        )
    return values


def _picked(page: Page, system: str, cell: str) -> float:
    value = {"1": 1.0, "true": 1.0, "yes": 1.0, "0": 0.0, "false": 0.0, "no": 0.0, "0.5": _HALF}
    small = cell.casefold().removesuffix(".0")
    if small not in value:
        raise RatingsError(
            f"{page.where}: {quoted(cell)} of the system {system} does not say whether it was "
            "chosen; write 1 or 0."
        )
    return value[small]


def kind_of_picks(pages: Sequence[Page]) -> str:
    """Whether listeners chose between two systems on each page, or the best of several systems."""
    n_said = [sum(not _is_empty(cell) for cell in page.cells.values()) for page in pages]
    return PREFERENCE if all(n <= _PAIR for n in n_said) else BEST


def pairs_of(
    page: Page, kind: str, values_of: Callable[[Page], Values]
) -> Iterator[tuple[int, dict[str, str]]]:
    """For each pair of systems with different values on a page, one trial and its row.

    If a page has only one pair, this pair is a trial even if both systems have the same value.

    Raises
    ------
    RatingsError
        An error of ``values_of``, or a preference between more than two systems.
    """
    values = values_of(page)
    if kind == PREFERENCE and len(values) > _PAIR:
        raise RatingsError(
            f"{page.where} compares {len(values)} systems; if the best of several was chosen, use "
            f"--trials {BEST}."
        )
    for a, b in combinations(sorted(values), 2):
        is_tie = values[a] == values[b]
        if not is_tie or len(values) == _PAIR:
            answer = "tie" if is_tie else "a" if values[a] > values[b] else "b"
            yield page.row, {**page.about, "trial_kind": kind, "system_a": a, "system_b": b,
                             "answer": answer}  # fmt: skip
