"""Same-different trials: hits and false alarms by pair and participant; mixed logit model.

**Conventions.** In a *same trial* of a pair, one of its two systems was played twice. Each same
trial counts for every pair that contains its system. In each row of a result, d' is computed from
all answers of the row, as if they had one criterion. The exact test and the mixed logit model allow
participants to have different criteria. The mixed logit model describes the criteria by random
effects of listeners. The mixed logit model tests whether the odds of "different" are higher for
different pairs than for same pairs.

Notes
-----
How often a listener who hears no difference says "different" depends on the listener's criterion. A
same-different trial has no fixed probability of a right guess. The bound on the share of listeners
who hear (:mod:`analysis.discrimination.heard_by`) therefore needs a model of guessing. In the model
of guessing, listeners who do not hear the difference say "different" equally often to different
pairs and to same pairs. The rate of answers "different" without hearing a difference is estimated
from the false alarms. For the false alarms, the bound uses Clopper and Pearson's one-sided lower
limit of their rate. For the hits, it uses mixtures of binomial distributions. The error probability
is divided equally between the limit of the rate and the bound for the hits. The lower limit is the
safe choice: if fewer hits are guesses, more hits are attributed to hearing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy import stats

from analysis.discrimination.differencing import SaidOfPairs, exact_p
from analysis.discrimination.heard_by import HEARS, LEVEL, heard_by_at_most, of_the_only_pair
from analysis.discrimination.told_apart import without_alike
from analysis.findings.discrimination.same_different import (
    DifferentLogit,
    DifferentOdds,
    HeardBeyondFalseAlarms,
    PairToldSame,
    ParticipantToldSame,
    SaidDifferent,
    SameDifferent,
    ToldSame,
)
from analysis.findings.sections import TrialCounts
from analysis.mixed_model.mixed_logit import fit_mixed_logit
from analysis.statistics.estimable import NotEstimableError, section
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.paired_comparison import better_than_guessing
from analysis.trial_columns import DIFFERENT

Pair = tuple[str, str]
Told = TypeVar("Told", bound=ToldSame)


def same_different_section(
    rows: pd.DataFrame, _systems: Sequence[str], _seed: int, counts: TrialCounts
) -> SameDifferent:
    """Results of the same-different trials in one part of the study.

    Parameters
    ----------
    rows
        One row for each same-different trial, with the columns of `analysis.trial_columns`.
    counts
        Numbers of trials, participants and songs.
    """
    heard = rows[["system_a", "system_b"]].astype(str)
    table = rows.assign(
        first=heard.min(axis=1), second=heard.max(axis=1),
        is_pair=heard["system_a"] != heard["system_b"],
        said=rows["answer"] == DIFFERENT,
    )  # fmt: skip
    named = _pairs_of(table)
    pairs = [_pair(_of_pair(table, each), each) for each in named]
    p_holm = adjusted([row.p for row in pairs])
    return SameDifferent(
        **asdict(counts),
        overall=_told(table, ToldSame),
        heard_by=of_the_only_pair([row.heard_by for row in pairs]),
        mixed_logit=section(lambda: _different_logit(table)),
        pairs=[replace(row, p_holm=p) for row, p in zip(pairs, p_holm, strict=True)],
        participants=[
            _told(part, ParticipantToldSame, participant=str(name))
            for name, part in table.groupby("participant", sort=True)
        ],
    )


def _pairs_of(table: pd.DataFrame) -> list[Pair]:
    """Pairs of different systems, in alphabetical order."""
    different = table[table["is_pair"]]
    return sorted(set(zip(different["first"], different["second"], strict=True)))


def _of_pair(table: pd.DataFrame, pair: Pair) -> pd.DataFrame:
    """Trials with both systems of a pair, and trials in which one of the two was played twice."""
    return table[table["first"].isin(pair) & table["second"].isin(pair)]


def _counted(rows: pd.DataFrame) -> SaidOfPairs:
    different, same = rows.loc[rows["is_pair"], "said"], rows.loc[~rows["is_pair"], "said"]
    return SaidOfPairs(int(different.sum()), len(different), int(same.sum()), len(same))


def _pair(rows: pd.DataFrame, pair: Pair) -> PairToldSame:
    a, b = pair
    bound = section(lambda: _heard_by(rows))
    return _told(rows, PairToldSame, a=a, b=b, p_holm=math.nan, heard_by=bound)


def _told(rows: pd.DataFrame, kind: Callable[..., Told], **own: object) -> Told:
    """Record of the answers in the given rows; it also has the fields of its own kind of record."""
    counted = _counted(rows)
    low, high = counted.interval()
    return kind(
        hits=_said(counted.n_hits, counted.n_different),
        false_alarms=_said(counted.n_false_alarms, counted.n_same),
        p=exact_p([_counted(each) for _, each in rows.groupby("participant")]),
        n_participants=int(rows["participant"].nunique()),
        d_prime=counted.d_prime(),
        d_prime_low=low,
        d_prime_high=high,
        **own,
    )


def _said(n_different: int, n: int) -> SaidDifferent:
    if n == 0:
        return SaidDifferent(0, 0, math.nan, math.nan, math.nan)
    found = better_than_guessing(n_different, n)
    return SaidDifferent(n, n_different, found.share, found.ci_low, found.ci_high)


def _different_logit(table: pd.DataFrame) -> DifferentLogit:
    """Logit P("different") = a + b of the pair (0 for same pairs) + listener + song."""
    _need_both(_counted(table))
    different = table[table["is_pair"]]
    kept, left_out = without_alike(different, different["said"], ('"different"', '"same"'))
    rows = pd.concat([table[~table["is_pair"]], kept]).sort_index()
    named = _pairs_of(rows)
    pairs = list(zip(rows["first"], rows["second"], strict=True))
    x = np.array([[True, *(pair == each for each in named)] for pair in pairs], dtype=float)
    names = ["same", *(f"{a} – {b}" for a, b in named)]
    factors = rows[["participant", "song"]].astype(str)
    model = fit_mixed_logit(rows["said"].to_numpy(dtype=float), x, names, factors)
    same = float(model.coefficients[0])
    found = []
    for (a, b), row in zip(named, np.eye(len(names))[1:], strict=True):
        estimate, se, p = model.at(row)
        found.append(DifferentOdds(a, b, estimate, se, _chance(same + estimate), p))
    sd = model.sd
    return DifferentLogit(
        found, _chance(same), sd["participant"], sd["song"], model.log_likelihood, left_out
    )  # fmt: skip


def _chance(logits: float) -> float:
    return float(stats.logistic.cdf(logits))


def _heard_by(table: pd.DataFrame) -> HeardBeyondFalseAlarms:
    """Bound for one pair; it uses the pair's different trials and same trials."""
    counted = _counted(table)
    _need_both(counted)
    error = (1 - LEVEL) / 2
    guessed = lowest_share(counted.n_false_alarms, counted.n_same, error)
    trials = table[table["is_pair"]].groupby("participant").size().tolist()
    at_most = heard_by_at_most(counted.n_hits, trials, guessed, HEARS, 1 - error)
    return HeardBeyondFalseAlarms(at_most, HEARS, guessed)


def lowest_share(k: int, n: int, error: float) -> float:
    """Clopper and Pearson's one-sided lower limit of a share, observed as k of n."""
    return float(stats.beta.ppf(error, k, n - k + 1)) if k > 0 else 0.0


def _need_both(counted: SaidOfPairs) -> None:
    if not counted.is_compared:
        kind = "different" if counted.n_different == 0 else "same"
        raise NotEstimableError(f"No pair was {kind}, so there is nothing to compare with.")
