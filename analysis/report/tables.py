"""The findings as CSV tables: one file a kind of row, all attributes in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.methods.registry import shown_as_tables
from analysis.results_reader import Section, is_computed, model_of
from analysis.trials import ABX, PREFERENCE

_LISTS = (
    "descriptives", "songs", "paired_t", "wilcoxon", "sign_flip", "tost", "effect_sizes",
    "pooled_mann_whitney", "pooled_mann_whitney_by_group",
)  # fmt: skip
_MODEL_LISTS = ("fixed", "emmeans", "pairs", "pairs_by_group", "variance_table")
_GROUP_LISTS = ("welch", "friedman", "cliffs_delta")


def tables_of(results: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Tables by file name (without suffix), in the order of reading; empty ones are left out.

    Nested values become dotted columns (``g_av.value``). A row that could not be estimated keeps
    its names and says why in the column ``why``.
    """
    made: dict[str, list[dict[str, Any]]] = {}
    for attribute, section in results["attributes"].items():
        for name, rows in _lists_of(section):
            made.setdefault(name, []).extend(
                {"attribute": attribute, **_flat(row)} for row in rows if isinstance(row, Mapping)
            )
    report = results.get("report", {})
    for attribute, agreement in report.get("agreement", {}).items():
        rows = [{"attribute": attribute, **row} for row in agreement["rows"]]
        made.setdefault("agreement-of-methods", []).extend(rows)
    for attribute, rows in report.get("stability", {}).items():
        made.setdefault("leave-one-out", []).extend({"attribute": attribute, **r} for r in rows)
    for name, rows in _of_trials(results.get("trials") or {}):
        made.setdefault(name, []).extend(rows)
    made["sample-answers"] = _of_questions(report.get("sample", {}))
    made["comment-counts"] = [
        {"system": system["system"], **song}
        for system in (report.get("comments") or {}).get("systems", [])
        for song in system["songs"]
    ]
    made["sample"] = list(report.get("sample", {}).get("groups", []))
    made["missing"] = list(report.get("missing", {}).get("participants", []))
    made["stimuli"] = list((report.get("stimuli") or {}).get("rows", []))
    made["mixing-parameters"] = list(report.get("parameters", []))
    made["objective"] = list((report.get("objective") or {}).get("rows", []))
    made["excluded"] = list(results["data"].get("excluded", []))
    screening = results.get("screening", {})
    made["screening"] = [_flat(row) for row in screening.get("participants", [])]
    made["outliers"] = [_flat(row) for row in screening.get("outliers", [])]
    made["multiplicity"] = list(results.get("multiplicity", {}).get("rows", []))
    return {name: pd.DataFrame(rows) for name, rows in made.items() if rows}


def _of_trials(trials: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    found = []
    for what, names in ((PREFERENCE, ("wins", "pairs")), (ABX, ("pairs", "participants"))):
        for entry in trials.get(what, []):
            head = {"part": entry["part"], "attribute": entry["attribute"]}
            lists = [(f"{what}-{name}", entry[name]) for name in names]
            if is_computed(entry.get("bradley_terry", {"status": "not estimable"})):
                fitted = entry["bradley_terry"]
                lists += [("preference-strengths", fitted["strengths"]),
                          ("preference-differences", fitted["pairs"])]  # fmt: skip
            found += [(name, [{**head, **_flat(row)} for row in rows]) for name, rows in lists]
    return found


def _of_questions(sample: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row an answer, or a group of a number, of everything that was asked."""
    groups = [row["group"] for row in sample.get("groups", [])]
    made = []
    for question in sample.get("questions", []):
        head = {"key": question["key"], "question": question["label"], "kind": question["kind"]}
        for row in question.get("rows", []):
            counts = zip(groups, row["by_group"], strict=True)
            flat = {"answer": row["answer"], "label": row["label"], "n": row["n"]}
            made.append({**head, **flat, **{f"n.{group}": n for group, n in counts}})
        made += [{**head, **row} for row in question.get("numbers", [])]
    return made


def _lists_of(section: Section) -> list[tuple[str, list[Any]]]:
    groups = section.get("groups")
    parts = [(name, section.get(name)) for name in (*_LISTS, *shown_as_tables())]
    parts += [(f"model-{name}", model_of(section).get(name)) for name in _MODEL_LISTS]
    if isinstance(groups, Mapping) and is_computed(groups):
        parts += [(f"groups-{name}", groups.get(name)) for name in _GROUP_LISTS]
    for key, name in (("power", "grid"), ("agreement", "icc"), ("ordinal", "coefficients")):
        part = section.get(key)
        if isinstance(part, Mapping):
            parts.append((f"{key}-{name}", part.get(name)))
    found = [(name, rows) for name, rows in parts if isinstance(rows, list)]
    return [(name.replace("_", "-"), rows) for name, rows in found]


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            flat[prefix + key] = "; ".join(_text(item) for item in value)
        else:
            flat[prefix + key] = value
    return flat


def _text(item: object) -> str:
    if isinstance(item, Mapping):
        return ", ".join(f"{key} {value}" for key, value in item.items())
    return str(item)
