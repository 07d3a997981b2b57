"""Trials of all kinds: who is preferred to whom, and what can be told apart at all.

**Conventions.** One trial a row, in the columns of :mod:`analysis.trial_columns` (others are kept);
``answer`` is "a", "b" or "tie", in a triangle "a", "b" or "c", whose third system is ``system_c``.
``correct`` is true or false in ABX and triangle trials and empty elsewhere. What was put in order,
or picked as the best, is told in pairs of a page, the one set above being the answer. The binomial
test takes trials as independent, as the methods' standard form does; strengths behind choices are
:mod:`analysis.choices`'.

References
----------
.. [1] Macmillan & Creelman (2005), Detection theory: a user's guide, chapter 9 (ABX).
.. [2] ISO 4120 (2021), Sensory analysis: methodology: triangle test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.choices.heard_by import HEARS, heard_by_at_most
from analysis.choices.paradigms import (
    abx_share,
    abx_share_by_differences,
    d_prime_of,
    triangle_share,
)
from analysis.choices.preference import preference_section
from analysis.choices.ranked import orders_of, ranked_section
from analysis.choices.thresholds import split_tracks, threshold_sections
from analysis.findings.trials import (
    Abx,
    HeardBy,
    PairToldApart,
    ParticipantToldApart,
    Preference,
    Ranked,
    RightLogit,
    RightOdds,
    ToldApart,
    TrialCounts,
    Trials,
)
from analysis.mixed_model.mixed_logit import fit_mixed_logit
from analysis.ratings.table import RatingsError
from analysis.statistics.estimable import section
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.paired_comparison import better_than_guessing
from analysis.trial_columns import ABX, BEST, PREFERENCE, RANKING, THIRD, TRIAL_COLUMNS, TRIANGLE

_ANSWERS = ("a", "b", "tie")
_OF_THREE = ("a", "b", "c")
_KINDS = (PREFERENCE, ABX, TRIANGLE, RANKING, BEST)
_ORDERS = (RANKING, BEST)
_HEARD = ("system_a", "system_b")


def check_trials(trials: pd.DataFrame | None) -> pd.DataFrame:
    """Trials with every column there is need of; no rows for None.

    Raises
    ------
    RatingsError
        A column is missing, a kind or an answer is none, an ABX or triangle trial is neither right
        nor wrong, three of a triangle are not two, or the pairs of a page make no order.
    """
    if trials is None:
        return pd.DataFrame(columns=[*TRIAL_COLUMNS, "correct"])
    missing = [name for name in TRIAL_COLUMNS if name not in trials]
    if missing:
        raise RatingsError(f"The table of trials lacks the columns {', '.join(missing)}.")
    table = trials.reset_index(drop=True).copy()
    table["correct"] = _right(table)
    try:
        _, others = split_tracks(table)
    except ValueError as error:
        raise RatingsError(str(error)) from error
    _check_answers(others)
    odd = others.loc[~others["trial_kind"].isin(_KINDS), "trial_kind"]
    if len(odd):
        known = f"{', '.join(_KINDS[:-1])} and {_KINDS[-1]}"
        raise RatingsError(f"{odd.iloc[0]!r} is no kind of trial; there are {known}.")
    _check_told_apart(table)
    for _, rows in table[table["trial_kind"].isin(_ORDERS)].groupby(["part", "attribute"]):
        try:
            orders_of(rows)
        except ValueError as error:
            raise RatingsError(str(error)) from error
    order = ["part", "trial_kind", "attribute", "participant", "song", "system_a", "system_b"]
    return table.sort_values(order, kind="stable").reset_index(drop=True)


def _check_answers(trials: pd.DataFrame) -> None:
    is_triangle = trials["trial_kind"] == TRIANGLE
    wrong = trials.loc[~is_triangle & ~trials["answer"].isin(_ANSWERS), "answer"]
    if len(wrong):
        raise RatingsError(f"{wrong.iloc[0]!r} is no answer of a trial; there are a, b and tie.")
    wrong = trials.loc[is_triangle & ~trials["answer"].isin(_OF_THREE), "answer"]
    if len(wrong):
        raise RatingsError(f"{wrong.iloc[0]!r} is no answer of a triangle; there are a, b and c.")


def _check_told_apart(trials: pd.DataFrame) -> None:
    if trials.loc[trials["trial_kind"] == ABX, "correct"].isna().any():
        raise RatingsError("An ABX trial does not say whether its answer was right.")
    triangles = trials[trials["trial_kind"] == TRIANGLE]
    if triangles.empty:
        return
    if triangles["correct"].isna().any():
        raise RatingsError("A triangle trial does not say whether its answer was right.")
    if THIRD not in triangles:
        raise RatingsError(f"The table of trials lacks the column {THIRD}, which triangles need.")
    if (triangles[[*_HEARD, THIRD]].nunique(axis=1) != 2).any():
        raise RatingsError("The three systems of a triangle trial are not two of one and another.")


def _right(table: pd.DataFrame) -> pd.Series:
    """1 where an answer is right, 0 where it is not, as yes or no or as numbers; NaN: neither."""
    if "correct" not in table:
        return pd.Series(np.nan, index=table.index)
    said = table["correct"].astype(str).str.lower().map({"true": 1.0, "false": 0.0})
    return said.fillna(pd.to_numeric(table["correct"].astype(object), errors="coerce"))


def trials_section(trials: pd.DataFrame | None, systems: Sequence[str], seed: int) -> Trials | None:
    """Key ``trials`` of results.json; None without trials.

    Parameters
    ----------
    trials
        One trial a row.
    systems
        Order of display; systems that are not named follow, sorted.
    seed
        Of resampling and permutations.

    Raises
    ------
    RatingsError
        As :func:`check_trials`.
    """
    table = check_trials(trials)
    if table.empty:
        return None
    preference: list[Preference] = []
    apart: dict[str, list[Abx]] = {kind: [] for kind in _GUESSED}
    ordered: dict[str, list[Ranked]] = {kind: [] for kind in _ORDERS}
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
        if kind == PREFERENCE:
            preference.append(preference_section(rows, names, seed, counts))
        elif kind in _ORDERS:
            ordered[str(kind)].append(ranked_section(rows, names, seed, counts))
        else:
            apart[str(kind)].append(_abx(rows, counts, _GUESSED[str(kind)]))
    return Trials(
        preference=preference,
        abx=apart[ABX],
        ranking=ordered[RANKING],
        best=ordered[BEST],
        triangle=apart[TRIANGLE],
        thresholds=threshold_sections(tracks),
    )


def _names(rows: pd.DataFrame, systems: Sequence[str]) -> tuple[str, ...]:
    there = set(rows["system_a"]) | set(rows["system_b"])
    known = tuple(name for name in systems if name in there)
    return known + tuple(sorted(there.difference(known)))


# What is told apart

CHANCE = 0.5
"""Of a right answer in ABX by guessing."""


@dataclass(frozen=True, slots=True)
class _Guessed:
    """Chance of a right guess, and the shares of right answers behind a d' of two strategies."""

    chance: float
    share_of: Callable[[float], float]
    share_by_differences: Callable[[float], float]
    heard: tuple[str, ...] = _HEARD


