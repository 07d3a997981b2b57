"""Companion tests on participant means; they are valid only for the **songs of the study**.

**Conventions.** A table of means has one row per participant and one column per system. A
difference a - b is one number for each participant, in points. Differences are first rounded to
nine decimals; otherwise, rounding errors of the means would turn equal differences into unequal
ones.

In reading order: Friedman with Kendall's W, exact Wilcoxon, Hodges-Lehmann, sign-flip.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from analysis.statistics.estimable import NotEstimableError

Floats = NDArray[np.float64]

MOST_PATTERNS_N = 20
"""Number of participants up to which all sign patterns are enumerated."""

LONGEST_EXACT_N = 1000
"""Number of participants beyond which Wilcoxon's p is the normal approximation."""


@dataclass(frozen=True)
class Friedman:
    """Result of Friedman's test; `f` is the form of Iman and Davenport."""

    n: int
    chi2: float
    df: int
    p: float
    kendall_w: float
    f: float
    f_df1: int
    f_df2: int
    f_p: float
    mean_ranks: tuple[float, ...]


@dataclass(frozen=True)
class SignedRank:
    """Result of Wilcoxon's signed-rank test; `v` is the rank sum of positive differences."""

    n: int
    n_zero: int
    v: float
    p: float
    rank_biserial: float
    method: str


@dataclass(frozen=True)
class Shift:
    """Hodges-Lehmann estimate in points; its interval, with the coverage that is really reached."""

    estimate: float
    ci_low: float
    ci_high: float
    coverage: float


def friedman(means: ArrayLike) -> Friedman:
    """Friedman's rank test with midranks, Kendall's W and the Iman-Davenport F.

    Parameters
    ----------
    means
        Means, shape (n_participants, n_systems), at least 2 x 2, without missing values.

    Returns
    -------
    Friedman
        `kendall_w` = chi2 / (n (k - 1)). With 0, the rankings do not agree at all; with 1, they
        agree perfectly.

    Raises
    ------
    NotEstimableError
        There are fewer than two participants or two systems, or each participant gave all systems
        the same mean.

    Notes
    -----
    Q = [12 sum (R_j - n (k + 1) / 2)^2 / (n k (k + 1))] / [1 - sum (t^3 - t) / (n k (k^2 - 1))].
    """
    table = np.round(np.asarray(means, dtype=float), 9)
    n, k = table.shape
    if n < 2 or k < 2:
        raise NotEstimableError("Friedman's test needs two participants and two systems at least.")
    return friedman_of_ranks(stats.rankdata(table, axis=1))


def friedman_of_ranks(ranks: Floats) -> Friedman:
    """The result of :func:`friedman`, computed from the midranks in each row; at least 2 x 2."""
    n, k = ranks.shape
    sums, chi2 = ranks.sum(axis=0), float(_friedman_chi2(ranks))
    if np.isnan(chi2):
        raise NotEstimableError("Every participant rated all systems equal.")
    rest = n * (k - 1) - chi2
    f = (n - 1) * chi2 / rest if rest > 1e-9 else float("inf")
    df2 = (k - 1) * (n - 1)
    return Friedman(
        n=n,
        chi2=chi2,
        df=k - 1,
        p=float(special.chdtrc(k - 1, max(chi2, 0.0))),
        kendall_w=chi2 / (n * (k - 1)),
        f=f,
        f_df1=k - 1,
        f_df2=df2,
        f_p=float(special.fdtrc(k - 1, df2, max(f, 0.0))),
        mean_ranks=tuple(float(value) for value in sums / n),
    )


def _friedman_chi2(ranks: Floats) -> Floats:
    """Q for tables of midranks, shape (..., n, k); NaN if the ratings are equal in every row."""
    n, k = ranks.shape[-2:]
    # A tie of t values reduces twelve times the sum of squared ranks by t^3 - t.
    ties = n * 2 * k * (k + 1) * (2 * k + 1) - 12 * np.sum(ranks**2, axis=(-2, -1))
    correction = 1 - ties / (n * k * (k**2 - 1))
    squares = np.sum((ranks.sum(axis=-2) - n * (k + 1) / 2) ** 2, axis=-1)
    known = np.where(correction > 1e-12, correction, np.nan)
    return np.asarray(12 * squares / (n * k * (k + 1)) / known)


