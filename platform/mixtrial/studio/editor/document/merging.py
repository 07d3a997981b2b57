"""Changes of two people to one study file, and whether both changes can be kept.

Conventions
-----------
Changes are compared by the values of the texts: each has a place and a value (``REMOVED`` for
none). Two changes conflict if they change the same value, or if one changed value contains the
other. Entries of a list are matched by their names, at any position, so that two people can each
add an entry. If the entries have no names, entries that are added after the last one are separate
changes. Any other change of a list's length counts as a change of the whole list.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mixtrial.studio.editor.document.changes import Order, inserted, with_value, without
from mixtrial.studio.editor.document.spans import EditError, key_word, value_at, values_of
from stimuli.study_keys.yaml_source import Place

REMOVED = object()
"""Placeholder for a value that no longer exists."""


class EntryName(str):
    """Part of the path to a value: the list entry with this name."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Path to a value that differs between two texts, and the new value.

    ``behind`` is the name of the entry after which a new entry was added; None for the first entry.
    """

    place: Place
    value: Any
    behind: EntryName | None = None


def changes_between(old: Any, new: Any, place: Place = ()) -> Iterator[Change]:
    """Paths of the innermost values that differ between two texts."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            inner = (*place, key_word(key))
            if key not in new:
                yield Change(inner, REMOVED)
            elif key not in old:
                yield Change(inner, new[key])
            else:
                yield from changes_between(old[key], new[key], inner)
    elif _go_by_name(old, new):
        yield from _changes_by_name(old, new, place)
    elif isinstance(old, list) and isinstance(new, list) and 0 < len(old) <= len(new):
        is_turned = _names(old) and {*_names(old)} == {*_names(new)}
        if is_turned or (len(old) < len(new) and new[: len(old)] != old):
            yield Change(place, new)
            return
        for index, (before, after) in enumerate(zip(old, new, strict=False)):
            yield from changes_between(before, after, (*place, index))
        for index in range(len(old), len(new)):
            yield Change((*place, index), new[index])
    elif old != new or type(old) is not type(new):
        yield Change(place, new)


def _names(entries: Any) -> list[EntryName]:
    """Unique names of a list's entries; empty if an entry has no unique name."""
    if not isinstance(entries, list):
        return []
    names = [each.get("name") if isinstance(each, Mapping) else each for each in entries]
    are_names = all(isinstance(name, str) for name in names) and len({*names}) == len(names)
    return [EntryName(name) for name in names] if are_names else []


def _go_by_name(old: Any, new: Any) -> bool:
    """Whether two lists differ in added, removed or changed entries, and not in their order.

    For lists of words: whether words were only added or only removed. A word replaced by another is
    a change of the whole list.
    """
    before, after = _names(old), _names(new)
    both = {*before} & {*after}
    if not before or not after or not both:
        return False
    if [name for name in before if name in both] != [name for name in after if name in both]:
        return False
    are_words = all(isinstance(each, str) for each in (*old, *new))
    return not are_words or {*before} <= both or {*after} <= both


def _changes_by_name(old: list[Any], new: list[Any], place: Place) -> Iterator[Change]:
    before, after = dict(zip(_names(old), old, strict=True)), _names(new)
    for name in before:
        if name not in after:
            yield Change((*place, name), REMOVED)
    last: EntryName | None = None
    for name, entry in zip(after, new, strict=True):
        if name in before:
            yield from changes_between(before[name], entry, (*place, name))
        else:
            yield Change((*place, name), entry, last)
        last = name


def _with_positions(values: Any, place: Place) -> Place:
    """Path with positions instead of names; an unknown name gets the position after the last."""
    found: Place = ()
    for part in place:
        if isinstance(part, EntryName):
            entries = value_at(values, found)
            names = _names(entries)
            n_entries = len(entries) if isinstance(entries, list) else 0
            found = (*found, names.index(part) if part in names else n_entries)
        else:
            found = (*found, part)
    return found


def meeting_places(base: str, mine: str, theirs: str) -> list[Place]:
    """Paths of values that both texts changed since ``base``, in different ways.

    Raises
    ------
    EditError
        One of the two texts is not YAML.
    """
    start = values_of(base)
    my_values, their_values = values_of(mine), values_of(theirs)
    changed_by_them = [change.place for change in changes_between(start, their_values)]
    return [
        change.place
        for change in changes_between(start, my_values)
        if any(_meet(change.place, other) for other in changed_by_them)
        and value_at(their_values, _with_positions(their_values, change.place), REMOVED)
        != change.value
    ]


def with_my_changes(base: str, mine: str, theirs: str, order: Order) -> str:
    """The other text with my changes since ``base``; if both changed a value, my value is kept.

    Raises
    ------
    EditError
        One of the texts is not YAML, my text has another order of entries, or my text changed a
        value at a place that the other text no longer has.
    """
    changes = list(changes_between(values_of(base), values_of(mine)))
    if values_of(_applied(base, changes, order)) != values_of(mine):
        raise EditError(
            "Your changes cannot be merged with the file on the disk, for example because you "
            "changed the order of entries. Merge the two texts by hand."
        )
    return _applied(theirs, changes, order)


def says_more_than_values(base: str, mine: str) -> bool:
    """Whether two texts differ although their values are the same (edited comments)."""
    return mine != base and not any(changes_between(values_of(base), values_of(mine)))


def _applied(text: str, changes: list[Change], order: Order) -> str:
    for change in changes:
        values = values_of(text)
        place = _with_positions(values, change.place)
        if change.value is REMOVED:
            text = without(text, place)
        elif _is_new_entry(values, change):
            text = inserted(text, _place_behind(values, change), change.value, order)
        else:
            text = with_value(text, place, change.value, order)
    return text


def _is_new_entry(values: Any, change: Change) -> bool:
    name = change.place[-1] if change.place else ""
    entries = value_at(values, _with_positions(values, change.place[:-1]))
    return isinstance(name, EntryName) and name not in _names(entries)


def _place_behind(values: Any, change: Change) -> Place:
    """Place for a new entry: after the entry that preceded it in its own text, or at the end."""
    outer = _with_positions(values, change.place[:-1])
    if change.behind is None:
        return (*outer, 0)
    *_, at = _with_positions(values, (*outer, change.behind))
    n_entries = len(value_at(values, outer) or ())
    return (*outer, min(int(at) + 1, n_entries))


def _meet(one: Place, other: Place) -> bool:
    """Whether the value at one path can contain the other; a name can stand for a position."""
    for mine, theirs in zip(one, other, strict=False):
        if isinstance(mine, int) != isinstance(theirs, int):
            return True
        if mine != theirs:
            return False
    return True


def difference(old: str, new: str) -> str:
    """Lines that differ, as in ``diff -u`` without context lines; empty for equal texts."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
