"""Labels are shown for names of systems, songs and attributes; results.json keeps the names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import pandas as pd

from analysis.findings.models import RandomEffect
from analysis.report.context import ReportContext

Told = TypeVar("Told")
Labels = Mapping[str, Mapping[str, str]]
"""Labels by name, under each key of results and column of tables that holds such names."""

_HOLD_SYSTEMS = (
    "system", "systems", "a", "b", "higher", "lower", "leaders", "others", "sets", "reference",
    "mid_anchor", "low_anchor", "apart", "system_a", "system_b", "made_from",
)  # fmt: skip
_HOLD_SONGS = ("song", "songs", "song_sets")
_IN_TEXTS = ("declared", "used")
"""Keys of texts in which names of systems and attributes stand: the choices of a plan."""
_GROUP_IN_TERM = "group in a term"
"""Elsewhere groups keep their names, which the page looks their labels up by."""


def labels_of(context: ReportContext, songs: Collection[str]) -> Labels:
    """Labels of systems and groups; labels of songs, unless two ``songs`` have the same label."""
    shown = [context.song_labels.get(song, song) for song in songs]
    titles = context.song_labels if len(set(shown)) == len(shown) else {}
    by_key = {
        _HOLD_SYSTEMS: context.system_labels,
        _HOLD_SONGS: titles,
        _IN_TEXTS: {**context.attribute_labels, **context.system_labels},
        (_GROUP_IN_TERM,): context.group_labels,
    }
    return {key: labels for keys, labels in by_key.items() for key in keys if labels}


def labelled_results(results: Told, labels: Labels) -> Told:
    """Records with labels in place of names; order and places are unchanged."""
    labelled: Told = _labelled(results, labels) if labels else results
    return labelled


def labelled_table(table: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """Ratings, comments or trials with labels in place of names."""
    held = [key for key in table.columns if key in labels]
    return table.assign(
        **{key: [labels[key].get(name, name) for name in table[key]] for key in held}
    )


def labelled_context(context: ReportContext, labels: Labels) -> ReportContext:
    """Context with labels in place of names."""
    of_systems = labels.get("system", {})

    def label(name: str | None) -> str | None:
        return None if name is None else of_systems.get(name, name)

    def labelled(table: pd.DataFrame | None) -> pd.DataFrame | None:
        return None if table is None else labelled_table(table, labels)

    return replace(
        context,
        systems=tuple(of_systems.get(name, name) for name in context.systems),
        reference=label(context.reference),
        mid_anchor=label(context.mid_anchor),
        low_anchor=label(context.low_anchor),
        comments=labelled(context.comments),
        trials=labelled(context.trials),
        planned=labelled(context.planned),
    )


def labelled_text(text: str, labels: Mapping[str, str]) -> str:
    """Text in which whole names are replaced by labels.

    Examples
    --------
    >>> labelled_text("a − b", {"a": "Codec 1", "b": "Codec 2"})
    'Codec 1 − Codec 2'
    """
    if not labels:
        return text
    names = "|".join(map(re.escape, sorted(labels, key=len, reverse=True)))
    return re.sub(rf"(?<![\w-])(?:{names})(?![\w-])", lambda found: labels[found[0]], text)


def _labelled(value: Any, labels: Labels, key: str = "") -> Any:
    """The value of a key, and everything that is nested in this value."""
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value)]
        # `key` is the factor (participant or song), and `level` is one participant or song
        if isinstance(value, RandomEffect):
            return replace(value, level=labels.get(key, {}).get(value.level, value.level))
        return replace(value, **{n: _labelled(getattr(value, n), labels, n) for n in names})
    if isinstance(value, Mapping):
        return {inner: _labelled(held, labels, inner) for inner, held in value.items()}
    if isinstance(value, list | tuple):
        return [_labelled(held, labels, key) for held in value]
    if not isinstance(value, str):
        return value
    if key == "term":  # the name of a coefficient, such as group[pro]:system[cnn]
        return re.sub(r"(\w+)\[([^]]*)", lambda at: _labelled_part(at[1], at[2], labels), value)
    if key in _IN_TEXTS:
        return labelled_text(value, labels.get(key, {}))
    return labels.get(key, {}).get(value, value)


def _labelled_part(what: str, name: str, labels: Labels) -> str:
    key = _GROUP_IN_TERM if what == "group" else what
    return f"{what}[{labels.get(key, {}).get(name, name)}"
