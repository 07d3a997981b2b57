"""Strengths as records of the findings: ranks, pairs, omnibus test, groups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import nan
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy import stats

from analysis.choices.choice_model import Fitted
from analysis.choices.comparable import SetApart
from analysis.choices.strengths import (
    ModelStrengths,
    between_groups,
    is_any_different,
    model_strengths,
)
from analysis.findings.sections import NotEstimable
from analysis.findings.trials import (
    EqualStrengths,
    GroupsDiffer,
    GroupStrengths,
    Strength,
    StrengthDifference,
    StrengthFit,
    StrengthModel,
    SystemApart,
)
from analysis.statistics.estimable import NotEstimableError, section
from analysis.statistics.multiplicity import adjusted

S = TypeVar("S", bound=StrengthModel)
Fit = Callable[[Sequence[str]], ModelStrengths]
"""Function that fits strengths to the answers of the given listeners."""

TOO_FEW = "Some system won or lost every comparison with the others."


def told(
    record: Callable[..., S],
    found: ModelStrengths,
    apart: Sequence[SetApart],
    groups: Mapping[str, str],
    fit: Fit,
    seed: int,
) -> S:
    """Function that returns a `StrengthModel`, or a record with additional fields.

    Parameters
    ----------
    record
        Function that makes the record from the fields of a `StrengthModel`.
    found
        Strengths of all listeners together.
    apart
        Systems without one.
    groups
        Group of each listener, in the order of the model's scores.
    fit
        Function that fits the model to some of the listeners.
    seed
        Of the permutations.
    """
    return record(
        strengths=strength_rows(found),
        pairs=_pair_rows(found),
        omnibus=section(lambda: _omnibus(found)),
        apart=[SystemApart(each.system, each.why) for each in apart],
        fit=_fit(found.model),
        groups=_groups(found, groups, fit, seed),
    )


def groups_of(rows: pd.DataFrame) -> dict[str, str]:
    """Group of each participant, sorted by participant; empty if the table lacks groups."""
    groups = rows["group"] if "group" in rows else pd.Series("", index=rows.index)
    of = dict(zip(rows["participant"].astype(str), groups.fillna("").astype(str), strict=True))
    return dict(sorted(of.items()))


def strengths_of(systems: Sequence[str], model: Fitted) -> ModelStrengths:
    """Strengths, from a model that has at least two systems.

    Raises
    ------
    NotEstimableError
        The model has only one listener, or only one system.
    """
    if len(systems) < 2:
        raise NotEstimableError(TOO_FEW)
    return model_strengths(systems, model)


def strength_rows(found: ModelStrengths) -> list[Strength]:
    """Strength of each system and its rank."""
    ranks = stats.rankdata(-np.round(found.values, 9), method="min")
    rows = []
    for system, rank in zip(found.systems, ranks, strict=True):
        one = found.strength(system)
        rows.append(Strength(system, one.value, one.se, one.ci_low, one.ci_high, int(rank)))
    return rows


def chance(log_odds: float) -> float:
    """Probability that corresponds to the given log odds."""
    return float(stats.logistic.cdf(log_odds))


def _pair_rows(found: ModelStrengths) -> list[StrengthDifference]:
    rows = []
    for a, b in combinations(found.systems, 2):
        one = found.difference(a, b)
        chances = [chance(value) for value in (one.value, one.ci_low, one.ci_high)]
        rows.append(
            StrengthDifference(
                a, b, one.value, one.se, one.ci_low, one.ci_high, one.df, one.p, nan, *chances
            )
        )
    p_holm = adjusted([row.p for row in rows])
    return [replace(row, p_holm=p) for row, p in zip(rows, p_holm, strict=True)]


def _omnibus(found: ModelStrengths) -> EqualStrengths:
    test = is_any_different(found)
    return EqualStrengths(test.f, test.df, test.df_error, test.p)


def _fit(model: Fitted) -> StrengthFit:
    # A model with as many coefficients as shares fits exactly and cannot be tested.
    p = float(stats.chi2.sf(model.deviance, model.df)) if model.df > 0 else nan
    return StrengthFit(model.deviance, model.df, p)


def _groups(
    found: ModelStrengths, groups: Mapping[str, str], fit: Fit, seed: int
) -> GroupsDiffer | NotEstimable | None:
    names = list(dict.fromkeys(groups.values()))
    if len(names) < 2:
        return None

    def of_group(name: str) -> GroupStrengths:
        people = [who for who, group in groups.items() if group == name]
        return GroupStrengths(name, len(people), section(lambda: strength_rows(fit(people))))

    def differ() -> GroupsDiffer:
        test = between_groups(found, list(groups.values()), seed)
        rows = [of_group(name) for name in sorted(names)]
        return GroupsDiffer(test.statistic, test.p, test.n_permutations, rows)

    return section(differ)
