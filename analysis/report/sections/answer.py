"""What the report says beyond the tests: the answer, which methods agree, who took part.

Everything here is plain JSON and becomes the key ``report`` of results.json, so that each number
of the text has its place there. Differences are turned so that they are never negative: ``higher``
minus ``lower``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from analysis.defaults import MODEL_NAMES
from analysis.results_reader import (
    PairPlaces,
    Row,
    Section,
    is_computed,
    model_of,
    pair_places,
    primary_means,
    primary_model,
    primary_pairs,
    rows_of,
)
from analysis.statistics.equivalence import SEPARATE, verdict_counts

ALPHA = 0.05
POOLED = "pooled_mann_whitney"
METHODS = ("paired_t", "wilcoxon", "sign_flip")
"""Methods asked whether they agree with the primary model; the pooled test is only shown."""


def answer_of(
    section: Section,
    systems: Sequence[str],
    left_out: Sequence[str],
    apart: Sequence[str] = (),
) -> dict[str, Any]:
    """What one attribute says about the systems.

    Parameters
    ----------
    section
        The attribute's part of results.json.
    systems
        Systems that are compared, in the order of display.
    left_out
        References and anchors among them: never the answer.
    apart
        References and anchors that are shown and not compared.

    Returns
    -------
    dict
        ``means`` in the order of display; ``apart``: means of the participants, of reference and
        anchors that are not compared; ``leaders``: the system rated highest and all that the
        primary analysis does not tell apart from it, by falling mean; ``others``: all below;
        ``clear_cut``: whether each leader is told apart from each of the others, and from no other
        leader; ``pairs``
        {higher, lower, difference, ci_low, ci_high, p_holm, verdict} of all systems;
        ``top_pair``: index of the pair of the two highest; ``counts`` of verdicts;
        ``between_people``: pairs {a, b} that no participant rated both of, so that different
        people are compared; ``sets`` of systems that no chain of participants connects, so that
        nothing is said across them.
    """
    source, rows = primary_means(section)
    by_system = {row["system"]: row for row in rows}
    means = _means(by_system, systems)
    ranked = sorted(
        (str(row["system"]) for row in means if row["system"] not in left_out),
        key=lambda name: -by_system[name]["mean"],
    )
    origin, pairs = primary_pairs(section)
    turned = [_turned(pair) for pair in pairs]
    if not means:
        return {"status": "not estimable", "why": _why(section)}
    separate = {frozenset((row["higher"], row["lower"])): row["verdict"] for row in turned}
    leaders = [
        name
        for name in ranked
        if name == ranked[0] or separate.get(frozenset((ranked[0], name))) not in SEPARATE
    ]
    others = [name for name in ranked if name not in leaders]
    clear_cut = all(
        separate.get(frozenset((leader, other))) in SEPARATE
        for leader in leaders
        for other in others
    ) and not any(separate.get(frozenset(two)) in SEPARATE for two in combinations(leaders, 2))
    return {
        "status": "ok",
        "means_from": source,
        "pairs_from": origin or None,
        "means": means,
        "apart": _described(section, apart),
        "leaders": leaders,
        "others": others,
        "clear_cut": clear_cut,
        "pairs": turned,
        "top_pair": _index_of(turned, ranked[:2]),
        "counts": {
            "pairs": len(turned),
            **verdict_counts(row["verdict"] for row in turned),
        },
        "between_people": between_people(section),
        "sets": sets_of(section),
    }


def _described(section: Section, systems: Sequence[str]) -> list[dict[str, Any]]:
    rows = [row for row in rows_of(section.get("descriptives")) if row.get("group") is None]
    return _means({row["system"]: row for row in rows}, systems)


def _means(by_system: Mapping[str, Row], systems: Sequence[str]) -> list[dict[str, Any]]:
    keys = ("system", "mean", "ci_low", "ci_high")
    known = [by_system[name] for name in systems if name in by_system]
    return [{key: row.get(key) for key in keys} for row in known]


def between_people(section: Section) -> list[dict[str, str]]:
    """Pairs {a, b} that are compared although no participant rated both systems."""
    compared = {frozenset((row["a"], row["b"])) for row in primary_pairs(section)[1]}
    found = (section.get("overlap") or {}).get("between_people", [])
    return [dict(row) for row in found if {row["a"], row["b"]} in compared]


def sets_of(section: Section) -> list[list[str]]:
    """Sets of systems that no chain of listeners connects; empty where all are connected."""
    sets = (section.get("overlap") or {}).get("sets", [])
    return [list(some) for some in sets] if len(sets) > 1 else []


def _turned(pair: Mapping[str, Any]) -> dict[str, Any]:
    falls = pair["estimate"] < 0
    low, high = pair["ci_low"], pair["ci_high"]
    if falls:
        low, high = (None if high is None else -high), (None if low is None else -low)
    return {
        "higher": pair["b"] if falls else pair["a"],
        "lower": pair["a"] if falls else pair["b"],
        "difference": abs(pair["estimate"]),
        "ci_low": low,
        "ci_high": high,
        "p_holm": pair["p_holm"],
        "verdict": pair["verdict"],
    }


def _index_of(pairs: list[dict[str, Any]], names: Sequence[str]) -> int | None:
    wanted = set(names)
    return next((i for i, row in enumerate(pairs) if {row["higher"], row["lower"]} == wanted), None)


def _why(section: Section) -> str:
    for key in (primary_model(section), "descriptives"):
        part = section.get(key)
        if part is not None and not is_computed(part):
            return str(part.get("why"))
    return str(section.get("why") or "there are no ratings of this attribute")


def agreement_of(section: Section, systems: Sequence[str]) -> dict[str, Any]:
    """Do the methods agree? One row a pair with the Holm p of each method.

    ``agree`` is true when all methods that could be computed fall on the same side of .05;
    the pooled test's p, not adjusted, stands beside them where it was asked for, and is not
    counted.
    """
    rows = []
    methods = (primary_model(section), *METHODS)
    for place in pair_places(section, systems):
        row: dict[str, Any] = {"a": place.a, "b": place.b}
        row |= {method: _p_of(section, place, method) for method in methods}
        if POOLED in section:
            row[POOLED] = _p_of(section, place, POOLED)
        known = [row[method] < ALPHA for method in methods if row[method] is not None]
        row["agree"] = None if len(known) < 2 else len(set(known)) == 1
        rows.append(row)
    asked = [row for row in rows if row["agree"] is not None]
    return {
        "rows": rows,
        "n_pairs": len(asked),
        "n_agree": sum(bool(row["agree"]) for row in asked),
        "disagree": [f"{row['a']} – {row['b']}" for row in asked if not row["agree"]],
    }


def models_of(section: Section) -> dict[str, Any]:
    """Say whether the models that could be primary tell the same pairs apart.

    Returns
    -------
    dict
        ``models``: names of those that were fitted, the primary one first; ``left_out``
        {model, why}; ``n_pairs`` that all of them judge, ``n_agree`` of which fall on the same side
        of .05 (Holm) with the same sign; ``disagree``: the others' names.
    """
    primary = primary_model(section)
    names = [primary, *(name for name in MODEL_NAMES if name != primary)]
    fitted = [name for name in names if model_of(section, name)]
    judged = [_judged(model_of(section, name)) for name in fitted]
    shared = [pair for pair in judged[0] if all(pair in one for one in judged)] if judged else []
    part = [pair for pair in shared if len({one[pair] for one in judged}) > 1]
    left_out = [
        {"model": name, "why": section[name]["why"]}
        for name in names
        if name in section and name not in fitted
    ]
    return {
        "models": fitted,
        "left_out": left_out,
        "n_pairs": len(shared) if len(fitted) > 1 else 0,
        "n_agree": len(shared) - len(part) if len(fitted) > 1 else 0,
        "disagree": [f"{a} – {b}" for a, b in part],
    }


def _judged(model: Section) -> dict[tuple[str, str], int]:
    """Sign of each pair's difference where it is told from none, else 0."""
    return {
        (row["a"], row["b"]): 0 if row["p_holm"] >= ALPHA else 1 if row["estimate"] > 0 else -1
        for row in rows_of(model["pairs"])
        if row.get("p_holm") is not None
    }


