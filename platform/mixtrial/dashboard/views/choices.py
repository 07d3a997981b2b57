"""What the choices say so far: wins of each pair, and how often X was found. It stays blind."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mixtrial.dashboard.frame import card
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.tables import draw_table


def draw(snapshot: Snapshot, shown: Mapping[str, str]) -> None:
    """Draw a table of each kind of trial that there is, those with an X last."""
    trials = snapshot.trials()
    compared = [p.options for p in snapshot.installation.study.page_parts if not p.has_ratings]
    for options in sorted(compared, key=lambda each: each.open_role == "x"):
        rows = trials[trials["trial_kind"] == options.answers]
        trials = trials.drop(rows.index)  # parts of one kind stand in one table
        if not rows.empty:
            table = found if options.open_role == "x" else wins
            with card(f"choices-{options.answers}", options.trials_title, options.trials_lead):
                draw_table(table(rows, shown), left=3)


def wins(trials: pd.DataFrame, shown: Mapping[str, str]) -> pd.DataFrame:
    """Count answers of each pair, whatever sides it stood on; systems by their shown names."""
    rows = []
    for (part, one, other), pair in _by_pair(trials, shown):
        chosen = [
            "tie" if answer == "tie" else shown[a if answer == "a" else b]
            for answer, a, b in zip(pair["answer"], pair["system_a"], pair["system_b"], strict=True)
        ]
        counts = (chosen.count(one), chosen.count("tie"), chosen.count(other))
        rows.append((part, one, other, *counts))
    columns = ["Part", "First", "Second", "First preferred", "Neither", "Second preferred"]
    return pd.DataFrame(rows, columns=columns)


def found(trials: pd.DataFrame, shown: Mapping[str, str]) -> pd.DataFrame:
    """Count right answers of each pair; systems by their shown names."""
    rows = [
        (part, one, other, len(pair), int(pair["correct"].sum()))
        for (part, one, other), pair in _by_pair(trials, shown)
    ]
    columns = ["Part", "First", "Second", "Trials", "X recognised"]
    return pd.DataFrame(rows, columns=columns)


def _by_pair(
    trials: pd.DataFrame, shown: Mapping[str, str]
) -> list[tuple[tuple[str, str, str], pd.DataFrame]]:
    """Trials of each part and pair, the two names of a pair in the order of the alphabet."""
    pairs = [
        sorted((shown[a], shown[b]))
        for a, b in zip(trials["system_a"], trials["system_b"], strict=True)
    ]
    table = trials.assign(first=[p[0] for p in pairs], second=[p[1] for p in pairs])
    return [
        ((str(part), str(one), str(other)), rows)
        for (part, one, other), rows in table.groupby(["part", "first", "second"])
    ]
