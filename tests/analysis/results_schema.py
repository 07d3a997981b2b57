"""docs/results.schema.json as a validator: as published, or closed to keys it does not name."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from places import ROOT

SCHEMA: dict[str, Any] = json.loads(
    (ROOT / "docs" / "results.schema.json").read_text(encoding="utf-8")
)
PUBLISHED = Draft202012Validator(SCHEMA)


def _closed(node: Any) -> Any:
    """Return the schema with no further keys in any object whose keys it names."""
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    inside = {key: _closed(value) for key, value in node.items()}
    if node.get("type") == "object" and isinstance(node.get("properties"), dict):
        inside.setdefault("additionalProperties", False)
    return inside


CLOSED = Draft202012Validator(_closed(SCHEMA))
"""Whatever it takes is described key by key."""