_GUESSED = {
    ABX: _Guessed(CHANCE, abx_share, abx_share_by_differences),
    TRIANGLE: _Guessed(1 / 3, triangle_share, triangle_share, (*_HEARD, THIRD)),
}


def _abx(rows: pd.DataFrame, counts: TrialCounts, guessed: _Guessed) -> Abx:
    heard = rows[list(guessed.heard)].astype(str)
    ordered = rows.assign(first=heard.min(axis=1), second=heard.max(axis=1))

    def told_apart(some: pd.DataFrame) -> ToldApart:
        return _told_apart(some, guessed)

    pairs = [
        PairToldApart(a=str(a), b=str(b), p_holm=math.nan, **asdict(told_apart(part)))
        for (a, b), part in ordered.groupby(["first", "second"], sort=True)
    ]
    p_holm = adjusted([row.p for row in pairs])
    return Abx(
        **asdict(counts),
        chance=guessed.chance,
        overall=told_apart(rows),
        heard_by=_heard_by(rows, guessed.chance),
        mixed_logit=section(lambda: _right_logit(ordered, guessed.chance)),
        pairs=[replace(row, p_holm=p) for row, p in zip(pairs, p_holm, strict=True)],
        participants=[
            ParticipantToldApart(participant=str(name), **asdict(told_apart(part)))
            for name, part in rows.groupby("participant", sort=True)
        ],
    )


def _told_apart(rows: pd.DataFrame, guessed: _Guessed) -> ToldApart:
    right, n = int(rows["correct"].sum()), len(rows)
    found = better_than_guessing(right, n, guessed.chance)
    return ToldApart(
        n=n,
        n_right=right,
        **asdict(found),
        n_participants=int(rows["participant"].nunique()),
        d_prime=d_prime_of(found.share, guessed.share_of),
        d_prime_low=d_prime_of(found.ci_low, guessed.share_of),
        d_prime_high=d_prime_of(found.ci_high, guessed.share_of),
        d_prime_differencing=d_prime_of(found.share, guessed.share_by_differences),
    )


def _right_logit(rows: pd.DataFrame, chance: float) -> RightLogit:
    pairs = list(zip(rows["first"].astype(str), rows["second"].astype(str), strict=True))
    named = sorted(set(pairs))
    x = np.array([[pair == each for each in named] for pair in pairs], dtype=float)
    y = rows["correct"].to_numpy(dtype=float)
    factors = rows[["participant", "song"]].astype(str)
    model = fit_mixed_logit(y, x, [f"{a} – {b}" for a, b in named], factors)
    found = []
    for (a, b), row in zip(named, np.eye(len(named)), strict=True):
        estimate, se, p = model.at(row, float(stats.logistic.ppf(chance)))
        found.append(RightOdds(a, b, estimate, se, float(stats.logistic.cdf(estimate)), p))
    return RightLogit(found, model.sd["participant"], model.sd["song"], model.log_likelihood)


def _heard_by(rows: pd.DataFrame, chance: float) -> HeardBy:
    trials = rows.groupby("participant").size().tolist()
    return HeardBy(heard_by_at_most(int(rows["correct"].sum()), trials, chance), HEARS)
