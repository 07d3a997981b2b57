"""Setting, removing, inserting or moving a value in a study file; all other text is kept.

Conventions
-----------
A change is a splice of the text. After each change, the text is read again as a check. If the text
then does not have exactly the wanted values, the group or list that contains the changed value is
rewritten. If this is not enough, the next outer group or list is rewritten, too. When the last
entry of a group or list is removed, the group or list is removed, too.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import yaml

from mixtrial.studio.editor.document.spans import (
    EditError,
    Found,
    composed,
    find,
    key_word,
    value_at,
    values_of,
)
from mixtrial.studio.editor.document.splices import (
    anew,
    appended,
    removed,
    spliced,
    with_entry_before,
    with_entry_moved,
    with_key,
)
from stimuli.study_keys.yaml_source import Place

Order: TypeAlias = Callable[[Place], Sequence[str]]
"""Keys of the group at a place in the order in which a file has them."""


def no_order(_place: Place) -> Sequence[str]:
    """New keys are added after the existing keys."""
    return ()


def with_value(text: str, place: Place, value: Any, order: Order = no_order) -> str:
    """Text in which the value at ``place`` is ``value``; missing groups around it are created.

    If ``place`` is after the last entry of a list, an entry is added.

    Raises
    ------
    EditError
        The text is not YAML, or nothing can be added at the path ``place``.
    """
    wanted = _with(values_of(text), place, value)
    return _checked(text, place, wanted, lambda: _set(text, place, value, order))


def without(text: str, place: Place) -> str:
    """Text without the value at ``place`` and its key; unchanged if the value does not exist.

    Raises
    ------
    EditError
        The text is not YAML.
    """
    values = values_of(text)
    if find(composed(text), place) is None:
        return text
    while len(place) > 1 and len(value_at(values, place[:-1])) == 1:
        place = place[:-1]
    wanted = copy.deepcopy(values)
    holder = value_at(wanted, place[:-1])
    del holder[_own_key(holder, place[-1])]
    return _checked(text, place, wanted, lambda: removed(text, place))


def inserted(text: str, place: Place, value: Any, order: Order = no_order) -> str:
    """Text with a new entry of a list before the entry at ``place``, or after the last entry.

    Raises
    ------
    EditError
        The text is not YAML, or the path ``place`` does not lead to a list.
    """
    values = values_of(text)
    entries = value_at(values, place[:-1])
    if not entries or place[-1] == len(entries):
        return with_value(text, (*place[:-1], len(entries or ())), value, order)
    wanted = copy.deepcopy(values)
    value_at(wanted, place[:-1]).insert(int(place[-1]), value)
    return _checked(text, place, wanted, lambda: with_entry_before(text, place, value))


def moved(text: str, place: Place, to: int) -> str:
    """Text with an entry of a list at the new position ``to``.

    Raises
    ------
    EditError
        The text is not YAML.
    """
    wanted = copy.deepcopy(values_of(text))
    entries = value_at(wanted, place[:-1])
    entries.insert(to, entries.pop(int(place[-1])))
    return _checked(text, place, wanted, lambda: with_entry_moved(text, place, to))


def _checked(text: str, place: Place, wanted: Any, splice: Callable[[], str]) -> str:
    """Text after a change; if its values are wrong, the group around the value is rewritten."""
    tries = [splice]
    for length in range(len(place) - 1, 0, -1):
        outer = place[:length]
        tries.append(lambda outer=outer: anew(text, outer, value_at(wanted, outer)))  # type: ignore[misc]
    for attempt in tries:
        try:
            result = attempt()
            if values_of(result) == wanted:
                return result
        except EditError:
            continue
    raise EditError("This change cannot be made here; edit the text instead.")


def _with(values: Any, place: Place, value: Any) -> Any:
    """Values of a whole file with one value set; missing groups around it are created."""
    if not place:
        return value
    first, rest = place[0], place[1:]
    if isinstance(first, int):
        entries = list(values) if isinstance(values, list) else []
        if first > len(entries):
            raise EditError(f"There is no entry {first + 1}.")
        inner = entries[first] if first < len(entries) else None
        return [*entries[:first], _with(inner, rest, value), *entries[first + 1 :]]
    group = dict(values) if isinstance(values, Mapping) else {}
    key = _own_key(group, first)
    return {**group, key: _with(group.get(key), rest, value)}


def _own_key(holder: Any, part: int | str) -> Any:
    """Part of the path to a value, as a key of its collection; numeric keys become numbers."""
    if not isinstance(holder, Mapping):
        return part
    return next((key for key in holder if key_word(key) == part), part)


def _set(text: str, place: Place, value: Any, order: Order) -> str:
    root = composed(text)
    found = find(root, place)
    if found is not None:
        return _replaced(text, place, found, value, order)
    holder = find(root, place[:-1])
    last = place[-1]
    if holder is None or (isinstance(holder.value, yaml.ScalarNode) and not holder.value.value):
        return _set(text, place[:-1], {last: value} if isinstance(last, str) else [value], order)
    if isinstance(holder.value, yaml.MappingNode):
        return with_key(text, holder, last, value, order(place[:-1]))
    if isinstance(holder.value, yaml.SequenceNode):
        return appended(text, holder, value)
    raise EditError(f"{last} cannot be added to a value that is not a group of keys.")


def _replaced(text: str, place: Place, found: Found, value: Any, order: Order) -> str:
    """Text with a new value for an old one; in a collection, only the differing entries change."""
    old = value_at(values_of(text), place)
    if old == value and type(old) is type(value):
        return text
    if isinstance(old, Mapping) and isinstance(value, Mapping) and old and value:
        for key, inner in value.items():
            text = with_value(text, (*place, key_word(key)), inner, order)
        for key in old:
            if key not in value:
                text = without(text, (*place, key_word(key)))
        return text
    if isinstance(old, list) and isinstance(value, list | tuple) and old and value:
        return _relisted(text, place, old, list(value))
    return spliced(text, found, value)


def _relisted(text: str, place: Place, old: list[Any], new: list[Any]) -> str:
    """A list with added, removed and changed entries."""
    matcher = difflib.SequenceMatcher(a=[*map(repr, old)], b=[*map(repr, new)], autojunk=False)
    for _, a, a_end, b, b_end in reversed(matcher.get_opcodes()):
        if old[a:a_end] == new[b:b_end]:
            continue
        n_both = min(a_end - a, b_end - b)
        for index in range(a_end - 1, a + n_both - 1, -1):
            text = without(text, (*place, index))
        for index in range(n_both):
            text = with_value(text, (*place, a + index), new[b + index])
        for index in range(n_both, b_end - b):
            text = inserted(text, (*place, a + index), new[b + index])
    return text
