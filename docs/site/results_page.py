"""Reference: every record of results.json, from the JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from markdown_table import cell, table

LIMITS = {"minimum": "≥", "maximum": "≤", "exclusiveMinimum": ">"}
SCHEMA = Path(__file__).parents[1] / "results.schema.json"


def page() -> str:
    """The top of the file, then each record by name."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    text = [
        (
            "# Records of results.json\n\nMade from [results.schema.json](../results.schema.json). "
            "[results.md](../results.md) tells the conventions that all numbers follow."
        ),
        _record("results.json", schema),
    ]
    text += [_record(name, record) for name, record in sorted(schema["$defs"].items())]
    return "\n\n".join(text) + "\n"


def _record(name: str, record: dict[str, Any]) -> str:
    text = f"## {name}\n\n{record.get('description', '')}"
    if "properties" not in record:
        return f"{text}\n\n{_kind(record)}"
    needed = set(record.get("required", ()))
    rows = [
        (f"`{key}`", _kind(value), "" if key in needed else "may be absent")
        for key, value in record["properties"].items()
    ]
    return f"{text}\n\n{table(('key', 'value', ''), rows)}"


def _kind(value: dict[str, Any]) -> str:
    """What stands behind a key, in a line; records are links."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(_kind(each) for each in value["anyOf"])
    if "enum" in value or "const" in value:
        choices = value.get("enum", [value.get("const")])
        return " or ".join(f"`{cell(json.dumps(each))}`" for each in choices)
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}" if "items" in value else "list"
    if value.get("type") == "object":
        inner = value.get("additionalProperties")
        return f"by name: {_kind(inner)}" if isinstance(inner, dict) and inner else "object"
    kinds = value.get("type", "anything")
    told = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    ends = [f"{sign} {value[key]}" for key, sign in LIMITS.items() if key in value]
    return ", ".join([told, *ends])
