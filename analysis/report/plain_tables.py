"""Methods that the report shows as plain tables: those that name a title for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.methods.registry import shown_as_tables
from analysis.results_reader import Section, is_computed

_TOLD_OTHERWISE = ("status", "why")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a text, or the place of a number in the results and its style."""

    text: str = ""
    path: tuple[str | int, ...] = ()
    style: str = ""


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A section as it stands in `results.json`: one column a key, one line a row."""

    key: str
    title: str
    columns: Sequence[str]
    lines: Sequence[Sequence[Cell]]


def plain_tables(attribute: str, section: Section) -> list[PlainTable]:
    """Tables of one attribute; sections that could not be computed have no lines."""
    return [
        _table(key, title, attribute, section[key])
        for key, title in shown_as_tables().items()
        if key in section
    ]


def _table(key: str, title: str, attribute: str, found: Any) -> PlainTable:
    if not is_computed(found):
        return PlainTable(key, title, (), ())
    path = ("attributes", attribute, key)
    rows = [(path, found)] if isinstance(found, Mapping) else list(_placed(path, found))
    columns = list(dict.fromkeys(name for _, row in rows for name in row if _is_shown(row, name)))
    lines = [[_cell(at, row, name) for name in columns] for at, row in rows]
    return PlainTable(key, title, columns, lines)


def _placed(
    path: tuple[str | int, ...], rows: Sequence[Any]
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    for index, row in enumerate(rows):
        yield (*path, index), row


def _is_shown(row: Mapping[str, Any], name: str) -> bool:
    return name not in _TOLD_OTHERWISE and not isinstance(row[name], (Mapping, list))


def _cell(at: tuple[str | int, ...], row: Mapping[str, Any], name: str) -> Cell:
    value = row.get(name)
    if isinstance(value, (bool, str)):
        return Cell(text=str(value))
    if value is None:
        return Cell(text=str(row.get("why", "–")))
    return Cell(path=(*at, name), style=_style(name, value))


def _style(name: str, value: float) -> str:
    if name == "p" or name.startswith("p_"):
        return "p_cell"
    return "count" if isinstance(value, int) else "stat"
