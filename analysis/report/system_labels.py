"""What readers see for a system's name; data, results.json and tables keep the name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import pandas as pd

from analysis.report.context import ReportContext

Told = TypeVar("Told")

_HOLD_SYSTEMS = frozenset(
    ("system", "systems", "a", "b", "higher", "lower", "leaders", "others", "sets",
     "reference",
     "mid_anchor", "low_anchor", "apart", "system_a", "system_b", "made_from")
)  # fmt: skip
"""Keys of results and columns of tables whose values are names of systems."""


def labelled_results(results: Told, labels: Mapping[str, str]) -> Told:
    """Records with labels in the place of names, in the same order and at the same places."""
    labelled: Told = _labelled(results, labels) if labels else results
    return labelled


def labelled_table(table: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Ratings, comments or trials with labels in the place of names."""
    held = [column for column in table.columns if labels and column in _HOLD_SYSTEMS]
    return table.assign(
        **{column: table[column].map(lambda name: labels.get(name, name)) for column in held}
    )


def labelled_context(context: ReportContext) -> ReportContext:
    """Context with labels in the place of names."""
    labels, comments, trials = context.system_labels, context.comments, context.trials

    def label(name: str | None) -> str | None:
        return None if name is None else labels.get(name, name)

    return replace(
        context,
        systems=tuple(labels.get(name, name) for name in context.systems),
        reference=label(context.reference),
        mid_anchor=label(context.mid_anchor),
        low_anchor=label(context.low_anchor),
        comments=None if comments is None else labelled_table(comments, labels),
        trials=None if trials is None else labelled_table(trials, labels),
    )


def _labelled(value: Any, labels: Mapping[str, str], key: str = "") -> Any:
    """Value that stands under a key, with all that it holds."""
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value)]
        return replace(value, **{n: _labelled(getattr(value, n), labels, n) for n in names})
    if isinstance(value, Mapping):
        return {inner: _labelled(held, labels, inner) for inner, held in value.items()}
    if isinstance(value, list | tuple):
        return [_labelled(held, labels, key) for held in value]
    if isinstance(value, str) and key == "term":  # of the model, such as group[pro]:system[cnn]
        return re.sub(r"(?<=system\[)[^]]*", lambda name: labels.get(name[0], name[0]), value)
    return labels.get(value, value) if isinstance(value, str) and key in _HOLD_SYSTEMS else value
