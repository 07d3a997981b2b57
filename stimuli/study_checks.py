"""Reading YAML so that every complaint names its line, key and remedy.

Two doors: :func:`read_yaml` turns a file into plain values and remembers where each stood;
:func:`explain` turns what pydantic found wrong with those values into one plain sentence.
Neither knows what a study is.

Conventions
-----------
Both raise or return sentences meant for the person who wrote the file. A *place* is the path
of keys and list positions that leads to a value, e.g. ``("songs", 1, "vocal")``. ``yes``, ``no``,
``on`` and ``off`` are words, as in YAML 1.2, and dates are text; only true and false are boolean.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, get_args

import yaml
from pydantic import BaseModel, ValidationError

MAX_FILE_BYTES = 262_144  # a study file is a page or two of text
MAX_DEPTH = 20

Place: TypeAlias = tuple[int | str, ...]


class PlacedError(ValueError):
    """What is wrong between several keys, and the place that is best blamed for it."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


class _PlainLoader(yaml.SafeLoader):
    """Safe YAML loader that keeps yes, no and dates as text."""


def _plain_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """PyYAML's table of implicit types without YAML 1.1's booleans and dates."""
    dropped = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"}
    table = yaml.SafeLoader.yaml_implicit_resolvers
    kept = {
        first: [pair for pair in pairs if pair[0] not in dropped] for first, pairs in table.items()
    }
    for first in "tTfF":
        pattern = re.compile("^(?:true|True|TRUE|false|False|FALSE)$")
        kept.setdefault(first, []).append(("tag:yaml.org,2002:bool", pattern))
    return kept


_PlainLoader.yaml_implicit_resolvers = _plain_resolvers()


@dataclass(frozen=True, slots=True)
class YamlSource:
    """Values of a YAML file and the line (from 1) on which each of them stands."""

    path: Path
    values: dict[str, Any]
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Line of a place, or of its nearest ancestor that has one; 0 for none."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 0)

    def where(self, place: Place) -> str:
        """File and line of a place, in words."""
        line = self.line(place)
        return f"{self.path.name}, line {line}" if line else self.path.name


def read_yaml(path: Path) -> YamlSource:
    """Return what a YAML file holds.

    Raises
    ------
    ValueError
        There is no such file, it is larger than 256 KiB, is not UTF-8 text, breaks YAML's
        rules, uses aliases or tags, is nested too deeply, names a key twice, or does not
        hold keys and values.
    """
    text = _read_text(path)
    try:
        root = _compose(path, text)
        lines: dict[Place, int] = {}
        _collect_lines(path, root, (), lines)
        values = _PlainLoader(text).construct_document(root)
    except yaml.YAMLError as error:
        raise ValueError(_yaml_sentence(path, error)) from None
    except ValueError as error:
        if str(error).startswith(path.name):
            raise
        raise ValueError(f"{path.name} holds a number that cannot be read") from None
    return YamlSource(path, values, lines)


def _read_text(path: Path) -> str:
    """Text of a file, with the file's own problems put in words."""
    if path.is_dir():
        raise ValueError(f"{path} is a folder; name the study file itself, e.g. study.yaml")
    if not path.is_file():
        raise ValueError(f"there is no study file {path}")
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"{path} is larger than 256 KiB, too large for a study file")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not a text file in UTF-8") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None


