"""Trials of all kinds: about preferences, and about differences that can be heard.

**Conventions.** A table has one row for each trial, with the columns of
:mod:`analysis.trial_columns`; other columns are kept. ``answer`` is "a", "b" or "tie". In a
triangle trial, ``answer`` is "a", "b" or "c", and the third system is ``system_c``. If both stimuli
of a trial can come from the same system, ``answer`` is "same" or "different". ``correct`` is true
or false in ABX and triangle trials, and empty in all other trials. If a table only says whether
each answer was right, ``answer`` and ``system_c`` can be empty. A ranking, or a choice of the best
mix, is stored as all pairs of mixes on the page; the answer of a pair is the preferred mix. Choices
are analysed by the package :mod:`analysis.choices`, and heard differences by
:mod:`analysis.discrimination`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.choices.preference import preference_section
from analysis.choices.ranked import orders_of, ranked_section
from analysis.discrimination.paradigms import PARADIGMS, Paradigm
from analysis.discrimination.same_different import same_different_section
from analysis.discrimination.thresholds import split_tracks, threshold_sections
from analysis.discrimination.told_apart import told_apart_section
from analysis.findings.discrimination.told_apart import Abx
from analysis.findings.sections import TrialCounts
from analysis.findings.trials import Trials
from analysis.ratings.table import RatingsError
from analysis.trial_columns import (
    ABX,
    BEST,
    DIFFERENT,
    HEARD,
    PREFERENCE,
    RANKING,
    SAME,
    SAME_DIFFERENT,
    THIRD,
    TRIAL_COLUMNS,
    TRIANGLE,
    ones_and_zeros,
    trials_fingerprint,
)

_ANSWERS: Mapping[str, tuple[str, Sequence[str]]] = {
    TRIANGLE: ("a triangle", ("a", "b", "c")),
    SAME_DIFFERENT: ("a same-different trial", (SAME, DIFFERENT)),
}
_OF_TWO = ("a trial", ("a", "b", "tie"))
"""Possible answers and their subject: by kind, and for all other kinds."""
_ORDERS = (RANKING, BEST)


def check_trials(trials: pd.DataFrame | None) -> pd.DataFrame:
    """Trials with all columns that the analysis needs; for None, a table without rows.

    Raises
    ------
    RatingsError
        A column is missing, or the table has an unknown kind of trial or an unknown answer. An ABX
        or triangle trial does not say whether the answer was right. The three stimuli of a triangle
        trial are not from exactly two systems. The pairs of a page do not form an order of its
        mixes.
    """
    if trials is None:
        return pd.DataFrame(columns=[*TRIAL_COLUMNS, "correct"])
    missing = [name for name in TRIAL_COLUMNS if name not in trials]
    if missing:
        raise RatingsError(f"The table of trials lacks the columns {', '.join(missing)}.")
    table = trials.reset_index(drop=True).copy()
    table["correct"] = ones_and_zeros(table["correct"]) if "correct" in table else np.nan
    try:
        _, others = split_tracks(table)
    except ValueError as error:
        raise RatingsError(str(error)) from error
    _check_answers(others)
    *kinds, last = _SECTIONS
    odd = others.loc[~others["trial_kind"].isin(_SECTIONS), "trial_kind"]
    if len(odd):
        known = f"{', '.join(kinds)} and {last}"
        raise RatingsError(f"{odd.iloc[0]!r} is not a kind of trial; choose {known}.")
    _check_told_apart(table)
    for _, rows in table[table["trial_kind"].isin(_ORDERS)].groupby(["part", "attribute"]):
        try:
            orders_of(rows)
        except ValueError as error:
            raise RatingsError(str(error)) from error
    order = ["part", "trial_kind", "attribute", "participant", "song", "system_a", "system_b"]
    return table.sort_values(order, kind="stable").reset_index(drop=True)


def _check_answers(trials: pd.DataFrame) -> None:
    is_known = trials["trial_kind"].isin(PARADIGMS) & trials["correct"].notna()
    told = trials[~(is_known & (trials["answer"] == ""))]
    for kind, rows in told.groupby("trial_kind", sort=False):
        what, (*answers, last) = _ANSWERS.get(str(kind), _OF_TWO)
        wrong = rows.loc[~rows["answer"].isin([*answers, last]), "answer"]
        if len(wrong):
            raise RatingsError(
                f"{wrong.iloc[0]!r} is not a valid answer of {what}; use {', '.join(answers)} or "
                f"{last}."
            )


def _check_told_apart(trials: pd.DataFrame) -> None:
    if trials.loc[trials["trial_kind"] == ABX, "correct"].isna().any():
        raise RatingsError("An ABX trial does not say whether its answer was right.")
    triangles = trials[trials["trial_kind"] == TRIANGLE]
    if triangles.empty:
        return
    if triangles["correct"].isna().any():
        raise RatingsError("A triangle trial does not say whether its answer was right.")
    if THIRD not in triangles:
        raise RatingsError(
            f"The table of trials lacks the column {THIRD}, which triangle trials need."
        )
    heard = triangles[[*HEARD, THIRD]]
    if (heard.where(heard != "").nunique(axis=1) != 2).any():
        raise RatingsError("A triangle trial must have one system twice and another once.")


def trials_section(trials: pd.DataFrame | None, systems: Sequence[str], seed: int) -> Trials | None:
    """Content of the key ``trials`` of results.json; None if there are no trials.

    Parameters
    ----------
    trials
        One trial per row.
    systems
        Order in which systems are displayed; systems that are missing in it come last, sorted by
        name.
    seed
        Seed of resampling and permutations.

    Raises
    ------
    RatingsError
        As :func:`check_trials`.
    """
    table = check_trials(trials)
    if table.empty:
        return None
    sha256 = trials_fingerprint(table)
    found: dict[str, list[Any]] = {kind: [] for kind in _SECTIONS}
    tracks, table = split_tracks(table)
    for (kind, part, attribute), rows in table.groupby(
        ["trial_kind", "part", "attribute"], sort=True
    ):
        counts = TrialCounts(
            part=str(part),
            attribute=str(attribute),
            n_trials=len(rows),
            n_participants=int(rows["participant"].nunique()),
            n_songs=int(rows["song"].nunique()),
        )
        names = _names(rows, systems)
        found[str(kind)].append(_SECTIONS[str(kind)](rows, names, seed, counts))
    return Trials(**found, thresholds=threshold_sections(tracks), sha256=sha256)


def _names(rows: pd.DataFrame, systems: Sequence[str]) -> tuple[str, ...]:
    there = set(rows["system_a"]) | set(rows["system_b"])
    known = tuple(name for name in systems if name in there)
    return known + tuple(sorted(there.difference(known)))


def _told_apart(
    paradigm: Paradigm,
    rows: pd.DataFrame,
    _systems: Sequence[str],
    _seed: int,
    counts: TrialCounts,
) -> Abx:
    return told_apart_section(rows, paradigm, counts)


_SECTIONS: Mapping[str, Callable[[pd.DataFrame, Sequence[str], int, TrialCounts], Any]] = {
    PREFERENCE: preference_section,
    **{kind: partial(_told_apart, paradigm) for kind, paradigm in PARADIGMS.items()},
    RANKING: ranked_section,
    BEST: ranked_section,
    SAME_DIFFERENT: same_different_section,
}
"""Findings of each kind of trials, by the kind; each is a field of `Trials`."""
