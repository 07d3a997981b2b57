"""YAML as other tools read it: texts can contain a colon; each value knows its line.

Conventions
-----------
webMUSHRA's own reader accepts ``content: Mind this: listen twice``, which YAML does not allow. If a
line cannot be read because its text contains a colon, the text is put in quotes, and reading starts
again. Nothing else in the YAML text is changed. Only plain YAML values are made (safe loader, no
tags). As in YAML 1.2, ``yes`` and ``no`` are words. The size, the depth and the number of aliases
of a YAML file are limited.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from stimuli.study.study import StudyError
from stimuli.study_keys.yaml_source import PlainLoader, yaml_sentence

MAX_DEPTH = 30
MAX_ALIASES = 100
MAX_ENTRIES = 50_000
MAX_REPAIRS = 500

_SIGNS_OF_YAML = "\"'[{|>&*!%@`"
_KEY_AND_TEXT = re.compile(r"^(\s*(?:- +)*[^\s:#][^:#]*?\s*: +)(\S.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value with two line numbers (from 1): the first line of its key, and its own last line.

    ``value`` is a text, number, bool or None, a tuple of entries, or a mapping from keys to
    entries. ``text`` is a plain value as it was written.
    """

    value: Any
    text: str
    line: int
    last_line: int

    @property
    def keys(self) -> dict[str, Entry]:
        """Entries by their keys; empty if the value is not a mapping."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> tuple[Entry, ...]:
        """Entries of a list; empty if the value is not a list."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def number(self) -> float | None:
        """A plain value, quoted or not, as a finite number; None for any other value."""
        try:
            number = float(self.text)
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    @property
    def count(self) -> int | None:
        """The number if it is whole and not negative, otherwise None."""
        number = self.number
        if number is None or number < 0 or not number.is_integer():
            return None
        return int(number)


@dataclass(frozen=True, slots=True)
class LenientYaml:
    """Content of a file; the lines that were put in quotes; the lines where a key is repeated."""

    root: Entry
    quoted: tuple[int, ...]
    replaced: tuple[tuple[int, str], ...]


def read_lenient_yaml(name: str, text: str) -> LenientYaml:
    """Values of a YAML text.

    Raises
    ------
    StudyError
        The text is not YAML even after the corrections, contains tags, is nested too deeply, or
        repeats parts too often.
    """
    lines = text.split("\n")
    quoted: list[int] = []
    while True:
        try:
            root = _composed(name, "\n".join(lines))
            break
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            at = -1 if mark is None else min(mark.line, len(lines) - 1)
            repaired = _in_quotes(lines[at]) if at >= 0 else None
            if repaired is None or len(quoted) >= MAX_REPAIRS:
                raise StudyError(yaml_sentence(name, error)) from None
            lines[at] = repaired
            quoted.append(at + 1)
    return _Conversion(name, lines).of(root, tuple(quoted))


def _composed(name: str, text: str) -> yaml.Node:
    depth = n_aliases = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        n_aliases += isinstance(event, yaml.AliasEvent)
        if depth > MAX_DEPTH or n_aliases > MAX_ALIASES:
            raise StudyError(f"{name}, line {line}: There are too many levels or aliases.")
        if getattr(event, "tag", None) is not None:
            raise StudyError(
                f"{name}, line {line}: Tags (words that begin with !) are not "
                "accepted; remove them."
            )
    root = yaml.compose(text, Loader=PlainLoader)
    if not isinstance(root, yaml.MappingNode):
        raise StudyError(f"{name} must hold keys and values.")
    return root


def _in_quotes(line: str) -> str | None:
    """A line with its text in quotes; None if quotes would not make the line readable."""
    fit = _KEY_AND_TEXT.match(line)
    if fit is None or fit[2][0] in _SIGNS_OF_YAML:
        return None
    if ": " not in fit[2] and " #" not in fit[2] and not fit[2].endswith(":"):
        return None
    return fit[1] + json.dumps(fit[2], ensure_ascii=False)


def _whole(text: str) -> str:
    """A text with surrogate pairs (from JSON) joined; unpaired surrogates are replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Conversion:
    def __init__(self, name: str, lines: list[str]) -> None:
        self.name = name
        self.lines = lines
        self.n_entries = 0
        self.open: list[int] = []
        self.replaced: list[tuple[int, str]] = []
        self.loader = PlainLoader("")

    def of(self, root: yaml.Node, quoted: tuple[int, ...]) -> LenientYaml:
        entry = self._entry(root, 1)
        return LenientYaml(entry, quoted, tuple(self.replaced))

    def _entry(self, node: yaml.Node, line: int) -> Entry:
        self.n_entries += 1
        if self.n_entries > MAX_ENTRIES or id(node) in self.open:
            raise StudyError(f"{self.name}, line {line}: A value is repeated too often.")
        self.open.append(id(node))
        last = self._last_line(node, line)
        if isinstance(node, yaml.MappingNode):
            entry = Entry(dict(self._pairs(node)), "", line, last)
        elif isinstance(node, yaml.SequenceNode):
            items = (self._entry(each, each.start_mark.line + 1) for each in node.value)
            entry = Entry(tuple(items), "", line, last)
        else:
            entry = Entry(self._plain(node), _whole(node.value), line, last)
        self.open.pop()
        return entry

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[str, Entry]]:
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise StudyError(f"{self.name}, line {line}: A key must be a word.")
            word = _whole(key.value)
            if word in seen:
                self.replaced.append((line, word))
            seen.add(word)
            yield word, self._entry(value, line)

    def _plain(self, node: yaml.Node) -> Any:
        try:
            value = self.loader.construct_object(node)
        except (ValueError, OverflowError, yaml.YAMLError):
            return _whole(node.value)
        if isinstance(value, str):
            return _whole(value)
        return value if isinstance(value, int | float | bool) else None

    def _last_line(self, node: yaml.Node, line: int) -> int:
        """Last line of a node, without the blank lines and comments after it."""
        end = node.end_mark
        is_block = isinstance(node, yaml.CollectionNode) and not node.flow_style
        # The end mark of a block is at the beginning of the next node, or at the end of the text.
        ends_within = end.column > 0 and not (is_block and end.line < len(self.lines) - 1)
        last = end.line + ends_within
        last = min(max(line, last), len(self.lines))
        while last > line and re.match(r"\s*(#|$)", self.lines[last - 1]):
            last -= 1
        return last
