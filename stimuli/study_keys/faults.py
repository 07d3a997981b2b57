"""Faults of a study file as plain sentences for its author.

Conventions
-----------
A fault has a place in the file (:data:`stimuli.study_keys.yaml_source.Place`). :class:`PlacedError`
is raised if keys contradict each other. :func:`explain` converts pydantic's findings to one
sentence.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from stimuli.study_keys.yaml_source import Place, YamlSource

NEW_NAMES: dict[Place, str] = {
    ("completion_redirect",): "completion_link",
    ("conditions", "level"): "listening_level",
    ("scale_labels",): "range: {labels: …}",
}
"""Keys of before the first release, and what they are called now."""


class PlacedError(ValueError):
    """Several keys that contradict each other, and the place in the file where this is reported."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


def nearest(word: str, choices: Iterable[str]) -> str:
    """The choice most similar to ``word``, as a suggestion after a space; empty if none is near."""
    found = difflib.get_close_matches(word.lower(), list(choices), n=1, cutoff=0.6)
    return f" Did you mean {found[0]!r}?" if found else ""


def nearest_in_brackets(word: str, choices: Iterable[str]) -> str:
    """The suggestion of `nearest` in brackets, for the end of a phrase; empty if there is none."""
    suggested = nearest(word, choices).strip()
    return f" ({suggested[0].lower()}{suggested[1:]})" if suggested else ""


def explain(error: ValidationError, model: type[BaseModel], source: YamlSource) -> str:
    """One sentence with the first fault in the file and the number of further faults."""
    faults = _faults(error)
    inner = _innermost(faults)
    # A misspelt key also makes the right key missing, so the misspelling is reported first.
    first = min(
        inner,
        key=lambda at: (faults[at]["type"] != "extra_forbidden", source.line(at)),
    )
    sentence = f"{source.where(first)}: {_fault_sentence(faults[first], model)}"
    return sentence + (f" ({len(inner) - 1} more to mend.)" if inner[1:] else "")


def first_fault(error: ValidationError, model: type[BaseModel]) -> tuple[Place, str]:
    """Place and sentence of the first fault, for a group of keys that is read separately."""
    faults = _faults(error)
    first = min(_innermost(faults), key=lambda at: faults[at]["type"] != "extra_forbidden")
    return first, _fault_sentence(faults[first], model)


def all_faults(error: ValidationError, model: type[BaseModel]) -> list[tuple[Place, str]]:
    """Place and sentence of each fault; of a fault inside another fault, only the inner one."""
    faults = _faults(error)
    return [(place, _fault_sentence(faults[place], model)) for place in _innermost(faults)]


def _faults(error: ValidationError) -> dict[Place, dict[str, Any]]:
    """Each fault of a study file by its place."""
    return {_blamed_place(dict(fault)): dict(fault) for fault in error.errors(include_url=False)}


def _innermost(faults: Iterable[Place]) -> list[Place]:
    """Innermost places of faults; a list whose entries have faults is not also called too short."""
    places = list(faults)
    return [
        place
        for place in places
        if not any(other[: len(place)] == place and other != place for other in places)
    ]


def _blamed_place(fault: dict[str, Any]) -> Place:
    """Place of a fault: where pydantic found it, or a better place that the fault itself names."""
    cause = fault.get("ctx", {}).get("error")
    return cause.place if isinstance(cause, PlacedError) else tuple(fault["loc"])


def _fault_sentence(fault: dict[str, Any], model: type[BaseModel]) -> str:
    """A sentence in plain words for one of pydantic's faults."""
    place, kind, value = fault["loc"], fault["type"], fault["input"]
    limits = fault.get("ctx", {})
    name = _place_words(place)
    if kind == "value_error":
        return str(limits["error"])
    if kind == "missing":
        return f"The key {place[-1]!r} is missing{_inside(place)}."
    if kind == "extra_forbidden":
        if place in NEW_NAMES:
            return f"The key {place[-1]!r}{_inside(place)} is called {NEW_NAMES[place]!r} now."
        keys = sorted(_model_at(model, place[:-1]).model_fields)
        hint = nearest(str(place[-1]), keys) or f" The keys here are {', '.join(keys)}."
        return f"Unknown key {place[-1]!r}{_inside(place)}.{hint}"
    if kind == "literal_error":
        hint = nearest(str(value), re.findall(r"'([^']*)'", limits["expected"]))
        return f"{name} must be {limits['expected']}, not {value!r}.{hint}"
    if kind in _WANTED:
        quotes = kind == "string_type" and isinstance(value, int | float)
        return f"{name} must be {_WANTED[kind]}, not {_shown(value)}." + (
            " Put it in quotes if it is meant as text." if quotes else ""
        )
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        return f"{name} must {words.format(limits[key])}, but is {_shown(value)}."
    return f"{name}: {fault['msg'].removesuffix('.')}."


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
    """Return a value in the form in which its author wrote it, shortened."""
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
    return ", ".join(words) or "The file"


def _inside(place: Place) -> str:
    """Words for the group of keys around a place; empty at the top of the file."""
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