def friedman_p_values(ranks: Floats) -> Floats:
    """P-value of :func:`friedman_of_ranks`, for several tables of the same shape.

    Parameters
    ----------
    ranks
        Midranks within the rows of each table, shape (n_tables, n, k); n and k are at least 2.

    Returns
    -------
    ndarray
        P-values, shape (n_tables,); NaN if the ratings are equal in every row of a table.
    """
    chi2 = _friedman_chi2(ranks)
    return np.asarray(special.chdtrc(ranks.shape[-1] - 1, np.maximum(chi2, 0.0)))


def friedman_permutation_p(means: ArrayLike, seed: int, n_draws: int = 10_000) -> float:
    """P-value of Friedman's statistic; systems are permuted within each participant.

    Parameters
    ----------
    means
        As `friedman`.
    seed
        Of the shuffles.
    n_draws
        How many shuffles.

    Returns
    -------
    float
        (1 + number of permutations that are at least as extreme as the data) / (n_draws + 1).
    """
    table = np.round(np.asarray(means, dtype=float), 9)
    ranks = stats.rankdata(table, axis=1)
    # Permutations do not change the tie correction, so the column sums are enough.
    observed = float(np.sum((ranks.sum(axis=0) - ranks.sum() / ranks.shape[1]) ** 2))
    rng = np.random.default_rng(seed)
    shuffled = rng.permuted(np.broadcast_to(ranks, (n_draws, *ranks.shape)), axis=2)
    sums = shuffled.sum(axis=1)
    drawn = np.sum((sums - ranks.sum() / ranks.shape[1]) ** 2, axis=1)
    return float((1 + np.sum(drawn >= observed - 1e-9)) / (n_draws + 1))


def wilcoxon(differences: ArrayLike, zeros: str = "drop") -> SignedRank:
    """Exact two-sided signed-rank test with ties and zeros.

    Parameters
    ----------
    differences
        One number per participant, in points.
    zeros
        "drop": differences of zero are left out (Wilcoxon). "pratt": differences of zero get ranks
        first, and are then left out.

    Returns
    -------
    SignedRank
        `rank_biserial` = (2 V - total) / total. All differences zero: V = 0, p = 1.

    Notes
    -----
    The distribution of V over all sign patterns is built by the shift algorithm on doubled
    midranks. The distribution is symmetric, so that only its lower part, up to min(V, total - V),
    is computed. With more than 1000 participants, the normal approximation with continuity
    correction is used, and `method` says so.

    References
    ----------
    .. [1] Streitberg & Roehmel (1986), Exact distributions for permutation and rank tests.
    """
    d = np.round(np.asarray(differences, dtype=float), 9)
    nonzero = d[d != 0]
    n_zero = len(d) - len(nonzero)
    if len(nonzero) == 0:
        return SignedRank(len(d), n_zero, 0.0, 1.0, 0.0, "exact")
    kept = nonzero if zeros == "drop" else d
    _, group, size = np.unique(np.abs(kept), return_inverse=True, return_counts=True)
    doubled = (2 * np.cumsum(size) - size + 1)[group][kept != 0]  # midranks, ties shared
    v, total = int(doubled[nonzero > 0].sum()), int(doubled.sum())
    biserial = (2 * v - total) / total
    if len(doubled) > LONGEST_EXACT_N:
        sd = 0.25 * float(np.sqrt(np.sum(doubled**2)))
        p = float(2 * stats.norm.sf((abs(v - total / 2) / 2 - 0.5) / sd))
        return SignedRank(len(d), n_zero, v / 2, min(1.0, p), biserial, "normal approximation")
    p = min(1.0, 2 * _lower_tail(doubled, min(v, total - v)))
    return SignedRank(len(d), n_zero, v / 2, p, biserial, "exact")


