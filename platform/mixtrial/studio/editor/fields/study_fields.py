"""All keys of a study file, read from the classes that check study files.

Conventions
-----------
Nothing is listed here: a key that a class gains is a field at once. The content of lists and groups
comes from the JSON schema that pydantic makes of the classes. The keys of a part come from the
part's page type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import BaseModel

from mixtrial.studio.editor.fields.field import Field, Kind, Path
from stimuli.page_types.registry import page_types
from stimuli.study.found_files import PATTERN_KEYS
from stimuli.study.study import Study
from stimuli.study_keys.yaml_source import Place

PARTS = "parts"
"""The one list whose entries have the keys of their type."""

TYPE = "type"

Schema = Mapping[str, Any]


@cache
def study_fields() -> tuple[Field, ...]:
    """Keys at the top of a study file; for parts, the keys that all parts have."""
    own = _fields_of(Study)
    at = next(index for index, each in enumerate(own) if each.key == "systems")
    patterns = tuple(Field(key, "text", is_pattern=True) for key in PATTERN_KEYS)
    return (*own[:at], *patterns, *own[at:])


@cache
def part_fields(page_type: str) -> tuple[Field, ...]:
    """Keys of a part of this page type; for an unknown type, the keys that all parts have."""
    known = page_types()
    if page_type not in known:
        [parts] = [each for each in study_fields() if each.key == PARTS]
        return _with_types(parts.inner)
    return _with_types(_fields_of(known[page_type]))


def fields_at(place: Place, values: Any = None) -> tuple[Field, ...]:
    """Keys of the group at the path ``place``; for a part, the keys of the part's page type."""
    fields = study_fields()
    for at, part in enumerate(place):
        if isinstance(part, int):
            if place[:at] == (PARTS,):
                fields = part_fields(_type_of(values, part))
            continue
        fields = next((each.inner for each in fields if each.key == part), ())
    return fields


def key_order(place: Place) -> Sequence[str]:
    """Keys of the group at the path ``place``, in the order of a study file."""
    if place[:1] == (PARTS,) and len(place) == 2:
        keys = (each.key for name in page_types() for each in part_fields(name))
        return [*dict.fromkeys((TYPE, *keys))]
    return [each.key for each in fields_at(place)]


def path_of(place: Place) -> Path:
    """The path to a value, without the positions in lists."""
    return tuple(part for part in place if isinstance(part, str))


def _type_of(values: Any, part: int) -> str:
    entries = values.get(PARTS) if isinstance(values, Mapping) else None
    entry = entries[part] if isinstance(entries, list) and part < len(entries) else None
    return str(entry.get(TYPE)) if isinstance(entry, Mapping) else ""


def _with_types(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    types = Field(TYPE, "choice", is_required=True, options=tuple(page_types()))
    return tuple(types if each.key == TYPE else each for each in fields)


def _fields_of(model: type[BaseModel]) -> tuple[Field, ...]:
    schema = model.model_json_schema()
    return _fields(schema, schema.get("$defs", {}))


def _fields(schema: Schema, known: Schema) -> tuple[Field, ...]:
    required = schema.get("required", ())
    return tuple(
        _field(key, told, key in required, known)
        for key, told in schema.get("properties", {}).items()
    )


def _field(key: str, told: Schema, is_required: bool, known: Schema) -> Field:
    told_of: Sequence[Schema] = told.get("anyOf", [told])
    forms = [_resolved(form, known) for form in told_of if form.get("type") != "null"]
    form: Schema = forms[0] if len(forms) == 1 else {"type": "scalar"}
    default = told.get("default")
    kind, title = _kind(form, known), _own_title(key, told)
    found = Field(key, kind, is_required, default, _options(form), title=title)
    if found.kind in ("group", "entries"):
        holder = form if found.kind == "group" else _resolved(form["items"], known)
        return replace(found, inner=_fields(holder, known))
    if found.kind == "text":
        return replace(found, most_signs=form.get("maxLength", 20_000))
    if found.kind == "words":
        return replace(found, holds_texts=form["items"].get("type") == "string")
    return replace(found, may_be_list=found.kind == "by_name" and "type" not in form)


def _own_title(key: str, told: Schema) -> str:
    """Title of a key if its class names one; empty if pydantic derived it from the key."""
    title = str(told.get("title", ""))
    return "" if title.lower() == key.replace("_", " ").lower() else title


def _resolved(form: Schema, known: Schema) -> Schema:
    name = str(form.get("$ref", "")).rpartition("/")[2]
    found: Schema = known[name] if name else form
    return found


def _options(form: Schema) -> tuple[Any, ...]:
    """Allowed values of a key with a choice, or allowed words of a list."""
    if form.get("type") == "array":
        return _options(form["items"])
    return tuple(form.get("enum", [form["const"]] if "const" in form else ()))


def _kind(form: Schema, known: Schema) -> Kind:
    kind = form.get("type")
    if kind != "boolean" and ("enum" in form or "const" in form):
        return "choice"
    if kind == "array":
        item = _resolved(form["items"], known)
        if "properties" in item:
            return "entries"
        return "rows" if item.get("type") == "array" else "words"
    if kind == "object":
        return "group" if "properties" in form else "by_name"
    kinds: Mapping[Any, Kind] = {"boolean": "flag", "string": "text", None: "by_name"}
    return kinds.get(kind, "scalar")
