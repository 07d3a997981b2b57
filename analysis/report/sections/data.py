"""Facts about the data of a report: what is missing, what was played, whom the screening flags.

Everything here is plain JSON and becomes part of the key ``report`` of results.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.figures.style import is_mark
from analysis.ratings.participants import FLAT_SHARE, IDENTICAL_SHARE
from analysis.results_reader import is_computed, rows_of, scale_of
from analysis.scale import SCALE, Scale

ALPHA = 0.05


def missing_of(ratings: pd.DataFrame, planned: pd.DataFrame | None = None) -> dict[str, Any]:
    """Cells of participant × song × system × attribute without a rating, and whose they are.

    Parameters
    ----------
    ratings
        The rating table.
    planned
        Columns participant, song: what each was to rate. Where it is known, ``n_not_planned`` cells
        were never asked for, and ``n_lost`` participant × song pages were planned and have no
        rating at all; both are None where it is not.
    """
    keys = ["participant", "song", "system", "attribute"]
    filled = ratings.dropna(subset=["rating"]).drop_duplicates(keys)
    per_song = 1
    for key in keys[2:]:
        per_song *= int(ratings[key].nunique())
    n_each = per_song * int(ratings["song"].nunique())
    counts = filled.groupby("participant").size()
    people = sorted(ratings["participant"].unique())
    lacking = [
        {"participant": str(name), "n_missing": n_each - int(counts.get(name, 0))}
        for name in people
        if counts.get(name, 0) < n_each
    ]
    n_cells = n_each * len(people)
    n_missing = n_cells - len(filled)
    return {
        "n_cells": n_cells,
        "n_missing": n_missing,
        "share": n_missing / max(1, n_cells),
        "n_participants_incomplete": len(lacking),
        "participants": lacking,
        **_against_plan(filled, planned, people, per_song),
    }


def _against_plan(
    filled: pd.DataFrame, planned: pd.DataFrame | None, people: Sequence[str], per_song: int
) -> dict[str, int | None]:
    if planned is None or not len(people):
        return {"n_not_planned": None, "n_lost": None}
    songs, there = set(filled["song"]), set(people)
    pages = zip(planned["participant"], planned["song"], strict=True)
    due = {(who, song) for who, song in pages if who in there and song in songs}
    done = set(zip(filled["participant"], filled["song"], strict=True))
    n_pages = len(people) * len(songs)
    return {"n_not_planned": per_song * (n_pages - len(due | done)), "n_lost": len(due - done)}


_MEASURES = {
    "integrated_lufs": ("integrated_lufs", "loudness_lufs", "lufs"),
    "true_peak_dbtp": ("true_peak_dbtp", "dbtp"),
    "lra_lu": ("lra_lu", "lra"),
    "duration_s": ("duration_s", "duration"),
}


def stimuli_of(manifest: pd.DataFrame | None) -> dict[str, Any] | None:
    """What was played: one row a stimulus, and the largest loudness spread within a song."""
    if manifest is None or manifest.empty:
        return None
    columns = {
        measure: next((name for name in names if name in manifest), None)
        for measure, names in _MEASURES.items()
    }
    rows = []
    for _, line in manifest.iterrows():
        row: dict[str, Any] = {"song": str(line["song"]), "system": str(line["system"])}
        row |= {measure: _number(line, column) for measure, column in columns.items()}
        rows.append(row)
    frame = pd.DataFrame(rows)
    # Anchors keep the gain of their reference, dry stems are parts: neither is matched by itself.
    mixes = frame[[not (is_mark(name) or name.startswith("dry_")) for name in frame["system"]]]
    levels = pd.to_numeric(mixes["integrated_lufs"], errors="coerce").groupby(mixes["song"])
    spread = (levels.max() - levels.min()).max()
    peak = pd.to_numeric(frame["true_peak_dbtp"], errors="coerce").max()
    return {
        "rows": rows,
        "n_stimuli": len(rows),
        "max_loudness_spread_lu": None if pd.isna(spread) else float(spread),
        "max_true_peak_dbtp": None if pd.isna(peak) else float(peak),
    }


def _number(line: pd.Series[Any], column: str | None) -> float | None:
    value = pd.to_numeric(line[column], errors="coerce") if column else None
    return None if value is None or pd.isna(value) else float(value)


# What each flag is judged by: key of the value, and what it is held against (a key, or a number).
_JUDGED_BY: dict[str, tuple[str, str, str | float]] = {
    "flat": ("spread of the ratings, points; at least", "sd", FLAT_SHARE),
    "identical": ("share of the most common rating; at most", "share_identical", IDENTICAL_SHARE),
    "disagrees": ("agreement with the others; at least", "agreement", "agreement_floor"),
    "inconsistent": ("stimuli over repeats, F; at least", "repeats_f", "repeats_floor"),
    "does_not_discriminate": ("own test of the systems, p; at most", "friedman_p", ALPHA),
}


def flagged_of(results: Mapping[str, Any]) -> dict[str, Any]:
    """Participants whom the screening flags: names of the flags, and the log of each.

    Returns
    -------
    dict
        ``n_flagged`` and ``participants`` [{participant, flags, log}]; ``log`` has a row a flag
        {flag, rule, value, limit}, the last two None where a flag is yes or no.
    """
    rows = rows_of(results.get("screening", {}).get("participants"))
    scale = _scale_of_screening(results)
    named = [
        {
            "participant": row["participant"],
            "flags": list(row["flags"]),
            "log": [_logged(row, flag, scale) for flag in row["flags"]],
        }
        for row in rows
        if row.get("flags")
    ]
    return {"n_flagged": len(named), "participants": named}


def _scale_of_screening(results: Mapping[str, Any]) -> Scale:
    """Scale of the participants' values: that of all attributes, else per cent of each range."""
    sections = results.get("attributes", {}).values()
    scales = {scale_of(section) for section in sections if is_computed(section)}
    return scales.pop() if len(scales) == 1 else SCALE


def _logged(row: Mapping[str, Any], flag: str, scale: Scale) -> dict[str, Any]:
    if flag not in _JUDGED_BY:
        words = {"too_fast": "a page left before one stimulus could be heard",
                 "never_played": "a stimulus rated that was never played"}  # fmt: skip
        return {"flag": flag, "rule": words.get(flag, ""), "value": None, "limit": None}
    rule, key, held = _JUDGED_BY[flag]
    limit = max(0.0, row[held] or 0.0) if isinstance(held, str) else held
    limit = scale.points(limit) if flag == "flat" else limit
    return {"flag": flag, "rule": rule, "value": row.get(key), "limit": limit}
