"""Beginning and end of each value of a YAML text.

Conventions
-----------
A place is the path of keys and list positions that leads to a value, as in
:mod:`stimuli.study_keys.yaml_source`; a number that is a key goes by its word (``"5"``). The span
of a value is given by positions of characters in the text. A block collection ends with its last
value, before the comments that follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from stimuli.study_keys.yaml_source import Place, PlainLoader


class EditError(ValueError):
    """A change that cannot be made in this text; the message is one sentence for its author."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value's node, the key before it (None in a list), and the nodes around it from the top."""

    # Any kind of yaml.Node; the type is Any, because the kinds have different attributes.
    value: Any
    key: yaml.Node | None
    around: tuple[Any, ...]

    @property
    def is_in_flow(self) -> bool:
        """Whether the collection is written between braces or brackets."""
        return any(node.flow_style for node in self.around)


def composed(text: str) -> yaml.Node:
    """Node tree of a text; raise ``EditError`` if the text is not YAML."""
    try:
        root = yaml.compose(text, Loader=PlainLoader)
    except yaml.YAMLError:
        root = None
    if not isinstance(root, yaml.MappingNode):
        raise EditError("The text has no keys and values; correct it as text first.")
    return root


def values_of(text: str) -> Any:
    """Content of a text as dictionaries, lists and scalars; raise ``EditError`` if it is empty."""
    root = composed(text)
    try:
        return PlainLoader(text).construct_document(root)
    except (yaml.YAMLError, ValueError):
        raise EditError("The text has a value that cannot be read; correct it as text.") from None


def key_word(key: object) -> str:
    """A key as text, in the form for the path to a value."""
    return f"{key:g}" if isinstance(key, int | float) and not isinstance(key, bool) else str(key)


def value_at(values: Any, place: Place, default: Any = None) -> Any:
    """Value at the path ``place``; ``default`` if the path leads to no value."""
    for part in place:
        if isinstance(values, Mapping):
            found = next((key for key in values if key_word(key) == part), None)
            if found is None:
                return default
            values = values[found]
        elif isinstance(values, Sequence) and not isinstance(values, str):
            if not isinstance(part, int) or part >= len(values):
                return default
            values = values[part]
        else:
            return default
    return values


def find(root: yaml.Node, place: Place) -> Found | None:
    """Node at the path ``place``; None if the path leads to no node."""
    found = Found(root, None, ())
    for part in place:
        pair = next((pair for pair in _children(found.value) if pair[0] == part), None)
        if pair is None:
            return None
        found = Found(pair[2], pair[1], (*found.around, found.value))
    return found


def _children(node: yaml.Node) -> list[tuple[int | str, yaml.Node | None, yaml.Node]]:
    """For each entry of a node: its word or position, its key, and its value."""
    if isinstance(node, yaml.MappingNode):
        return [(_word(key), key, value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(index, None, value) for index, value in enumerate(node.value)]
    return []


def _word(key: yaml.Node) -> str:
    if key.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float"):
        try:
            return f"{float(key.value):g}"
        except ValueError:
            return str(key.value)
    return str(key.value)


def keys_of(node: yaml.Node) -> list[str]:
    """Keys of a mapping, as text."""
    return [_word(key) for key, _ in node.value]


def start_of(node: yaml.Node) -> int:
    """Position of a value's first character."""
    return int(node.start_mark.index)


def end_of(text: str, node: yaml.Node) -> int:
    """Position after a value's last character."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return end_of(text, last[1] if isinstance(last, tuple) else last)
    start, end = start_of(node), int(node.end_mark.index)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return start + len(text[start:end].rstrip())
    return end


def line_start(text: str, index: int) -> int:
    """Position of the first character of a line."""
    return text.rfind("\n", 0, index) + 1


def line_end(text: str, index: int) -> int:
    """Position of the end of a line, before its line break."""
    end = text.find("\n", index)
    end = len(text) if end < 0 else end
    return end - 1 if text[index:end].endswith("\r") else end


def next_line(text: str, index: int) -> int:
    """Position of the line after the line of ``index``, or the end of the text."""
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def dash_of(text: str, sequence: yaml.Node, item: yaml.Node) -> int:
    """Position of the dash before an item of a block list."""
    column = int(sequence.start_mark.column)
    line = line_start(text, start_of(item))
    while line >= 0:
        at = line + column
        if text[at : at + 1] == "-" and not text[line:at].strip():
            return at
        if line == 0 or line <= line_start(text, start_of(sequence)):
            break
        line = line_start(text, line - 1)
    raise EditError("A list inside a list item can only be edited as text.")
