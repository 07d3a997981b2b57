"""Do listener groups hear differently? Tests of group x system on participant means.

**Conventions.** A difference between groups is never inferred from "significant in one group, not
in the other": the interaction is tested, by Welch's one-way test of each participant's difference
between two systems over groups, Holm-adjusted over pairs. Unequal group sizes and variances are
allowed.
"""

from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods.base import Method, MethodInput, with_groups
from analysis.statistics.anova import mixed_anova
from analysis.statistics.effect_sizes import cliffs_delta
from analysis.statistics.estimable import NotEstimableError, is_estimated, not_estimable, section
from analysis.statistics.paired import friedman
from analysis.statistics.pairs import Pair, common_means, per_pair

Row = dict[str, Any]


def groups_section(
    cells: pd.DataFrame, group_of: pd.Series, lmm: Any, seed: int, n_draws: int
) -> Row:
    """Section `groups` of docs/results.md.

    Parameters
    ----------
    cells
        Participants x (system, song), or participants x systems.
    group_of
        Group of each participant, two or more groups.
    lmm
        The attribute's `lmm` section.
    seed, n_draws
        Of the bootstrap intervals.

    Returns
    -------
    dict
        See docs/results.md.
    """
    complete = common_means(cells).dropna(axis=1, how="all").dropna()
    welch = section(lambda: welch_rows(cells, group_of))
    p_holm = [row["p_holm"] for row in welch if "p_holm" in row] if is_estimated(welch) else []
    return {
        "status": "ok",
        "interaction": _interaction(lmm),
        "mixed_anova": section(lambda: _mixed_anova(complete, group_of)),
        "welch": welch,
        "welch_omnibus_p": min(p_holm) if p_holm else None,
        "friedman": [_friedman(complete, group_of, g) for g in sorted(group_of.unique())],
        "cliffs_delta": _cliffs_delta(_own_means(cells), group_of, seed, n_draws),
    }


def _own_means(cells: pd.DataFrame) -> pd.DataFrame:
    """Mean of each participant and system over the songs rated."""
    return cells if cells.columns.nlevels == 1 else cells.T.groupby(level=0).mean().T


def _interaction(lmm: Any) -> Row:
    if not is_estimated(lmm):
        return dict(lmm)
    test = lmm["omnibus"].get("group:system")
    if test is None:
        return not_estimable(str(lmm.get("why_no_groups") or "The model has no groups."))
    return {"status": "ok", **test}


def _mixed_anova(complete: pd.DataFrame, group_of: pd.Series) -> Row:
    groups = group_of.reindex(complete.index)
    return {key: asdict(e) for key, e in mixed_anova(complete.to_numpy(), groups).items()}


def welch_rows(cells: pd.DataFrame, group_of: pd.Series) -> list[Row]:
    """Welch's test of each pair's difference over groups, Holm over pairs.

    Parameters
    ----------
    cells
        Participants x (system, song), or participants x systems.
    group_of
        Group of each participant.

    Returns
    -------
    list of dict
        `a, b, n, f, df1, df2, p, p_holm, differences`.
    """
    names = sorted(group_of.unique())

    def test(pair: Pair) -> Row:
        groups = group_of.reindex(pair.participants).to_numpy()
        return _welch({str(name): pair.d[groups == name] for name in names})

    return per_pair(cells, test)


def _welch(samples: dict[str, Any]) -> Row:
    for group, sample in samples.items():
        if len(sample) < 2:
            raise NotEstimableError(f"Group {group} has fewer than two participants here.")
        if np.ptp(sample) < 1e-9:
            raise NotEstimableError(f"In group {group} every difference is the same.")
    f, df1, df2, p = welch_one_way(list(samples.values()))
    differences = [
        {"group": g, "n": len(s), "mean": float(s.mean()), "sd": float(s.std(ddof=1))}
        for g, s in samples.items()
    ]
    return {"f": f, "df1": df1, "df2": df2, "p": p, "differences": differences}


def welch_one_way(samples: list[Any]) -> tuple[float, int, float, float]:
    """Welch's one-way test of equal means with unequal variances.

    Parameters
    ----------
    samples
        Two or more arrays, each with two or more values that are not all equal.

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


def _friedman(complete: pd.DataFrame, group_of: pd.Series, group: str) -> Row:
    part = complete[group_of.reindex(complete.index) == group].to_numpy(dtype=float)

    def test() -> Row:
        found = friedman(part)
        return {"chi2": found.chi2, "df": found.df, "p": found.p, "kendall_w": found.kendall_w}

    return {"group": group, "n": len(part), **section(test)}


def _cliffs_delta(means: pd.DataFrame, group_of: pd.Series, seed: int, n_draws: int) -> list[Row]:
    rows = []
    for system in means.columns:
        own = means[system].dropna()
        groups = group_of.reindex(own.index)
        for a, b in combinations(sorted(groups.unique()), 2):
            row = {"system": str(system), "group_a": str(a), "group_b": str(b)}
            found = cliffs_delta(own[groups == a], own[groups == b], seed, n_draws)
            rows.append(row | asdict(found))
    return rows


def _compute(given: MethodInput) -> Any:
    settings = given.settings
    lmm = given.found[settings.model]
    return groups_section(given.cells, given.group_of, lmm, settings.seed, settings.n_bootstrap)


METHOD = Method(place=120, compute=_compute, applies=with_groups)
