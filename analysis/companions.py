"""The companion tests of one attribute, pair by pair, in the form of docs/results.md.

Each function takes the table of participant means (rows participants, columns systems in
alphabetical order) and returns rows with differences a - b, pair by pair (:mod:`analysis.pairs`);
tests over all systems use the participants who rated all of them.
"""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.anova import hotelling, itu_choice, rm_anova
from analysis.effect_sizes import eta_squared_intervals, paired_effects, pigeonhole
from analysis.equivalence import (
    interval_bayes_factor,
    jzs_bayes_factor,
    tost,
    verdict,
)
from analysis.estimable import NotEstimableError, section
from analysis.multiplicity import adjusted
from analysis.paired import (
    friedman,
    friedman_permutation_p,
    hodges_lehmann,
    sign_flip,
    wilcoxon,
)
from analysis.pairs import Pair, per_pair

Row = dict[str, Any]
Floats = NDArray[np.float64]

PERMUTE_BELOW_N = 10
"""With fewer participants Friedman's chi-squared is not trusted and a permutation p is added."""


def friedman_row(means: pd.DataFrame, seed: int) -> Row:
    """Section `friedman`."""
    complete = complete_means(means)
    found = friedman(complete)
    few = found.n < PERMUTE_BELOW_N
    return {
        "status": "ok",
        "n": found.n,
        "chi2": found.chi2,
        "df": found.df,
        "p": found.p,
        "kendall_w": found.kendall_w,
        "f": found.f,
        "f_df1": found.f_df1,
        "f_df2": found.f_df2,
        "f_p": found.f_p,
        "p_permutation": friedman_permutation_p(complete, seed) if few else None,
        "mean_ranks": dict(
            zip(means.dropna(axis=1, how="all").columns, found.mean_ranks, strict=True)
        ),
    }


def complete_means(means: pd.DataFrame) -> Floats:
    """Means of the participants who rated all systems, as an array of at least 2 x 2.

    Raises
    ------
    NotEstimableError
        When fewer than two systems or two such participants are left.
    """
    rated = means.dropna(axis=1, how="all")
    if rated.shape[1] < 2:
        raise NotEstimableError("There is only one system, so there is nothing to compare.")
    complete = rated.dropna().to_numpy(dtype=float)
    if len(complete) < 2:
        raise NotEstimableError("Fewer than two participants rated every system.")
    return complete


def paired_t_rows(means: pd.DataFrame) -> list[Row]:
    """Section `paired_t`."""
    return per_pair(means, lambda pair: paired_t(pair.x, pair.y))


def paired_t(x: Floats, y: Floats) -> Row:
    """Student's paired t test with its 95 % interval.

    Parameters
    ----------
    x, y
        Means of the same participants, in points.

    Returns
    -------
    dict
        `estimate, se, df, t, p, ci_low, ci_high` of x - y.

    Raises
    ------
    NotEstimableError
        When all differences are equal: there is no error to measure against.
    """
    d = x - y
    n = len(d)
    se = spread(d) / np.sqrt(n)
    estimate, half = float(d.mean()), float(stats.t.ppf(0.975, n - 1) * se)
    t = estimate / se
    return {
        "estimate": estimate,
        "se": float(se),
        "df": n - 1,
        "t": float(t),
        "p": float(2 * stats.t.sf(abs(t), n - 1)),
        "ci_low": estimate - half,
        "ci_high": estimate + half,
    }


def spread(differences: Floats) -> float:
    """Sample standard deviation of differences, refused where it is zero.

    Raises
    ------
    NotEstimableError
        When there are fewer than two or they are all equal, up to rounding noise.
    """
    if len(differences) < 2:
        raise NotEstimableError("One participant gives no measure of error.")
    if np.ptp(differences) < 1e-9:
        raise NotEstimableError(
            "Every participant has the same difference, so there is no error to measure it against."
        )
    return float(differences.std(ddof=1))


