"""Analysis of variance of participant means, with corrections for unequal covariances.

**Conventions.** A table of means has one row per participant and one column per system. The
covariance matrix of the means has e degrees of freedom (n - 1, or n - G if there are G groups); m
is the number of systems minus 1. The results of the analysis of variance are valid only for the
songs of the study.

In reading order: epsilons, tests for one group (`rm_anova`, `hotelling`), test for several groups
(`mixed_anova`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from analysis.findings.omnibus import AnovaEffect, Hotelling
from analysis.statistics.estimable import NotEstimableError

ITU_EPSILON = 0.85
ITU_EXTRA_N = 30
"""Limit of BS.1534-3, Attachment 4: univariate with Huynh-Feldt if epsilon > .85, n < k + 30."""


@dataclass(frozen=True)
class Sphericity:
    """Epsilons of Greenhouse-Geisser and Huynh-Feldt (can be above 1), and Mauchly's W."""

    gg_epsilon: float
    hf_epsilon: float
    mauchly_w: float
    mauchly_p: float


def sphericity(covariance: ArrayLike, e: int) -> Sphericity:
    """How far a covariance matrix is from sphericity (all differences have the same variance).

    Parameters
    ----------
    covariance
        Covariance of the systems within groups, shape (k, k), with k >= 2.
    e
        Degrees of freedom of the covariance matrix.

    Returns
    -------
    Sphericity
        With only two systems, both epsilons are 1. Mauchly's p is NaN if e is smaller than k - 1.

    Raises
    ------
    NotEstimableError
        No difference between two systems varies between participants.
    """
    s = np.asarray(covariance, dtype=float)
    k = len(s)
    m = k - 1
    centre = np.eye(k) - 1 / k
    t = centre @ s @ centre
    trace = float(np.trace(t))
    if trace <= 1e-12 * max(1.0, float(np.abs(s).max())):
        raise NotEstimableError("Every participant has the same differences between systems.")
    gg = trace**2 / (m * float(np.sum(t * t)))
    # With very few participants, the denominator can be zero or negative. The degrees of freedom
    # are not corrected if the denominator is not positive.
    below = m * (e - m * gg)
    hf = ((e + 1) * m * gg - 2) / below if below > 1e-9 else 1.0
    values = np.linalg.eigvalsh(t)[1:]
    w = float(np.prod(values / (trace / m))) if np.all(values > 0) else 0.0
    return Sphericity(gg, hf, w, _mauchly_p(w, m, e))


def _mauchly_p(w: float, m: int, e: int) -> float:
    """P-value of Mauchly's test, by Box's chi-squared approximation of second order."""
    if m < 2 or e < m or w <= 0:
        return float("nan")
    rho = 1 - (2 * m**2 + m + 2) / (6 * m * e)
    second = (
        (m + 2) * (m - 1) * (m - 2) * (2 * m**3 + 6 * m**2 + 3 * m + 2) / (288 * (e * m * rho) ** 2)
    )
    z, df = -e * rho * np.log(w), m * (m + 1) / 2 - 1
    first = float(stats.chi2.sf(z, df))
    return first + second * (float(stats.chi2.sf(z, df + 4)) - first)


def rm_anova(means: ArrayLike) -> tuple[AnovaEffect, Sphericity]:
    """One-way repeated-measures ANOVA; the factor is the system.

    Parameters
    ----------
    means
        Means, shape (n_participants, n_systems), at least 2 x 2, without missing values.

    Returns
    -------
    tuple
        The effect of the systems, and the sphericity, which gives the corrections of the effect.

    Raises
    ------
    NotEstimableError
        The differences between systems are the same for all participants.
    """
    table = np.asarray(means, dtype=float)
    n, k = table.shape
    shape = sphericity(np.cov(table, rowvar=False), n - 1)
    by_system, by_participant = table.mean(axis=0), table.mean(axis=1)
    ss_system = n * float(np.sum((by_system - table.mean()) ** 2))
    ss_participant = k * float(np.sum((by_participant - table.mean()) ** 2))
    rest = table - by_system - by_participant[:, None] + table.mean()
    ss_error = float(np.sum(rest**2))
    return _within(ss_system, ss_error, ss_participant, k - 1, (k - 1) * (n - 1), shape), shape


