"""The pooled Mann-Whitney test that Li (2022) used.

The test treats all ratings of two systems as if each rating came from another person. The pooled
test is computed only to compare results with the numbers that Li (2022) published. The sentence
`POOLING_WARNING` says why no conclusions may be drawn from the pooled test.
"""

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.findings.pairs import PooledMannWhitney

POOLING_WARNING = (
    "The pooled Mann-Whitney test treats every rating as an independent person. It ignores that "
    "the same participant and the same song appear in both samples, and corrects nothing for "
    "testing many pairs. Therefore it finds differences between equal systems in up to 83 % of "
    'simulated studies, and its "not significant" does not mean "comparable".'
)
"""Faults of pooling, in words for the report."""


def mann_whitney_from_counts(counts_a: ArrayLike, counts_b: ArrayLike) -> tuple[float, float]:
    """Two-sided Mann-Whitney test, from a table of counts.

    Parameters
    ----------
    counts_a, counts_b
        For each step of the scale, the number of ratings of each system, lowest step first; both
        arrays have the same length.

    Returns
    -------
    tuple of float
        (u, p). The first value is U of the first system: the number of pairs of ratings in which
        its rating is higher (a tie counts as one half). The second value is the two-sided p of the
        normal approximation, corrected for ties and continuity; 1 if all ratings are equal.

    Raises
    ------
    ValueError
        One system has no ratings, or the two arrays have different lengths.

    Notes
    -----
    sigma^2 = n_a n_b / 12 [(N + 1) - sum(t^3 - t) / (N (N - 1))], tie sizes t, N = n_a + n_b.
    """
    a = np.asarray(counts_a, dtype=float)
    b = np.asarray(counts_b, dtype=float)
    if a.shape != b.shape or a.sum() == 0 or b.sum() == 0:
        raise ValueError("Both systems need ratings on the same steps of the scale.")
    below = np.concatenate([[0.0], np.cumsum(b)[:-1]])
    u = float(np.sum(a * (below + b / 2)))
    n_a, n_b = a.sum(), b.sum()
    n = n_a + n_b
    ties = a + b
    variance = n_a * n_b / 12 * ((n + 1) - np.sum(ties**3 - ties) / (n * (n - 1)))
    if variance <= 0:
        return u, 1.0
    z = (abs(u - n_a * n_b / 2) - 0.5) / np.sqrt(variance)
    return u, float(min(1.0, 2 * stats.norm.sf(z)))


def mann_whitney(ratings_a: ArrayLike, ratings_b: ArrayLike) -> tuple[float, float]:
    """Two-sided Mann-Whitney test, from ratings.

    Parameters
    ----------
    ratings_a, ratings_b
        All ratings of the two systems, in any order.

    Returns
    -------
    tuple of float
        (u, p) as `mann_whitney_from_counts`.
    """
    a, b = np.ravel(np.asarray(ratings_a, float)), np.ravel(np.asarray(ratings_b, float))
    steps, code = np.unique(np.concatenate([a, b]), return_inverse=True)
    size = len(steps)
    return mann_whitney_from_counts(
        np.bincount(code[: len(a)], minlength=size), np.bincount(code[len(a) :], minlength=size)
    )


def pooled_pairs(rows: pd.DataFrame, group: str | None = None) -> list[PooledMannWhitney]:
    """Pooled test of every pair of systems, in alphabetical order; p-values are not adjusted.

    Parameters
    ----------
    rows
        Rows of one attribute, of all participants or of one group.
    group
        Name of the group; None: all participants.
    """
    by_system = {str(name): part.to_numpy() for name, part in rows.groupby("system")["rating"]}
    found = []
    for a, b in combinations(sorted(by_system), 2):
        u, p = mann_whitney(by_system[a], by_system[b])
        n = len(by_system[a]), len(by_system[b])
        found.append(PooledMannWhitney(a, b, *n, u, p, group))
    return found
