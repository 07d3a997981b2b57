"""Methods that the report shows as plain tables: methods with a title for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.methods.registry import shown_as_tables
from analysis.report.placed import Placed, PlacedFloat, PlacedInt, is_computed

_TOLD_OTHERWISE = ("status", "why")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a text, or a number of the results with its style."""

    text: str = ""
    value: PlacedInt | PlacedFloat | None = None
    style: str = ""


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A section as in `results.json`: one column per key, one row per record."""

    key: str
    title: str
    columns: Sequence[str]
    lines: Sequence[Sequence[Cell]]


def plain_tables(section: Placed) -> list[PlainTable]:
    """Tables of one attribute; sections that could not be computed have empty tables.

    A method that does not apply to the attribute has no table.
    """
    return [
        _table(key, title, section[key])
        for key, title in shown_as_tables().items()
        if section.get(key) is not None
    ]


def _table(key: str, title: str, found: Placed) -> PlainTable:
    if not is_computed(found):
        return PlainTable(key, title, (), ())
    rows = [found] if found.is_object else list(found)
    columns = list(dict.fromkeys(name for row in rows for name in row if _is_shown(row, name)))
    lines = [[_cell(row, name) for name in columns] for row in rows]
    return PlainTable(key, title, columns, lines)


def _is_shown(row: Placed, name: str) -> bool:
    return name not in _TOLD_OTHERWISE and not isinstance(row[name], Placed)


def _cell(row: Placed, name: str) -> Cell:
    value = row.get(name)
    if isinstance(value, bool | str):
        return Cell(text=str(value))
    if value is None:
        return Cell(text=str(row.get("why", "–")))
    return Cell(value=value, style=_style(name, value))


def _style(name: str, value: float) -> str:
    if name == "p" or name.startswith("p_"):
        return "p_cell"
    return "count" if isinstance(value, int) else "stat"