def _within(
    ss: float, ss_error: float, ss_between: float, df1: int, df2: int, shape: Sphericity
) -> AnovaEffect:
    f = (ss / df1) / (ss_error / df2)
    gg, hf = shape.gg_epsilon, min(1.0, shape.hf_epsilon)
    return AnovaEffect(
        f=f,
        df1=df1,
        df2=df2,
        p=float(stats.f.sf(f, df1, df2)),
        gg_epsilon=gg,
        hf_epsilon=shape.hf_epsilon,
        p_gg=float(stats.f.sf(f, df1 * gg, df2 * gg)),
        p_hf=float(stats.f.sf(f, df1 * hf, df2 * hf)),
        eta2_p=ss / (ss + ss_error),
        eta2_g=ss / (ss + ss_between + ss_error),
    )


def hotelling(means: ArrayLike) -> Hotelling:
    """Hotelling's T-squared test of the differences of all systems from the first system.

    Parameters
    ----------
    means
        Means, shape (n_participants, n_systems), without missing values.

    Returns
    -------
    Hotelling
        The statistic is the same, whichever system is subtracted from the others.

    Raises
    ------
    NotEstimableError
        There are fewer participants than systems, or a difference is the same for all participants.
    """
    table = np.asarray(means, dtype=float)
    n, k = table.shape
    if n < k:
        raise NotEstimableError("The multivariate test needs as many participants as systems.")
    d = table[:, 1:] - table[:, :1]
    covariance = np.atleast_2d(np.cov(d, rowvar=False))
    if np.linalg.matrix_rank(covariance, hermitian=True) < k - 1:
        raise NotEstimableError("Some difference between systems is the same for everybody.")
    t2 = float(n * d.mean(axis=0) @ np.linalg.solve(covariance, d.mean(axis=0)))
    df1, df2 = k - 1, n - k + 1
    f = df2 / ((n - 1) * df1) * t2
    return Hotelling(t2, f, df1, df2, float(stats.f.sf(f, df1, df2)))


def itu_choice(n: int, k: int, hf_epsilon: float) -> str:
    """Test that BS.1534-3 (Attachment 4) demands: "huynh-feldt" or "hotelling"."""
    univariate = hf_epsilon > ITU_EPSILON and n < k + ITU_EXTRA_N
    return "huynh-feldt" if univariate or n < k else "hotelling"


def mixed_anova(means: ArrayLike, groups: ArrayLike) -> dict[str, AnovaEffect]:
    """Type III ANOVA; groups are between participants, and systems are within participants.

    Parameters
    ----------
    means
        Means, shape (n_participants, n_systems), without missing values.
    groups
        Group of each participant, shape (n_participants,); the groups can have different sizes.

    Returns
    -------
    dict
        The effects "group", "system" and "group:system".

    Raises
    ------
    NotEstimableError
        There are fewer than two groups or systems, or there are not more participants than groups.

    Notes
    -----
    System: unweighted means u_j over groups, SS = G^2 / sum(1 / n_g) sum u_j^2.
    """
    table = np.asarray(means, dtype=float)
    names, code = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    (n, k), g = table.shape, len(names)
    if g < 2 or k < 2 or n <= g:
        raise NotEstimableError(
            "The mixed ANOVA needs two groups, two systems and more participants than groups."
        )
    size = np.bincount(code).astype(float)
    cells = np.stack([table[code == index].mean(axis=0) for index in range(g)])
    rest = table - cells[code]
    shape = sphericity(rest.T @ rest / (n - g), n - g)
    own = rest.mean(axis=1)
    ss_between = k * float(np.sum(own**2))
    ss_error = float(np.sum((rest - own[:, None]) ** 2))
    centred = cells - cells.mean(axis=1, keepdims=True)
    weighted = size @ centred / n
    ss_interaction = float(np.sum(size[:, None] * (centred - weighted) ** 2))
    unweighted = centred.mean(axis=0)
    ss_system = g**2 / float(np.sum(1 / size)) * float(np.sum(unweighted**2))
    group_mean = cells.mean(axis=1)
    ss_group = k * float(np.sum(size * (group_mean - size @ group_mean / n) ** 2))
    df_error = (n - g) * (k - 1)
    return {
        "group": _between(ss_group, ss_between, ss_error, g - 1, n - g),
        "system": _within(ss_system, ss_error, ss_between, k - 1, df_error, shape),
        "group:system": _within(
            ss_interaction, ss_error, ss_between, (g - 1) * (k - 1), df_error, shape
        ),
    }


def _between(ss: float, ss_between: float, ss_error: float, df1: int, df2: int) -> AnovaEffect:
    if ss_between <= 0:
        raise NotEstimableError("Participants of a group do not differ at all.")
    f, none = (ss / df1) / (ss_between / df2), float("nan")
    p = float(stats.f.sf(f, df1, df2))
    whole = ss / (ss + ss_between + ss_error)
    return AnovaEffect(f, df1, df2, p, none, none, p, p, ss / (ss + ss_between), whole)
