"""Methods whose section the report shows as a plain table; each has a title for this table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.methods.registry import shown_as_tables
from analysis.report.placed import Placed, PlacedFloat, PlacedInt, is_computed

_TOLD_OTHERWISE = ("status", "why")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a text, or a number from the results with the style in which it is printed."""

    text: str = ""
    value: PlacedInt | PlacedFloat | None = None
    style: str = ""


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A section as it is in `results.json`: each key is a column, and each record is a row."""

    key: str
    title: str
    columns: Sequence[str]
    lines: Sequence[Sequence[Cell]]


def plain_tables(section: Placed) -> list[PlainTable]:
    """Tables of one attribute; a section that could not be computed has an empty table.

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