def wilcoxon_rows(means: pd.DataFrame) -> list[Row]:
    """Section `wilcoxon`."""

    def test(pair: Pair) -> Row:
        found, shift = wilcoxon(pair.d), hodges_lehmann(pair.d)
        return {
            "n_zero": found.n_zero,
            "v": found.v,
            "p_exact": found.p,
            "method": found.method,
            "hodges_lehmann": shift.estimate,
            "ci_low": shift.ci_low,
            "ci_high": shift.ci_high,
            "coverage": shift.coverage,
            "rank_biserial": found.rank_biserial,
        }

    return per_pair(means, test, p="p_exact")


def sign_flip_rows(means: pd.DataFrame, seed: int) -> list[Row]:
    """Section `sign_flip`."""

    def test(pair: Pair) -> Row:
        p, method, n_patterns = sign_flip(pair.d, seed)
        return {"p": p, "method": method, "n_patterns": n_patterns}

    return per_pair(means, test)


def tost_rows(means: pd.DataFrame, margin: float) -> list[Row]:
    """Section `tost`: whether each difference lies within the margin, and the verdict."""

    def test(pair: Pair) -> Row:
        t, n = paired_t(pair.x, pair.y), len(pair.d)
        found = tost(t["estimate"], t["se"], t["df"], margin)
        bf10 = jzs_bayes_factor(t["t"], n)
        inside, outside = interval_bayes_factor(t["t"], n, margin / spread(pair.d))
        return {
            "estimate": t["estimate"],
            "se": t["se"],
            "df": t["df"],
            **vars(found),
            "p_difference": t["p"],
            "bf10": bf10,
            "bf01": 1 / bf10,
            "bf_interval": inside / outside if outside > 0 else float("inf"),
        }

    rows = per_pair(means, test, p=None)
    raw = [row.get("p_difference", np.nan) for row in rows]
    for row, p_holm in zip(rows, adjusted(raw), strict=True):
        if "p" in row:
            row["p_difference_holm"] = p_holm
            row["verdict"] = verdict(p_holm, row["p"])
    return rows


def rm_anova_row(means: pd.DataFrame, seed: int, n_bootstrap: int) -> Row:
    """Section `rm_anova`."""
    complete = complete_means(means)
    n, k = complete.shape
    effect, shape = rm_anova(complete)
    partial, general = eta_squared_intervals(complete, seed, n_bootstrap)
    return {
        "status": "ok",
        "n": n,
        **asdict(effect),
        "mauchly_w": shape.mauchly_w,
        "mauchly_p": shape.mauchly_p,
        "eta2_p_ci_low": partial[0],
        "eta2_p_ci_high": partial[1],
        "eta2_g_ci_low": general[0],
        "eta2_g_ci_high": general[1],
        "hotelling": section(lambda: asdict(hotelling(complete))),
        "itu_choice": itu_choice(n, k, effect.hf_epsilon),
    }


def effect_size_rows(rows: pd.DataFrame, means: pd.DataFrame, seed: int, n_draws: int) -> list[Row]:
    """Section `effect_sizes`: participants resampled, and participants with songs for points."""
    cells = rows.pivot_table(
        index="participant", columns=["system", "song"], values="rating", aggfunc="mean"
    )
    wide = {system: cells[system] for system in cells.columns.get_level_values(0).unique()}

    def test(pair: Pair) -> Row:
        effects = paired_effects(pair.x, pair.y, seed, n_draws)
        found: Row = {key: asdict(effect) for key, effect in effects.items()}
        first, second = wide[pair.a], wide[pair.b]
        songs = first.columns.intersection(second.columns)
        d = (first[songs] - second[songs]).to_numpy(dtype=float)
        found["pigeonhole"] = section(
            lambda: dict(zip(("ci_low", "ci_high"), pigeonhole(d, seed, n_draws), strict=True))
        )
        return found

    return per_pair(means, test, p=None)
