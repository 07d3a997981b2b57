"""Tests whether groups hear differently: interaction group x system, on participant means.

**Conventions.** If a result is significant in only one group, this alone never proves a difference
between groups. Only a test of the interaction group x system can prove a difference between groups.
For each pair of systems, Welch's one-way test asks whether the groups differ in the participants'
differences. Holm's method adjusts p over the pairs. Welch's test allows groups of different size
and variance.
"""

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.findings.attribute import AnyModel
from analysis.findings.omnibus import (
    CliffsDelta,
    GroupDifference,
    GroupFriedman,
    GroupNotEstimable,
    Groups,
    InteractionTest,
    WelchTest,
)
from analysis.findings.sections import NotEstimable, PairNotEstimable, rows_of
from analysis.methods.base import Method, MethodInput, with_groups
from analysis.statistics.anova import mixed_anova
from analysis.statistics.effect_sizes import cliffs_delta
from analysis.statistics.estimable import NotEstimableError, section
from analysis.statistics.paired import friedman
from analysis.statistics.pairs import Pair, common_means, per_pair, with_holm

Floats = NDArray[np.float64]


def groups_section(
    cells: pd.DataFrame,
    group_of: pd.Series,
    model: AnyModel | NotEstimable | None,
    seed: int,
    n_draws: int,
) -> Groups:
    """Section `groups` of docs/results.md.

    Parameters
    ----------
    cells
        Mean ratings, participants x (system, song), or participants x systems.
    group_of
        Group of each participant; there are at least two groups.
    model
        The attribute's primary model.
    seed, n_draws
        Number of resamples of the bootstrap intervals.
    """
    complete = common_means(cells).dropna(axis=1, how="all").dropna()
    welch = section(lambda: welch_rows(cells, group_of))
    return Groups(
        interaction=_interaction(model),
        mixed_anova=section(
            lambda: mixed_anova(complete.to_numpy(), group_of.reindex(complete.index))
        ),
        welch=welch,
        welch_omnibus_p=min((row.p_holm for row in rows_of(welch)), default=float("nan")),
        friedman=[_friedman(complete, group_of, g) for g in sorted(group_of.unique())],
        cliffs_delta=_cliffs_delta(_own_means(cells), group_of, seed, n_draws),
    )


def _own_means(cells: pd.DataFrame) -> pd.DataFrame:
    """Mean of each participant and system over the rated songs."""
    return cells if cells.columns.nlevels == 1 else cells.T.groupby(level=0).mean().T


def _interaction(model: AnyModel | NotEstimable | None) -> InteractionTest | NotEstimable:
    if model is None or isinstance(model, NotEstimable):
        return model or NotEstimable("There is no model.")
    test = model.omnibus.get("group:system")
    if test is None:
        return NotEstimable(model.why_no_groups or "The model has no groups.")
    return test if isinstance(test, NotEstimable) else InteractionTest(**vars(test))


def welch_rows(cells: pd.DataFrame, group_of: pd.Series) -> list[WelchTest | PairNotEstimable]:
    """Welch's test whether a pair's difference depends on the group; p is adjusted by Holm.

    Parameters
    ----------
    cells
        Mean ratings, participants x (system, song), or participants x systems.
    group_of
        Group of each participant.
    """
    names = sorted(group_of.unique())

    def test(pair: Pair) -> WelchTest:
        groups = group_of.reindex(pair.participants).to_numpy()
        samples = {str(name): pair.d[groups == name] for name in names}
        return WelchTest(*pair.head, *_welch(samples), _differences(samples))

    return with_holm(per_pair(cells, test), lambda row: row.p)


def _welch(samples: dict[str, Floats]) -> tuple[float, int, float, float]:
    for group, sample in samples.items():
        if len(sample) < 2:
            raise NotEstimableError(
                f"In group {group}, fewer than two participants rated both systems."
            )
        if np.ptp(sample) < 1e-9:
            raise NotEstimableError(f"In group {group} every difference is the same.")
    return welch_one_way(list(samples.values()))


def _differences(samples: dict[str, Floats]) -> list[GroupDifference]:
    return [
        GroupDifference(group, len(own), float(own.mean()), float(own.std(ddof=1)))
        for group, own in samples.items()
    ]


def welch_one_way(samples: list[Floats]) -> tuple[float, int, float, float]:
    """Welch's one-way test of equal means, for unequal variances.

    Parameters
    ----------
    samples
        Two or more arrays, each with at least two values that are not all equal.

    Returns
    -------
    tuple
        (F, df1, df2, p).

    References
    ----------
    .. [1] Welch (1951), On the comparison of several mean values: an alternative approach.
    """
    k = len(samples)
    n = np.array([len(s) for s in samples], dtype=float)
    mean = np.array([s.mean() for s in samples])
    w = n / np.array([s.var(ddof=1) for s in samples])
    centre = np.sum(w * mean) / w.sum()
    lack = float(np.sum((1 - w / w.sum()) ** 2 / (n - 1)))
    f = np.sum(w * (mean - centre) ** 2) / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * lack)
    df2 = (k**2 - 1) / (3 * lack)
    return float(f), k - 1, df2, float(stats.f.sf(f, k - 1, df2))


def _friedman(
    complete: pd.DataFrame, group_of: pd.Series, group: str
) -> GroupFriedman | GroupNotEstimable:
    part = complete[group_of.reindex(complete.index) == group].to_numpy(dtype=float)
    if len(part) < 2:
        why = f"Fewer than two participants of {group} rated every system on the same song."
        return GroupNotEstimable(why=why, group=group, n=len(part))
    found = section(lambda: friedman(part))
    if isinstance(found, NotEstimable):
        return GroupNotEstimable(why=found.why, group=group, n=len(part))
    return GroupFriedman(group, len(part), found.chi2, found.df, found.p, found.kendall_w)


def _cliffs_delta(
    means: pd.DataFrame, group_of: pd.Series, seed: int, n_draws: int
) -> list[CliffsDelta]:
    rows = []
    for system in means.columns:
        own = means[system].dropna()
        groups = group_of.reindex(own.index)
        for a, b in combinations(sorted(groups.unique()), 2):
            found = cliffs_delta(own[groups == a], own[groups == b], seed, n_draws)
            rows.append(CliffsDelta(str(system), str(a), str(b), **vars(found)))
    return rows


def _compute(given: MethodInput) -> Groups:
    settings = given.settings
    model = given.found.model(settings.model)
    return groups_section(given.cells, given.group_of, model, settings.seed, settings.n_bootstrap)


METHOD = Method(place=120, compute=_compute, applies=with_groups)
