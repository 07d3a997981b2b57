"""Preference and ABX trials: who is preferred to whom, and what can be told apart at all.

**Conventions.** One trial a row, in the columns of :data:`TRIAL_COLUMNS` (others are kept);
``answer`` is "a", "b" or "tie", ``correct`` true or false in ABX and empty in preference. A tie is
half a win for each side. Trials of one participant hang together, so differences are tested by
flipping the sign of whole participants, and intervals resample whole participants; both speak for
these songs. The binomial test of ABX takes trials as independent, as the method's standard form
does.

References
----------
.. [1] Macmillan & Creelman (2005), Detection theory: a user's guide, chapter 9 (ABX).
.. [2] Kendall & Babington Smith (1940), On the method of paired comparisons (circular triads).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

from analysis.findings.trials import (
    Abx,
    BradleyTerry,
    Consistency,
    PairToldApart,
    ParticipantToldApart,
    Preference,
    PreferredPair,
    Strength,
    StrengthDifference,
    StrengthFit,
    ToldApart,
    TrialCounts,
    Trials,
    Wins,
)
from analysis.ratings.table import RatingsError
from analysis.statistics.effect_sizes import percentiles
from analysis.statistics.estimable import NotEstimableError, section
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.paired import sign_flip
from analysis.statistics.paired_comparison import (
    better_than_guessing,
    bradley_terry,
    resampled_strengths,
)

Floats = NDArray[np.float64]

TRIAL_COLUMNS = (
    "participant",
    "part",
    "trial_kind",
    "song",
    "attribute",
    "system_a",
    "system_b",
    "answer",
)
"""Columns that a table of trials needs; ``correct`` too where there are ABX trials."""
N_DRAWS = 1000
PREFERENCE, ABX = "preference", "abx"
"""Kinds of trials there is an analysis for: who is chosen how often, and what is recognised."""
_ANSWERS = ("a", "b", "tie")
_KINDS = (PREFERENCE, ABX)


def check_trials(trials: pd.DataFrame | None) -> pd.DataFrame:
    """Trials with every column there is need of; no rows for None.

    Raises
    ------
    RatingsError
        A column is missing, a kind or an answer is none, or an ABX trial is neither right nor
        wrong.
    """
    if trials is None:
        return pd.DataFrame(columns=[*TRIAL_COLUMNS, "correct"])
    missing = [name for name in TRIAL_COLUMNS if name not in trials]
    if missing:
        raise RatingsError(f"The table of trials lacks the columns {', '.join(missing)}.")
    table = trials.reset_index(drop=True).copy()
    table["correct"] = _right(table)
    wrong = table.loc[~table["answer"].isin(_ANSWERS), "answer"]
    if len(wrong):
        raise RatingsError(f"{wrong.iloc[0]!r} is no answer of a trial; there are a, b and tie.")
    odd = table.loc[~table["trial_kind"].isin(_KINDS), "trial_kind"]
    if len(odd):
        raise RatingsError(f"{odd.iloc[0]!r} is no kind of trial; there are preference and abx.")
    if table.loc[table["trial_kind"] == ABX, "correct"].isna().any():
        raise RatingsError("An ABX trial does not say whether its answer was right.")
    order = ["part", "trial_kind", "attribute", "participant", "song", "system_a", "system_b"]
    return table.sort_values(order, kind="stable").reset_index(drop=True)


def _right(table: pd.DataFrame) -> pd.Series:
    """1 where an answer names X, 0 where it does not, as yes or no or as numbers; NaN: no ABX."""
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
    abx: list[Abx] = []
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
        if kind == PREFERENCE:
            preference.append(_preference(rows, _names(rows, systems), seed, counts))
        else:
            abx.append(_abx(rows, counts))
    return Trials(preference, abx)


def _names(rows: pd.DataFrame, systems: Sequence[str]) -> tuple[str, ...]:
    there = set(rows["system_a"]) | set(rows["system_b"])
    known = tuple(name for name in systems if name in there)
    return known + tuple(sorted(there.difference(known)))


# Preference


def _preference(
    rows: pd.DataFrame, systems: tuple[str, ...], seed: int, counts: TrialCounts
) -> Preference:
    tables = _wins(rows, systems)
    total = tables.sum(axis=0)
    return Preference(
        **asdict(counts),
        systems=systems,
        n_ties=int((rows["answer"] == "tie").sum()),
        wins=[
            Wins(name, won.tolist(), float(won.sum()))
            for name, won in zip(systems, total, strict=True)
        ],
        pairs=_pairs(tables, systems, rows, seed),
        bradley_terry=section(lambda: _strengths(tables, systems, seed)),
        consistency=_consistency(rows),
    )


def _wins(rows: pd.DataFrame, systems: tuple[str, ...]) -> Floats:
    """Each participant's table of wins, shape (n_participants, k, k); row beats column."""
    people = sorted(rows["participant"].astype(str).unique())
    place = {name: index for index, name in enumerate(systems)}
    who = {name: index for index, name in enumerate(people)}
    tables = np.zeros((len(people), len(systems), len(systems)))
    share_a = rows["answer"].map({"a": 1.0, "b": 0.0, "tie": 0.5})
    entries = zip(rows["participant"], rows["system_a"], rows["system_b"], share_a, strict=True)
    for participant, a, b, share in entries:
        tables[who[str(participant)], place[a], place[b]] += share
        tables[who[str(participant)], place[b], place[a]] += 1 - share
    return tables


