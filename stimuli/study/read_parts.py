"""Reading the parts of a study; each part is an entry of ``parts`` with a page type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from db.records.participation import RATINGS
from stimuli.page_types.base import PartOptions
from stimuli.page_types.registry import page_types, plugin_faults
from stimuli.study_keys.faults import PlacedError, first_fault, nearest


def read_parts(entries: Any, context: Any) -> Any:
    """Read each part with the class of its page type; leave values that are not lists unchanged."""
    if not isinstance(entries, list | tuple):
        return entries
    parts: list[PartOptions] = []
    for index, entry in enumerate(entries):
        part = entry if isinstance(entry, PartOptions) else _read_part(entry, index, context)
        if any(part.name.lower() == other.name.lower() for other in parts):
            raise PlacedError(
                f"Two parts are called {part.name!r}; give one of them another name.",
                ("parts", index),
            )
        parts.append(part)
    return tuple(parts)


def _read_part(entry: Any, index: int, context: Any) -> PartOptions:
    types = page_types()
    if not isinstance(entry, dict) or "type" not in entry:
        raise PlacedError(f"Each part needs a type, one of {', '.join(types)}.", ("parts", index))
    kind = entry["type"]
    if not isinstance(kind, str) or kind not in types:
        broken = [said for plugin, said in plugin_faults().items() if plugin.name == kind]
        if broken:
            raise PlacedError(broken[0], ("parts", index, "type"))
        hint = nearest(str(kind), types) or f" There are {', '.join(types)}."
        raise PlacedError(f"There is no page type {kind!r}.{hint}", ("parts", index, "type"))
    try:
        return types[kind].model_validate({"name": kind, **entry}, context=context)
    except ValidationError as error:
        place, sentence = first_fault(error, types[kind])
        raise PlacedError(sentence, ("parts", index, *place)) from None


def asks_for_ratings(values: Mapping[str, Any]) -> bool:
    """Whether a study file has a part with ratings of quality; also true if it has no parts yet.

    Invalid entries are ignored; the code that reads parts reports them.
    """
    parts = values.get("parts")
    entries = parts if isinstance(parts, list | tuple) else ()
    types = [_type_of(part) for part in entries]
    return not types or any(each is None or each.answers == RATINGS for each in types)


def _type_of(part: Any) -> PartOptions | type[PartOptions] | None:
    if isinstance(part, PartOptions):
        return part
    return page_types().get(str(part.get("type"))) if isinstance(part, dict) else None
