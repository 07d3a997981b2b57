"""Reading a YAML file with the line of each value.

Conventions
-----------
Every error is a sentence for the author of the file. A *place* is the path of keys and list
positions that leads to a value, such as ``("songs", 1, "vocal")``. ``yes``, ``no``, ``on`` and
``off`` are words, as in YAML 1.2, and dates are text. Only the words true and false are boolean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

MAX_FILE_BYTES = 262_144  # a study file has one or two pages of text
MAX_DEPTH = 20

OF_A_PATH = (
    r". In double quotes \ begins an escape sequence: write a path with / or in single quotes"
)
"""The remedy if a path is in double quotes."""
_ESCAPED_PATH = re.compile(
    "^[A-Za-z]:[\\x00-\\x1f\\x85\\xa0\\u2028\\u2029]|[\\x00\\x07\\x08\\x0b\\x0c\\x1b]"
)
"""A drive with an escaped sign behind it, or a control character that no text holds."""
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")

Place: TypeAlias = tuple[int | str, ...]


class PlainLoader(yaml.SafeLoader):
    """Safe YAML loader that keeps yes, no and dates as text."""


def _plain_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """PyYAML's table of types for unquoted values, without the booleans and dates of YAML 1.1."""
    dropped = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"}
    table = yaml.SafeLoader.yaml_implicit_resolvers
    kept = {
        first: [pair for pair in pairs if pair[0] not in dropped] for first, pairs in table.items()
    }
    for first in "tTfF":
        pattern = re.compile("^(?:true|True|TRUE|false|False|FALSE)$")
        kept.setdefault(first, []).append(("tag:yaml.org,2002:bool", pattern))
    return kept


PlainLoader.yaml_implicit_resolvers = _plain_resolvers()


@dataclass(frozen=True, slots=True)
class YamlSource:
    """Values of a YAML file and the lines of the values (from 1)."""

    path: Path
    values: dict[str, Any]
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Line of a place, or else of the nearest place above it; 0 if none of them has a line."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 0)

    def where(self, place: Place) -> str:
        """File and line of a place, in words."""
        line = self.line(place)
        return f"{self.path.name}, line {line}" if line else self.path.name


def read_yaml(path: Path) -> YamlSource:
    """Return the content of a YAML file.

    Raises
    ------
    ValueError
        The file does not exist, is larger than 256 KiB, is not UTF-8 text, or is not valid YAML.
        The file can also be nested too deeply, or have aliases, tags, a key twice, or no keys and
        values.
    """
    return read_yaml_text(_read_text(path), path)


def read_yaml_text(text: str, path: Path) -> YamlSource:
    """Return the content of a study file's text; messages name the file ``path``.

    Raises
    ------
    ValueError
        The errors of :func:`read_yaml`, but without faults of the file itself.
    """
    if len(text.encode(errors="replace")) > MAX_FILE_BYTES:
        raise ValueError(
            f"{path.name} is larger than 256 KiB, which is too large for a study file."
        )
    try:
        root = _compose(path, text)
        lines: dict[Place, int] = {}
        _collect_lines(path, root, (), lines)
        values = PlainLoader(text).construct_document(root)
    except yaml.YAMLError as error:
        raise ValueError(yaml_sentence(path.name, error)) from None
    except ValueError as error:
        if str(error).startswith(path.name):
            raise
        raise ValueError(f"{path.name} holds a number that cannot be read.") from None
    return YamlSource(path, values, lines)


def _read_text(path: Path) -> str:
    """Text of a file; faults of the file itself are reported in plain words."""
    if path.is_dir():
        raise ValueError(f"{path} is a folder; name the study file itself, such as study.yaml.")
    if not path.is_file():
        raise ValueError(f"There is no study file {path}.")
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"{path} is larger than 256 KiB, which is too large for a study file.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not a text file in UTF-8.") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None


def _compose(path: Path, text: str) -> yaml.MappingNode:
    """Tree of the only document in ``text``; aliases are refused, because they could grow huge."""
    depth = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        where = f"{path.name}, line {event.start_mark.line + 1 if event.start_mark else 1}"
        if depth > MAX_DEPTH:
            raise ValueError(f"{where}: The values are nested too deeply for a study file.")
        if isinstance(event, yaml.AliasEvent):
            raise ValueError(
                f"{where}: Aliases (*{event.anchor}) are not allowed in study files. Write the "
                "value out, in quotes if the * is part of a text."
            )
        if getattr(event, "tag", None) is not None:
            raise ValueError(
                f"{where}: Tags (words that begin with !) are not allowed in study files."
            )
    root = yaml.compose(text, Loader=PlainLoader)
    if root is None:
        raise ValueError(
            f"{path.name} is empty; a study needs at least a title, songs and systems."
        )
    if not isinstance(root, yaml.MappingNode):
        raise ValueError(f"{path.name} must hold keys and values, such as title: My study.")
    return root


def _collect_lines(path: Path, node: yaml.Node, place: Place, lines: dict[Place, int]) -> None:
    """Note the line of every value below ``node``; a key that occurs twice is an error."""
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode) and _ESCAPED_PATH.search(str(node.value)):
        where = f"{path.name}, line {node.start_mark.line + 1}"
        raise ValueError(f"{where}: {node.value!r} holds control characters{OF_A_PATH}.")
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _collect_lines(path, child, (*place, index), lines)
    if not isinstance(node, yaml.MappingNode):
        return
    for key, child in node.value:
        line = key.start_mark.line + 1
        word = _key_word(key, place)
        if word is None:
            raise ValueError(f"{path.name}, line {line}: A key must be a word.")
        inner = (*place, word)
        if inner in lines:
            raise ValueError(
                f"{path.name}, line {line}: The key {key.value!r} is here twice; first on line "
                f"{lines[inner]}."
            )
        lines[inner] = line
        _collect_lines(path, child, inner, lines)


def _key_word(key: yaml.Node, place: Place) -> str | None:
    """A key as a part of a place; in the labels of a range, a key can be a number."""
    if not isinstance(key, yaml.ScalarNode):
        return None
    if key.tag == "tag:yaml.org,2002:str":
        return str(key.value)
    if place[-2:] != ("range", "labels") or key.tag not in _NUMBERS:
        return None
    try:
        return f"{float(key.value):g}"
    except ValueError:
        return None


def yaml_sentence(name: str, error: yaml.YAMLError) -> str:
    """One sentence for a syntax error, with its line and the usual remedies."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    where = f"{name}, line {mark.line + 1}" if mark else name
    hint = next((remedy for part, remedy in _REMEDIES if part in problem), "")
    return f"{where}: This is not valid YAML ({problem}){hint}."


_REMEDIES = (
    ("mapping values are not allowed", ". A text that contains ': ' must be in quotes"),
    ("mapping keys are not allowed", ". A text that begins with '? ' must be in quotes"),
    ("sequence entries are not allowed", ". A text that begins with '- ' must be in quotes"),
    ("a comment or a line break", ". A text that begins with > or | must be in quotes"),
    ("\\t", ". Indent with spaces, not with tabs"),
    ("cannot start any token", ". A text that begins with this sign must be in quotes"),
    ("got '{'", ". A text that contains { must be in quotes between other { }"),
    ("unknown escape character", OF_A_PATH),
    ("expected escape sequence", OF_A_PATH),
)
"""Parts of PyYAML's sentences, with the usual remedy."""