def _compose(path: Path, text: str) -> yaml.MappingNode:
    """Node tree of the one document in ``text``; aliases are refused before they can grow."""
    depth = 0
    for event in yaml.parse(text, Loader=_PlainLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        where = f"{path.name}, line {event.start_mark.line + 1 if event.start_mark else 1}"
        if depth > MAX_DEPTH:
            raise ValueError(f"{where}: this is nested too deeply for a study file")
        if isinstance(event, yaml.AliasEvent):
            raise ValueError(
                f"{where}: aliases (*{event.anchor}) are not used in study files; write the value "
                "out, in quotes if the * is part of a text"
            )
        if getattr(event, "tag", None) is not None:
            raise ValueError(f"{where}: tags (words that begin with !) are not used in study files")
    root = yaml.compose(text, Loader=_PlainLoader)
    if root is None:
        raise ValueError(f"{path.name} is empty; a study needs at least a title, songs and systems")
    if not isinstance(root, yaml.MappingNode):
        raise ValueError(f"{path.name} must hold keys and values, such as title: My study")
    return root


def _collect_lines(path: Path, node: yaml.Node, place: Place, lines: dict[Place, int]) -> None:
    """Note the line of every value below ``node``; a key named twice is an error."""
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _collect_lines(path, child, (*place, index), lines)
    if not isinstance(node, yaml.MappingNode):
        return
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
            raise ValueError(f"{path.name}, line {line}: a key must be a word")
        inner = (*place, key.value)
        if inner in lines:
            raise ValueError(
                f"{path.name}, line {line}: the key {key.value!r} stands twice "
                f"(first on line {lines[inner]})"
            )
        lines[inner] = line
        _collect_lines(path, child, inner, lines)


def _yaml_sentence(path: Path, error: yaml.YAMLError) -> str:
    """One sentence for a syntax error, with its line and the usual remedies."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is not YAML"
    where = f"{path.name}, line {mark.line + 1}" if mark else path.name
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = "; a text that contains ': ' must stand in quotes"
    elif "\\t" in problem:
        hint = "; indent with spaces, not with tabs"
    return f"{where}: this is not valid YAML ({problem}{hint})"


def nearest(word: str, choices: Iterable[str]) -> str:
    """Words that suggest the choice most like ``word``: '; did you mean …?' or nothing."""
    found = difflib.get_close_matches(word.lower(), list(choices), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


def explain(error: ValidationError, model: type[BaseModel], source: YamlSource) -> str:
    """One sentence for what is wrong: the first fault in the file, and how many more there are."""
    faults = _faults(error)
    inner = _innermost(faults)
    # A misspelt key also leaves the right one missing: name the misspelling first.
    first = min(
        inner,
        key=lambda at: (faults[at]["type"] != "extra_forbidden", source.line(at)),
    )
    sentence = f"{source.where(first)}: {_fault_sentence(faults[first], model)}"
    return sentence + (f" ({len(inner) - 1} more to mend)" if inner[1:] else "")


def first_fault(error: ValidationError, model: type[BaseModel]) -> tuple[Place, str]:
    """Place and sentence of the first fault, for a group of keys that is read by itself."""
    faults = _faults(error)
    first = min(_innermost(faults), key=lambda at: faults[at]["type"] != "extra_forbidden")
    return first, _fault_sentence(faults[first], model)


def _faults(error: ValidationError) -> dict[Place, dict[str, Any]]:
    """Each fault by its place."""
    return {_blamed_place(dict(fault)): dict(fault) for fault in error.errors(include_url=False)}


def _innermost(faults: Iterable[Place]) -> list[Place]:
    """Places that hold no other: a list whose entries are at fault is also called too short."""
    places = list(faults)
    return [
        place
        for place in places
        if not any(other[: len(place)] == place and other != place for other in places)
    ]


def _blamed_place(fault: dict[str, Any]) -> Place:
    """Place where pydantic found a fault, or the better one that the fault itself names."""
    cause = fault.get("ctx", {}).get("error")
    return cause.place if isinstance(cause, PlacedError) else tuple(fault["loc"])


def _fault_sentence(fault: dict[str, Any], model: type[BaseModel]) -> str:
    """Plain words for one of pydantic's faults."""
    place, kind, value = fault["loc"], fault["type"], fault["input"]
    limits = fault.get("ctx", {})
    name = _place_words(place)
    if kind == "value_error":
        return str(limits["error"])
    if kind == "missing":
        return f"the key {place[-1]!r} is missing{_inside(place)}"
    if kind == "extra_forbidden":
        keys = sorted(_model_at(model, place[:-1]).model_fields)
        hint = nearest(str(place[-1]), keys) or f"; the keys here are {', '.join(keys)}"
        return f"unknown key {place[-1]!r}{_inside(place)}{hint}"
    if kind == "literal_error":
        hint = nearest(str(value), re.findall(r"'([^']*)'", limits["expected"]))
        return f"{name} must be {limits['expected']}, not {value!r}{hint}"
    if kind in _WANTED:
        quotes = kind == "string_type" and isinstance(value, int | float)
        return f"{name} must be {_WANTED[kind]}, not {_shown(value)}" + (
            "; put it in quotes if it is meant as text" if quotes else ""
        )
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        return f"{name} must {words.format(limits[key])}, but is {_shown(value)}"
    return f"{name}: {fault['msg']}"


_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "tuple_type": "a list (one entry a line, each after a dash)",
    "model_type": "a group of keys and values",
    "model_attributes_type": "a group of keys and values",
    "path_type": "a file name",
}
_LIMITS = {
    "greater_than_equal": ("be at least {}", "ge"),
    "greater_than": ("be more than {}", "gt"),
    "less_than_equal": ("be at most {}", "le"),
    "too_short": ("have {} or more entries", "min_length"),
    "too_long": ("have {} or fewer entries", "max_length"),
    "string_too_short": ("have {} or more characters", "min_length"),
    "string_too_long": ("have at most {} characters", "max_length"),
}


def _shown(value: object) -> str:
    """Return a value as its writer would recognise it, shortened."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}…"


def _place_words(place: Place) -> str:
    """Put a place in words: ``songs, entry 2, vocal`` (entries are counted from 1)."""
    words = [f"entry {part + 1}" if isinstance(part, int) else part for part in place]
    return ", ".join(words) or "the file"


def _inside(place: Place) -> str:
    """Words for the group of keys around a place; nothing at the top of the file."""
    return f" in {_place_words(place[:-1])}" if len(place) > 1 else ""


def _model_at(model: type[BaseModel], place: Place) -> type[BaseModel]:
    """Model that describes the group of keys at ``place``."""
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            inner = _first_model(model.model_fields[part].annotation)
            model = inner or model
    return model


def _first_model(annotation: Any) -> type[BaseModel] | None:
    """First pydantic model named inside a type annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _first_model(argument)
        if found is not None:
            return found
    return None
