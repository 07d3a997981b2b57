"""Right answers in ABX and triangle trials: by pair, by participant, in a mixed logit model.

**Conventions.** As usual for ABX and triangle trials, the binomial test treats the trials as
independent. The mixed logit model has random listeners and songs.
"""

from __future__ import annotations

import math
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.discrimination.heard_by import HEARS, heard_by_at_most, of_the_only_pair
from analysis.discrimination.paradigms import Paradigm, d_prime_of
from analysis.findings.discrimination.told_apart import (
    Abx,
    HeardBy,
    PairToldApart,
    ParticipantToldApart,
    RightLogit,
    RightOdds,
    ToldApart,
)
from analysis.findings.sections import PairNotEstimable, TrialCounts
from analysis.mixed_model.mixed_logit import fit_mixed_logit
from analysis.statistics.estimable import section
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.paired_comparison import better_than_guessing


def told_apart_section(rows: pd.DataFrame, paradigm: Paradigm, counts: TrialCounts) -> Abx:
    """Results of the trials in one part of the study, for one attribute.

    Parameters
    ----------
    rows
        One trial per row, in the columns of `analysis.trial_columns`; ``correct`` is 1 or 0.
    paradigm
        Of the trials.
    counts
        Numbers of trials, participants and songs.
    """
    heard = rows[list(paradigm.heard)].astype(str)
    # In trials with two stimuli, the cell of the third stimulus is empty.
    heard = heard.replace("", np.nan).ffill(axis=1)
    ordered = rows.assign(first=heard.min(axis=1), second=heard.max(axis=1))
    pairs = [
        PairToldApart(
            a=str(a), b=str(b), p_holm=math.nan, heard_by=_heard_by(part, paradigm.chance),
            **asdict(_told_apart(part, paradigm)),
        )
        for (a, b), part in ordered.groupby(["first", "second"], sort=True)
    ]  # fmt: skip
    p_holm = adjusted([row.p for row in pairs])
    return Abx(
        **asdict(counts),
        chance=paradigm.chance,
        overall=_told_apart(rows, paradigm),
        heard_by=of_the_only_pair([row.heard_by for row in pairs]),
        mixed_logit=section(lambda: _right_logit(ordered, paradigm.chance)),
        pairs=[replace(row, p_holm=p) for row, p in zip(pairs, p_holm, strict=True)],
        participants=[
            ParticipantToldApart(participant=str(name), **asdict(_told_apart(part, paradigm)))
            for name, part in rows.groupby("participant", sort=True)
        ],
    )


def _told_apart(rows: pd.DataFrame, paradigm: Paradigm) -> ToldApart:
    right, n = int(rows["correct"].sum()), len(rows)
    found = better_than_guessing(right, n, paradigm.chance)
    return ToldApart(
        n=n,
        n_right=right,
        **asdict(found),
        n_participants=int(rows["participant"].nunique()),
        d_prime=d_prime_of(found.share, paradigm.share_of),
        d_prime_low=d_prime_of(found.ci_low, paradigm.share_of),
        d_prime_high=d_prime_of(found.ci_high, paradigm.share_of),
        d_prime_differencing=d_prime_of(found.share, paradigm.share_by_differences),
    )


def _right_logit(rows: pd.DataFrame, chance: float) -> RightLogit:
    """Model of pairs with right and wrong answers; for other pairs, no estimate is finite."""
    kept, left_out = without_alike(rows, rows["correct"], ("right", "wrong"))
    pairs = list(zip(kept["first"].astype(str), kept["second"].astype(str), strict=True))
    named = sorted(set(pairs))
    x = np.array([[pair == each for each in named] for pair in pairs], dtype=float)
    y = kept["correct"].to_numpy(dtype=float)
    factors = kept[["participant", "song"]].astype(str)
    model = fit_mixed_logit(y, x, [f"{a} – {b}" for a, b in named], factors)
    found = []
    for (a, b), row in zip(named, np.eye(len(named)), strict=True):
        estimate, se, p = model.at(row, float(stats.logistic.ppf(chance)))
        found.append(RightOdds(a, b, estimate, se, float(stats.logistic.cdf(estimate)), p))
    sd = model.sd
    return RightLogit(found, sd["participant"], sd["song"], model.log_likelihood, left_out)


def without_alike(
    rows: pd.DataFrame, answers: pd.Series, called: tuple[str, str]
) -> tuple[pd.DataFrame, list[PairNotEstimable]]:
    """Trials of pairs with both kinds of answers; pairs whose answers are all of one kind.

    Parameters
    ----------
    rows
        One row for each trial, with the columns ``first``, ``second`` and participant.
    answers
        Answer of each trial, 1 or 0.
    called
        Names that are used for the answers 1 and 0.
    """
    groups = answers.astype(float).groupby([rows["first"], rows["second"]])
    is_alike = groups.transform("min") == groups.transform("max")
    found = []
    for (a, b), part in rows[is_alike].groupby(["first", "second"], sort=True):
        one = called[0] if answers[part.index].astype(bool).all() else called[1]
        found.append(
            PairNotEstimable(
                f"All {len(part)} answers to this pair were {one}, so the odds would be infinite.",
                a=str(a), b=str(b), n=int(part["participant"].nunique()),
            )
        )  # fmt: skip
    if len(is_alike) and is_alike.all():
        return rows, []  # the fit of the mixed logit model gives the reason why it is impossible
    return rows[~is_alike], found


def _heard_by(rows: pd.DataFrame, chance: float) -> HeardBy:
    """Bound of one pair, from the pair's trials."""
    trials = rows.groupby("participant").size().tolist()
    return HeardBy(heard_by_at_most(int(rows["correct"].sum()), trials, chance), HEARS)
