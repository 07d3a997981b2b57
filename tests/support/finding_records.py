"""Records of findings of which a test says what it is about; all else is empty or NaN."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from analysis.findings.attribute import Attribute
from analysis.findings.sections import NotEstimable
from analysis.scale import SCALE

T = TypeVar("T")


def record(kind: type[T], **given: Any) -> T:
    """A record of a kind, made of plain dictionaries and lists where its fields are records."""
    hints = get_type_hints(kind)
    known = {}
    for each in fields(kind):  # type: ignore[arg-type]
        if each.name in given:
            known[each.name] = _made(hints[each.name], given[each.name])
        elif each.default is MISSING and each.default_factory is MISSING:
            known[each.name] = _empty(hints[each.name])
    return kind(**known)


def attribute(**sections: Any) -> Attribute:
    """Findings of one attribute, of which these sections are there."""
    return record(Attribute, **{"scale": SCALE, "margin": 5.0, "primary_model": "lmm"} | sections)


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _made(hint: Any, value: Any) -> Any:
    if isinstance(value, dict):
        is_failed = value.get("status") == "not estimable"
        for option in _options(hint):
            if get_origin(option) is Mapping:
                return {key: _made(get_args(option)[1], item) for key, item in value.items()}
            if is_dataclass(option) and issubclass(option, NotEstimable) == is_failed:  # type: ignore[arg-type]
                return record(option, **value)  # type: ignore[arg-type]
    if isinstance(value, list):
        inner = next(option for option in _options(hint) if get_origin(option) is Sequence)
        return [_made(get_args(inner)[0], item) for item in value]
    return float("nan") if value is None and hint is float else value


def _empty(hint: Any) -> Any:
    options = _options(hint)
    if type(None) in options:
        return None
    if NotEstimable in options:
        return NotEstimable("not asked")
    plain = {float: float("nan"), int: 0, str: "", bool: False}
    kind = get_origin(hint) or hint
    if kind is Literal:
        return get_args(hint)[0]
    if kind in (Sequence, Mapping):
        return () if kind is Sequence else {}
    return plain[kind] if kind in plain else record(kind)
