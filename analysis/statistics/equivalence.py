"""When are two systems equal enough? Equivalence tests, Bayes factors and the verdict.

**Conventions.** The margin is declared in points before the ratings are seen. "Not significant"
alone never means equal.

References
----------
.. [1] Schuirmann (1987), A comparison of the two one-sided tests procedure.
.. [2] Rouder, Speckman, Sun, Morey & Iverson (2009), Bayesian t tests for accepting and rejecting
   the null hypothesis.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.special import gammaln

from analysis.findings.pairs import Verdict

Floats = NDArray[np.float64]

ALPHA = 0.05
CAUCHY_SCALE = float(np.sqrt(2) / 2)
"""Scale r of the prior on the standardised difference ("medium")."""


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests of a difference, or of several; limits and margins in points."""

    margin: float
    t_lower: Floats
    t_upper: Floats
    p: Floats
    ci90_low: Floats
    ci90_high: Floats
    smallest_margin: Floats


def tost(estimate: ArrayLike, se: ArrayLike, df: ArrayLike, margin: float) -> Equivalence:
    """Two one-sided tests that a difference lies within -margin..margin.

    Parameters
    ----------
    estimate, se, df
        Difference in points with its standard error and degrees of freedom, of a paired t test or
        of a mixed model; numbers, or arrays of them.
    margin
        In points, above 0.

    Returns
    -------
    Equivalence
        `p` is the larger of the two one-sided p; `smallest_margin` is the smallest margin that
        would have passed at .05: |estimate| + t(.95, df) se.
    """
    value, error, df = (np.asarray(one, dtype=float) for one in (estimate, se, df))
    lower, upper = (value + margin) / error, (value - margin) / error
    p = np.maximum(special.stdtr(df, -lower), special.stdtr(df, upper))
    half = special.stdtrit(df, 1 - ALPHA) * error
    return Equivalence(margin, lower, upper, p, value - half, value + half, np.abs(value) + half)


SEPARATE = (Verdict.DIFFERENT, Verdict.TRIVIAL)
"""Verdicts that tell two systems apart."""


def verdict(p_difference: float, p_equivalence: float) -> Verdict:
    """What a pair's two tests say together.

    Parameters
    ----------
    p_difference, p_equivalence
        Adjusted p of the difference, and of the equivalence test.
    """
    within = p_equivalence < ALPHA
    if p_difference < ALPHA:
        return Verdict.TRIVIAL if within else Verdict.DIFFERENT
    return Verdict.EQUIVALENT if within else Verdict.INCONCLUSIVE


def verdict_counts(verdicts: Iterable[str | None]) -> dict[str, int]:
    """How many pairs are shown to differ, trivially or not, how many to be alike, how many open."""
    known = list(verdicts)
    return {
        "different": sum(one in SEPARATE for one in known),
        "equivalent": known.count(Verdict.EQUIVALENT),
        "inconclusive": known.count(Verdict.INCONCLUSIVE),
    }


def jzs_bayes_factor(
    t: ArrayLike, n: ArrayLike, scale: float = CAUCHY_SCALE, df: ArrayLike | None = None
) -> Floats:
    """Evidence for a difference over none, from a t statistic.

    Parameters
    ----------
    t
        Of the paired t test, or of a contrast of a mixed model; a number, or an array.
    n
        Participants, at least 2. In general the number by which t / sqrt(n) is the difference in
        the unit of the prior: of a contrast, (unit / standard error)^2.
    scale
        Of the Cauchy prior on the standardised difference.
    df
        Degrees of freedom of t; None: n - 1.

    Returns
    -------
    array
        BF10; above 1 speaks for a difference, 1 / BF10 for none. Infinity beyond float's range.

    Notes
    -----
    The Savage-Dickey ratio at zero: the prior density of the difference over its posterior one, t
    being noncentral t of shift sqrt(n) times the difference. The integral over the prior's variance
    g is taken over log g by the trapezoidal rule, which converges exponentially here; both ends of
    [-12, 30] lie below 1e-13.
    """
    size = np.asarray(n, dtype=float)
    t2, v = np.square(np.asarray(t, dtype=float)), size - 1 if df is None else np.asarray(df, float)
    log_g = np.linspace(-12.0, 30.0, 421)
    log_g = log_g.reshape(-1, *np.ones(np.ndim(size * t2), int))
    spread = 1 + size * scale**2 * np.exp(log_g)
    log_part = (
        -0.5 * np.log(spread)
        - (v + 1) / 2 * np.log1p(t2 / (spread * v))
        - 0.5 * np.log(2 * np.pi)
        - 0.5 * log_g
        - np.exp(-log_g) / 2
        + (v + 1) / 2 * np.log1p(t2 / v)
    )
    top = log_part.max(axis=0)
    area = np.trapezoid(np.exp(log_part - top), dx=0.1, axis=0)
    with np.errstate(over="ignore"):
        return np.asarray(area * np.exp(top))


@lru_cache(maxsize=1)
def _legendre() -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss-Legendre quadrature on -1..1."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    return nodes, weights


def _likelihood_ratio(t: float, v: int, shift: Floats) -> Floats:
    """Density of a noncentral t over that of the central t, for an array of shifts.

    The library's noncentral density overflows for large t. With s = sqrt(chi^2 / v) the density is
    the integral of s phi(t s - shift) g(s) ds; over log s the integrand has one peak, where the
    trapezoidal rule converges exponentially.
    """
    root = np.sqrt((t * shift) ** 2 + 4 * v * (v + t**2))
    peak = (t * shift + root) / (2 * (v + t**2))
    width = 1 / np.sqrt(v + peak**2 * (v + t**2))
    below = np.maximum(12 * width, 40 / (v + 1))
    place = np.linspace(0.0, 1.0, 201)[:, None]
    u = np.log(peak) - below + place * (below + 12 * width)
    s = np.exp(u)
    log_part = (v + 1) * u - v * s**2 / 2 - (t * s - shift) ** 2 / 2
    # Over the central density, which has the same constants, and some of its own.
    constant = np.log(2) + (v + 1) / 2 * np.log((v + t**2) / 2) - gammaln((v + 1) / 2)
    top = log_part.max(axis=0)
    area = np.trapezoid(np.exp(log_part - top), u, axis=0)
    log_ratio = constant + top + np.log(area)
    return np.asarray(np.exp(np.minimum(log_ratio, 690.0)))


def interval_bayes_factor(
    t: float, n: int, half_width: float, scale: float = CAUCHY_SCALE
) -> tuple[float, float]:
    """Evidence for a standardised difference inside and outside an interval, each over none.

    Parameters
    ----------
    t, n, scale
        As `jzs_bayes_factor`.
    half_width
        Margin divided by the standard deviation of the differences.

    Returns
    -------
    tuple of float
        (BF inside over exactly zero, BF outside over exactly zero); their ratio is the evidence for
        "within the margin" over "beyond it".
    """
    peak = float(np.clip(t / np.sqrt(n), -half_width, half_width))

    def mass(low: float, high: float) -> float:
        if high <= low:
            return 0.0
        nodes, weights = _legendre()
        x = (high - low) / 2 * nodes + (high + low) / 2
        density = scale / np.pi / (scale**2 + x**2)
        ratio = _likelihood_ratio(t, n - 1, x * np.sqrt(n))
        return float((high - low) / 2 * np.sum(weights * ratio * density))

    prior = 2 / np.pi * float(np.arctan(half_width / scale))
    inside = mass(-half_width, peak) + mass(peak, half_width)
    outside = float(jzs_bayes_factor(t, n, scale)) - inside
    return inside / prior, max(outside, 0.0) / (1 - prior)