def _p_of(section: Section, place: PairPlaces, method: str) -> float | None:
    is_model = method == primary_model(section)
    index = place.model if is_model else getattr(place, method)
    if index is None:
        return None
    rows = model_of(section)["pairs"] if is_model else section[method]
    value = rows[index].get("p" if method == POOLED else "p_holm")
    return None if value is None else float(value)


def stability_of(section: Section) -> list[dict[str, Any]]:
    """How far each difference moves when one song, or one participant, is left out.

    Returns
    -------
    list
        {a, b, song_low, song_high, participant_low, participant_high} in points; empty without
        the leave-one-out runs.
    """
    sensitivity = section.get("sensitivity")
    if not isinstance(sensitivity, Mapping):
        return []
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for what in ("song", "participant"):
        for row in rows_of(sensitivity.get(f"leave_one_{what}_out")):
            if row.get("estimate") is None:
                continue
            seen = found.setdefault((row["a"], row["b"]), {"a": row["a"], "b": row["b"]})
            value = row["estimate"]
            seen[f"{what}_low"] = min(value, seen.get(f"{what}_low", value))
            seen[f"{what}_high"] = max(value, seen.get(f"{what}_high", value))
    return list(found.values())


def sample_of(ratings: pd.DataFrame, groups: Sequence[str]) -> dict[str, Any]:
    """Who took part: participants and ratings by group, devices, simulated participants."""
    rated = ratings.dropna(subset=["rating"])
    people = rated.drop_duplicates("participant")
    rows = []
    for group in groups:
        part = rated[rated["group"] == group]
        count = int(part["participant"].nunique())
        row = {"group": group, "n_participants": count, "n_ratings": len(part)}
        rows.append(row | {"share": count / max(1, len(people))})
    devices: list[dict[str, Any]] = []
    if "device" in people:
        counts = people["device"].astype(str).str.strip().replace("", "not given").value_counts()
        devices = [{"device": str(name), "n": int(counts[name])} for name in sorted(counts.index)]
    return {
        "groups": rows,
        "devices": devices,
        "n_participants": len(people),
        "n_simulated": _count_simulated(people),
        "n_unfinished": _count_unfinished(people),
        "collected": _collected(rated),
    }


def _collected(rated: pd.DataFrame) -> dict[str, str] | None:
    """Days of the first and the last rating (UTC); None where the ratings have no time."""
    times = rated["rated_at"].astype(str) if "rated_at" in rated else pd.Series(dtype=str)
    days = sorted(time[:10] for time in times if time[:4].isdigit())
    return {"first_day": days[0], "last_day": days[-1]} if days else None


def _count_simulated(people: pd.DataFrame) -> int:
    if "participant_kind" not in people:
        return 0
    return int((people["participant_kind"].astype(str) == "simulated").sum())


def _count_unfinished(people: pd.DataFrame) -> int | None:
    if "finished" not in people:
        return None
    finished = people["finished"].astype(str).str.lower().isin(["true", "1", "yes"])
    return int((~finished).sum())
