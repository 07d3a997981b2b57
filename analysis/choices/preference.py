"""Preference trials: how often each system of a pair was chosen, and a model of all pairs.

**Conventions.** A tie counts as half a win for each side, in shares and in tables of wins. The
model (Davidson's, :mod:`analysis.choices.davidson`) has a separate probability for ties. The trials
of a participant are not independent. To test the share of a pair, all answers of randomly selected
participants are reversed together. For the interval of the share, participants are drawn again at
random, each with all answers. The model's standard errors allow answers of the same participant to
be correlated. All results hold only for the songs of the study.

References
----------
.. [1] Kendall & Babington Smith (1940), On the method of paired comparisons (circular triads).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.choices.choice_model import Floats
from analysis.choices.comparable import comparable
from analysis.choices.davidson import PairModel, fit_pairs, stand_both_ways
from analysis.choices.strengths import ModelStrengths
from analysis.choices.told import TOO_FEW, chance, groups_of, strengths_of, told
from analysis.findings.sections import TrialCounts
from analysis.findings.trials import (
    BradleyTerry,
    Consistency,
    OrderEffect,
    Preference,
    PreferredPair,
    TieOdds,
    Wins,
)
from analysis.statistics.effect_sizes import percentiles
from analysis.statistics.estimable import NotEstimableError, section
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.paired import sign_flip

N_DRAWS = 1000


def preference_section(
    rows: pd.DataFrame, systems: Sequence[str], seed: int, counts: TrialCounts
) -> Preference:
    """Results of the preference trials in one part of the study, for one attribute.

    Parameters
    ----------
    rows
        One preference trial per row, with the columns of `analysis.trial_columns` and, if known,
        the column group.
    systems
        All systems that occur, in the order in which they are displayed.
    seed
        Seed of resampling and permutations.
    counts
        Numbers of trials, participants and songs.
    """
    people = sorted(rows["participant"].astype(str).unique())
    tables = wins_of(rows, systems, people)
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
        bradley_terry=section(lambda: _model(rows, systems, total, seed)),
        consistency=_consistency(rows),
    )


def wins_of(rows: pd.DataFrame, systems: Sequence[str], people: Sequence[str]) -> Floats:
    """Wins of the row's system over the column's system, shape (n_participants, k, k)."""
    place = {name: index for index, name in enumerate(systems)}
    who = {name: index for index, name in enumerate(people)}
    tables = np.zeros((len(people), len(systems), len(systems)))
    share_a = rows["answer"].map({"a": 1.0, "b": 0.0, "tie": 0.5})
    entries = zip(rows["participant"], rows["system_a"], rows["system_b"], share_a, strict=True)
    for participant, a, b, share in entries:
        tables[who[str(participant)], place[a], place[b]] += share
        tables[who[str(participant)], place[b], place[a]] += 1 - share
    return tables


def _model(rows: pd.DataFrame, systems: Sequence[str], total: Floats, seed: int) -> BradleyTerry:
    kept, apart = comparable(total, systems)
    if len(kept) < 2:
        raise NotEstimableError(TOO_FEW)
    inside = rows[rows["system_a"].isin(kept) & rows["system_b"].isin(kept)]
    with_order = stand_both_ways(inside)
    groups = groups_of(inside)

    def fit(people: Sequence[str]) -> PairModel:
        some = inside[inside["participant"].astype(str).isin(people)]
        return fit_pairs(some, kept, people, with_order=with_order)

    def of(people: Sequence[str]) -> ModelStrengths:
        return strengths_of(kept, fit(people).model)

    pairs = fit(list(groups))
    found = strengths_of(kept, pairs.model)
    ties, order = _ties(found, pairs.tie), _order(found, pairs.order)
    return told(partial(BradleyTerry, ties=ties, order=order), found, apart, groups, of, seed)


def _coefficient(found: ModelStrengths, place: int) -> Floats:
    row = np.zeros(len(found.model.theta))
    row[place] = 1.0
    return row


def _ties(found: ModelStrengths, place: int | None) -> TieOdds | None:
    if place is None:
        return None
    one = found.of(_coefficient(found, place))
    odds = math.exp(one.value)
    return TieOdds(one.value, one.se, one.ci_low, one.ci_high, odds / (2 + odds))


def _order(found: ModelStrengths, place: int | None) -> OrderEffect | None:
    if place is None:
        return None
    one = found.of(_coefficient(found, place))
    return OrderEffect(one.value, one.se, one.ci_low, one.ci_high, one.p, chance(one.value))


def _pairs(
    tables: Floats, systems: Sequence[str], rows: pd.DataFrame, seed: int
) -> list[PreferredPair]:
    """Share of wins of a over b, with its interval, a test over participants, and Holm's p."""
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
    """95 % percentile interval of the share of wins; whole participants are resampled."""
    if len(won) < 2:
        return float("nan"), float("nan")
    draws = np.random.default_rng(seed).integers(0, len(won), (N_DRAWS, len(won)))
    w, n = won[draws].sum(axis=1), (won + lost)[draws].sum(axis=1)
    return percentiles(w / n)


def _consistency(rows: pd.DataFrame) -> Consistency:
    """Kendall's zeta of each complete round (one participant and one song); 1 means no circle."""
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
