"""The companion tests of one attribute, pair by pair, in the form of docs/results.md.

Each function takes the table of participant means (rows participants, columns systems in
alphabetical order) and returns rows with differences a - b. A pair is tested on the participants
who rated both systems; tests over all systems use the participants who rated all of them.
"""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.estimable import NotEstimableError, not_estimable
from analysis.multiplicity import adjusted
from analysis.paired import (
    friedman,
    friedman_permutation_p,
    hodges_lehmann,
    sign_flip,
    wilcoxon,
)

Row = dict[str, Any]
Floats = NDArray[np.float64]

PERMUTE_BELOW_N = 10
"""With fewer participants Friedman's chi-squared is not trusted and a permutation p is added."""


def pairs_of(means: pd.DataFrame) -> Iterator[tuple[str, str, Floats, Floats]]:
    """Every pair of systems with the two columns of means of the participants who rated both."""
    for a, b in combinations(means.columns, 2):
        both = means[[a, b]].dropna()
        yield str(a), str(b), both[a].to_numpy(dtype=float), both[b].to_numpy(dtype=float)


def per_pair(
    means: pd.DataFrame, test: Callable[[Floats, Floats], Row], p: str | None = "p"
) -> list[Row]:
    """Rows of a paired test over all pairs, with Holm-adjusted p.

    Parameters
    ----------
    means
        Participants x systems.
    test
        Takes the two columns and returns the keys of a row; may raise `NotEstimableError`.
    p
        Key of the p-value that `p_holm` adjusts; None for no adjustment.

    Returns
    -------
    list of dict
        `a, b, n`, then the keys of `test`, or `status` and `why`.

    Raises
    ------
    NotEstimableError
        With fewer than two systems.
    """
    if means.shape[1] < 2:
        raise NotEstimableError("There is only one system, so there is nothing to compare.")
    rows: list[Row] = []
    for a, b, x, y in pairs_of(means):
        row: Row = {"a": a, "b": b, "n": len(x)}
        try:
            for name in (a, b):
                if means[name].isna().all():
                    raise NotEstimableError(f"Nobody rated {name}.")
            if len(x) < 2:
                raise NotEstimableError(f"Fewer than two participants rated both {a} and {b}.")
            row |= test(x, y)
        except NotEstimableError as error:
            row |= not_estimable(str(error))
        rows.append(row)
    if p is not None:
        for row, value in zip(rows, adjusted([r.get(p, np.nan) for r in rows]), strict=True):
            if p in row:
                row["p_holm"] = value
    return rows


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
    return per_pair(means, paired_t)


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

    def test(x: Floats, y: Floats) -> Row:
        found, shift = wilcoxon(x - y), hodges_lehmann(x - y)
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

    def test(x: Floats, y: Floats) -> Row:
        p, method, n_patterns = sign_flip(x - y, seed)
        return {"p": p, "method": method, "n_patterns": n_patterns}

    return per_pair(means, test)