def _pairs(
    tables: Floats, systems: tuple[str, ...], rows: pd.DataFrame, seed: int
) -> list[PreferredPair]:
    """Share of wins of a over b with an interval and a test over participants, Holm over pairs."""
    found: list[PreferredPair] = []
    tied = Counter(map(frozenset, _compared(rows[rows["answer"] == "tie"])))
    for i, j in combinations(range(len(systems)), 2):
        won, lost = tables[:, i, j], tables[:, j, i]
        asked = won + lost > 0
        if not asked.any():
            continue
        shares = won[asked] / (won + lost)[asked]
        low, high = _share_interval(won[asked], lost[asked], seed)
        p, method, _ = sign_flip(shares - 0.5, seed)
        found.append(
            PreferredPair(
                a=systems[i], b=systems[j], n=float((won + lost).sum()),
                n_participants=int(asked.sum()),
                n_ties=tied[frozenset((systems[i], systems[j]))],
                won_a=float(won.sum()), won_b=float(lost.sum()),
                share=float(won.sum() / (won + lost).sum()),
                ci_low=low, ci_high=high, p=p, p_holm=math.nan, method=method,
            )
        )  # fmt: skip
    p_holm = adjusted([row.p for row in found])
    return [replace(row, p_holm=p) for row, p in zip(found, p_holm, strict=True)]


def _compared(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["system_a"], rows["system_b"], strict=True))


def _share_interval(won: Floats, lost: Floats, seed: int) -> tuple[float, float]:
    """95 % percentile interval of the share of wins, whole participants resampled."""
    if len(won) < 2:
        return float("nan"), float("nan")
    draws = np.random.default_rng(seed).integers(0, len(won), (N_DRAWS, len(won)))
    w, n = won[draws].sum(axis=1), (won + lost)[draws].sum(axis=1)
    return percentiles(w / n)


def _strengths(tables: Floats, systems: tuple[str, ...], seed: int) -> BradleyTerry:
    if len(tables) < 2:
        raise NotEstimableError("There is only one participant, so there is no interval.")
    fitted = bradley_terry(tables.sum(axis=0), systems)
    drawn = resampled_strengths(tables, systems, seed, N_DRAWS)
    best = dict(zip(systems, map(float, fitted.values), strict=True))
    rows = [
        Strength(name, strength, *percentiles(drawn[:, place]))
        for place, (name, strength) in enumerate(best.items())
    ]
    pairs = []
    for i, j in combinations(range(len(systems)), 2):
        low, high = percentiles(drawn[:, i] - drawn[:, j])
        odds = best[systems[i]] - best[systems[j]]
        chances = [float(stats.logistic.cdf(value)) for value in (odds, low, high)]
        pairs.append(StrengthDifference(systems[i], systems[j], odds, low, high, *chances))
    # With two systems the model repeats the one share, so there is nothing to test.
    p = float(stats.chi2.sf(fitted.deviance, fitted.df)) if fitted.df > 0 else math.nan
    return BradleyTerry(rows, pairs, StrengthFit(fitted.deviance, fitted.df, p))


