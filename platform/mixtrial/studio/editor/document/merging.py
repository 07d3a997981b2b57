"""What two people changed in one study file, and whether both changes can stand.

Conventions
-----------
Changes are compared by what the texts say: each has a place and a value (``REMOVED`` for none).
Two changes meet where one's place lies within the other's. Entries behind the last of a list are
changes of their own places; any other change of a list's length is one of the list.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mixtrial.studio.editor.document.changes import Order, with_value, without
from mixtrial.studio.editor.document.spans import EditError, key_word, value_at, values_of
from stimuli.study_keys.yaml_source import Place

REMOVED = object()
"""Stands for the value of what is no longer there."""


@dataclass(frozen=True, slots=True)
class Change:
    """A place whose value differs between two texts, and what it became."""

    place: Place
    value: Any


def changes_between(old: Any, new: Any, place: Place = ()) -> Iterator[Change]:
    """Innermost places at which the values of two texts differ."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            inner = (*place, key_word(key))
            if key not in new:
                yield Change(inner, REMOVED)
            elif key not in old:
                yield Change(inner, new[key])
            else:
                yield from changes_between(old[key], new[key], inner)
    elif isinstance(old, list) and isinstance(new, list) and 0 < len(old) <= len(new):
        if len(old) < len(new) and new[: len(old)] != old:
            yield Change(place, new)
            return
        for index, (before, after) in enumerate(zip(old, new, strict=False)):
            yield from changes_between(before, after, (*place, index))
        for index in range(len(old), len(new)):
            yield Change((*place, index), new[index])
    elif old != new or type(old) is not type(new):
        yield Change(place, new)


def meeting_places(base: str, mine: str, theirs: str) -> list[Place]:
    """Places that both texts changed since ``base``, each in its own way.

    Raises
    ------
    EditError
        One of the texts is no YAML.
    """
    start = values_of(base)
    my_values, their_values = values_of(mine), values_of(theirs)
    changed_by_them = [change.place for change in changes_between(start, their_values)]
    return [
        change.place
        for change in changes_between(start, my_values)
        if any(_meet(change.place, other) for other in changed_by_them)
        and value_at(their_values, change.place, REMOVED) != change.value
    ]


def with_my_changes(base: str, mine: str, theirs: str, order: Order) -> str:
    """Their text with what I changed since ``base``; where both changed, mine stands.

    Raises
    ------
    EditError
        One of the texts is no YAML, or mine changed more than values (comments, the order), or
        changed what is no longer there.
    """
    changes = list(changes_between(values_of(base), values_of(mine)))
    if values_of(_applied(base, changes, order)) != values_of(mine):
        raise EditError("the changes cannot be told apart")
    return _applied(theirs, changes, order)


def says_more_than_values(base: str, mine: str) -> bool:
    """Whether a text says the same as another in other signs: comments were edited by hand."""
    return mine != base and not any(changes_between(values_of(base), values_of(mine)))


def _applied(text: str, changes: list[Change], order: Order) -> str:
    for change in changes:
        if change.value is REMOVED:
            text = without(text, change.place)
        else:
            text = with_value(text, change.place, change.value, order)
    return text


def _meet(one: Place, other: Place) -> bool:
    n = min(len(one), len(other))
    return one[:n] == other[:n]


def difference(old: str, new: str) -> str:
    """Lines that differ, as ``diff -u`` shows them, without their surroundings; empty for none."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