def _lower_tail(doubled_ranks: NDArray[np.int64], bound: int) -> float:
    """P(sum of a random subset of the doubled ranks <= bound); each rank is in or out."""
    step = int(np.gcd.reduce(doubled_ranks))
    ranks, last = np.sort(doubled_ranks // step), bound // step
    mass = np.zeros(last + 1)
    mass[0] = np.ldexp(1.0, -len(ranks))
    top = 0
    for rank in ranks:
        reach = min(top, last - int(rank))
        if reach >= 0:
            mass[rank : rank + reach + 1] += mass[: reach + 1].copy()
        top = min(top + int(rank), last)
    return float(mass.sum())


def hodges_lehmann(differences: ArrayLike, level: float = 0.95) -> Shift:
    """Median of the Walsh averages; the interval comes from inverting the signed-rank test.

    Parameters
    ----------
    differences
        One number for each participant, in points; zeros are not left out.
    level
        Requested coverage. The actual coverage is the requested coverage or larger (approximately);
        it is reported.

    Returns
    -------
    Shift
        The limits are NaN if there are fewer than two participants.

    References
    ----------
    .. [1] Hollander & Wolfe, Nonparametric Statistical Methods, section 3.3.
    """
    d = np.round(np.asarray(differences, dtype=float), 9)
    n = len(d)
    first, second = _each_with_each(n)
    walsh = np.sort((d[first] + d[second]) / 2)
    estimate = float(walsh[(len(walsh) - 1) // 2] + walsh[len(walsh) // 2]) / 2
    if n < 2:
        return Shift(estimate, float("nan"), float("nan"), float("nan"))
    rank, coverage = _signed_rank_quantile(n, (1 - level) / 2)
    return Shift(estimate, float(walsh[rank - 1]), float(walsh[len(walsh) - rank]), coverage)


@lru_cache(maxsize=4)
def _each_with_each(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions of the two values that each Walsh average is the mean of."""
    return np.triu_indices(n)


@lru_cache(maxsize=64)
def _signed_rank_quantile(n: int, tail: float) -> tuple[int, float]:
    """Smallest rank v >= 1 with P(V <= v) >= tail for n untied differences; its coverage."""
    if n > LONGEST_EXACT_N:
        mean, sd = n * (n + 1) / 4, np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        return max(1, int(np.floor(mean + stats.norm.ppf(tail) * sd))), 1 - 2 * tail
    last = n * (n + 1) // 4
    mass = np.zeros(last + 1)
    mass[0] = np.ldexp(1.0, -n)
    top = 0
    for rank in range(1, n + 1):
        reach = min(top, last - rank)
        if reach >= 0:
            mass[rank : rank + reach + 1] += mass[: reach + 1].copy()
        top = min(top + rank, last)
    below = np.cumsum(mass)
    quantile = max(1, int(np.searchsorted(below, tail)))
    return quantile, float(1 - 2 * below[quantile - 1])


def sign_flip(differences: ArrayLike, seed: int, n_draws: int = 10_000) -> tuple[float, str, int]:
    """Two-sided permutation test of a mean difference; the signs of differences are changed.

    If the true mean is zero, the opposite sign is equally likely for each participant's difference.

    Parameters
    ----------
    differences
        One number per participant, in points.
    seed
        Seed of the random patterns of signs; they are used if there are more than 20 participants.
    n_draws
        Number of random patterns.

    Returns
    -------
    tuple
        (p, method, n_patterns). With at most 20 participants, the method is "exact": all 2^n
        patterns are used. With more than 20 participants, the method is "random": random patterns
        and the observed pattern are used.
    """
    d = np.round(np.asarray(differences, dtype=float), 9)
    threshold = abs(float(d.sum())) - 1e-9
    if len(d) <= MOST_PATTERNS_N:
        # A pattern of signs consists of one pattern for each half of the participants, so a list of
        # all patterns is not needed.
        halves = np.split(d, [len(d) // 2])
        first, second = (np.sort(_every_sign(len(half)) @ half) for half in halves)
        above = len(second) - np.searchsorted(second, threshold - first)
        # If all signs are reversed, a sum of at least threshold becomes a sum of at most
        # -threshold. Hence the factor 2.
        n_patterns = len(first) * len(second)
        return min(1.0, float(2 * above.sum() / n_patterns)), "exact", n_patterns
    beyond = int(np.sum(np.abs(_signs(len(d), seed, n_draws) @ d) >= threshold))
    return (1 + beyond) / (n_draws + 1), "random", n_draws


@lru_cache(maxsize=4)
def _every_sign(n: int) -> Floats:
    """All patterns of signs, shape (2^n, n)."""
    return np.asarray(1.0 - 2.0 * (np.arange(2**n)[:, None] >> np.arange(n) & 1), dtype=float)


@lru_cache(maxsize=2)
def _signs(n: int, seed: int, n_draws: int) -> Floats:
    """Random patterns of signs, shape (n_draws, n); all pairs of a test use the same patterns."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.integers(0, 2, size=(n_draws, n), dtype=np.int8) * 2.0 - 1.0)
