"""Conversion of records to results.json and back, and the JSON Schema of the records.

**Conventions.** The keys of an object are the field names of its record. In the file, the content
of `further` in :class:`Attribute` is placed beside the sections of the attribute. NaN and infinity
are written as `null`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from math import isfinite
from typing import Any

import numpy as np
from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from analysis.findings.attribute import Attribute
from analysis.findings.findings import Findings


def json_form(value: object) -> Any:
    """A record, or a part of a record, as plain Python objects.

    Parameters
    ----------
    value
        Records, mappings, sequences, arrays and numbers, in any nesting.

    Returns
    -------
    object
        Fit for `json.dumps(..., allow_nan=False)`.
    """
    if isinstance(value, float):  # numbers are checked first, because most values are numbers
        return float(value) if isfinite(value) else None
    if isinstance(value, str):
        return str(value)  # a member of an enumeration is written as its text
    if is_dataclass(value) and not isinstance(value, type):
        return _object(value)
    if isinstance(value, Mapping):
        return {str(key): json_form(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return json_form(value.tolist())
    if isinstance(value, list | tuple):
        return [json_form(item) for item in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.floating):
        return json_form(float(value))
    return value


def _object(record: Any) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for name, may_be_absent in _keys(record.__class__):
        value = getattr(record, name)
        if name == "further":
            found |= json_form(value)
        elif value is not None or not may_be_absent:
            found[name] = json_form(value)
    return found


@cache
def _keys(record: Any) -> list[tuple[str, bool]]:
    """Fields of a record; for each, whether it is left out of the file if its value is None."""
    return [(each.name, bool(each.metadata.get("absent"))) for each in fields(record)]


def read_findings(content: Mapping[str, Any]) -> Findings:
    """Records that are read from a results.json of this version.

    Sections of methods that have no field in :class:`Attribute` are kept unchanged, in `further`.
    Keys that `mixtrial report` adds to the findings are ignored.

    Raises
    ------
    ValueError
        The file is not a results.json of this version. The message names the version that wrote the
        file, and the place of the wrong value.
    """
    known = {each.name for each in fields(Attribute)}

    def inside(section: Mapping[str, Any]) -> dict[str, object]:
        further = {key: value for key, value in section.items() if key not in known}
        is_computed = section.get("status") != "not estimable"
        return {**section, "further": further} if is_computed else dict(section)

    attributes = {name: inside(part) for name, part in content.get("attributes", {}).items()}
    try:
        return _adapter().validate_python({**content, "attributes": attributes})
    except ValidationError as error:
        raise ValueError(_of_another_version(content, error)) from None


def _of_another_version(content: Mapping[str, Any], error: ValidationError) -> str:
    """Error message for a file from another version, or for a file that somebody changed."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(each) for each in first["loc"])
    versions = content.get("versions")
    by = versions.get("mixtrial") if isinstance(versions, Mapping) else None
    written = f"mixtrial {by}" if by else "an unknown version of mixtrial"
    return (
        f"This results.json was written by {written}, and this version cannot read it: "
        f"{where}: {first['msg'].lower()}. Write the file again from the ratings with mixtrial "
        f"report."
    )


@cache
def _adapter() -> TypeAdapter[Findings]:
    return TypeAdapter(Findings)


class _Schema(GenerateJsonSchema):
    """A schema without titles and defaults; a key is required if every file contains it."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        made = super().dataclass_schema(schema)
        own = {each.name: each.metadata for each in fields(schema["cls"])}
        of = {key: value for key, value in made["properties"].items() if key != "further"}
        made["properties"] = {
            key: _without_null(value) if own[key].get("absent") else value
            for key, value in of.items()
        }
        made["required"] = [
            key for key in of if not own[key].get("absent") or own[key].get("computed")
        ]
        made["description"] = " ".join(made["description"].split("\n\n")[0].split())
        del made["title"]
        return made


def _without_null(schema: JsonSchemaValue) -> JsonSchemaValue:
    kept = [each for each in schema["anyOf"] if each != {"type": "null"}]
    return kept[0] if len(kept) == 1 else {"anyOf": kept}


def json_schema(record: Any) -> JsonSchemaValue:
    """JSON Schema of a record, for example of :class:`Findings` or of one method's section."""
    return TypeAdapter(record).json_schema(schema_generator=_Schema)