def _consistency(rows: pd.DataFrame) -> Consistency:
    """Kendall's zeta of each participant's complete round on a song: 1 without circular triads."""
    zetas = []
    rounds = rows[rows["answer"] != "tie"].groupby(
        ["participant", "song", *(["replicate"] if "replicate" in rows else [])]
    )
    for _, part in rounds:
        systems = sorted(set(part["system_a"]) | set(part["system_b"]))
        k = len(systems)
        pairs = {frozenset(pair) for pair in _compared(part)}
        if k < 3 or len(part) != k * (k - 1) // 2 or len(pairs) != len(part):
            continue
        winners = part["system_a"].where(part["answer"] == "a", part["system_b"])
        won = winners.value_counts().reindex(systems, fill_value=0).to_numpy(dtype=float)
        triads = k * (k - 1) * (2 * k - 1) / 12 - float(np.sum(won**2)) / 2
        most = (k**3 - k if k % 2 else k**3 - 4 * k) / 24
        zetas.append(1 - triads / most)
    return Consistency(len(zetas), float(np.mean(zetas)) if zetas else math.nan)


# ABX


def _abx(rows: pd.DataFrame, counts: TrialCounts) -> Abx:
    ordered = rows.assign(
        first=rows[["system_a", "system_b"]].min(axis=1),
        second=rows[["system_a", "system_b"]].max(axis=1),
    )
    pairs = [
        PairToldApart(a=str(a), b=str(b), p_holm=math.nan, **asdict(_told_apart(part)))
        for (a, b), part in ordered.groupby(["first", "second"], sort=True)
    ]
    p_holm = adjusted([row.p for row in pairs])
    return Abx(
        **asdict(counts),
        overall=_told_apart(rows),
        pairs=[replace(row, p_holm=p) for row, p in zip(pairs, p_holm, strict=True)],
        participants=[
            ParticipantToldApart(participant=str(name), **asdict(_told_apart(part)))
            for name, part in rows.groupby("participant", sort=True)
        ],
    )


def _told_apart(rows: pd.DataFrame) -> ToldApart:
    right, n = int(rows["correct"].sum()), len(rows)
    found = better_than_guessing(right, n)
    return ToldApart(
        n=n,
        n_right=right,
        **asdict(found),
        n_participants=int(rows["participant"].nunique()),
        d_prime=d_prime_abx(found.share),
        d_prime_low=d_prime_abx(found.ci_low),
        d_prime_high=d_prime_abx(found.ci_high),
    )


def abx_share(d_prime: float) -> float:
    """Share of right answers of an unbiased listener in ABX, by independent observations.

    p = Phi(d'/sqrt 2) Phi(d'/2) + Phi(-d'/sqrt 2) Phi(-d'/2): the order of A and B and the kind of
    X are both judged rightly, or both wrongly.
    """
    order, kind = d_prime / np.sqrt(2), d_prime / 2
    phi = stats.norm.cdf
    return float(phi(order) * phi(kind) + phi(-order) * phi(-kind))


def d_prime_abx(share: float) -> float | None:
    """Sensitivity d' behind a share of right answers; 0 at or below .5, None at 1 (infinite)."""
    if share <= 0.5:
        return 0.0
    if share >= abx_share(8.0):
        return None
    return float(brentq(lambda value: abx_share(value) - share, 0.0, 8.0, xtol=1e-10))
