"""The findings in the form that templates read: each number has its place in results.json.

``results.attributes.overall.lmm`` is the part at ``/attributes/overall/lmm``. A value that is read
from a part of the results knows its own place, so that templates need no paths.
"""

from __future__ import annotations

import math
from collections.abc import ItemsView, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

Key = str | int
Place = tuple[Key, ...]


class PlacedInt(int):
    """A whole number in results.json."""

    place: Place


class PlacedFloat(float):
    """A number in results.json."""

    place: Place


class Placed:
    """A record, an object or a list in results.json.

    An optional part may be None. A template that asks for a part that no record has is stopped with
    an error.
    """

    __slots__ = ("_held", "_place")

    def __init__(self, held: Any, place: Place) -> None:
        self._held, self._place = _by_name(held), place

    @property
    def is_object(self) -> bool:
        """Whether the elements of this part are found by name, not by index."""
        return isinstance(self._held, Mapping)

    def __getattr__(self, name: str) -> Any:
        if self.is_object and name in self._held:
            return placed(self._held[name], (*self._place, name))
        raise AttributeError(name)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return list(self)[key]
        if self.is_object:
            return placed(self._held[key], (*self._place, key))
        return placed(self._held[key], (*self._place, int(key)))

    def __iter__(self) -> Iterator[Any]:
        if self.is_object:
            return iter(self._held)
        return (self[index] for index in range(len(self._held)))

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, item: object) -> bool:
        return item in self._held

    def __add__(self, other: Sequence[Any]) -> list[Any]:
        return [*self, *other]

    def get(self, key: str, default: object = None) -> Any:
        """Part of an object by name; the default if there is no such part, or for a list."""
        return self[key] if self.is_object and key in self._held else default

    def items(self) -> ItemsView[str, Any]:
        """Return the parts of an object by name."""
        return {key: self[key] for key in self._held}.items()


def _by_name(held: Any) -> Any:
    """Fields of a record; the content of `further` is placed beside them, as in results.json."""
    if not is_dataclass(held) or isinstance(held, type):
        return held
    known = {each.name: getattr(held, each.name) for each in fields(held)}
    return known | dict(known.pop("further", {}))


def placed(value: Any, place: Place = ()) -> Any:
    """Value from results.json with its place; texts, truth values and None stay as they are.

    NaN is None.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | np.integer | float):
        if not math.isfinite(value):
            return None
        number = PlacedFloat(value) if isinstance(value, float) else PlacedInt(value)
        number.place = place
        return number
    return Placed(value, place)


def is_computed(part: object) -> bool:
    """Whether a part exists and contains numbers."""
    if isinstance(part, Placed):
        return bool(part.get("status") != "not estimable")
    return part is not None
