"""Equivalence of two systems: tests of equivalence, Bayes factors, and the verdict.

**Conventions.** The margin in points is declared before the ratings are seen. "Not significant"
alone never means that two systems are equal.

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
    """Two one-sided tests, of one or several differences; limits and margins are in points."""

    margin: float
    t_lower: Floats
    t_upper: Floats
    p: Floats
    ci90_low: Floats
    ci90_high: Floats
    smallest_margin: Floats


def tost(estimate: ArrayLike, se: ArrayLike, df: ArrayLike, margin: float) -> Equivalence:
    """Two one-sided tests that a difference is between -margin and margin.

    Parameters
    ----------
    estimate, se, df
        Difference in points, with its standard error and degrees of freedom; from a paired t test
        or a mixed model; numbers or arrays.
    margin
        In points, above 0.

    Returns
    -------
    Equivalence
        `p` is the p of that one-sided test whose p is larger. `smallest_margin` is the smallest
        margin at which the test is significant at .05: |estimate| + t(.95, df) se.
    """
    value, error, df = (np.asarray(one, dtype=float) for one in (estimate, se, df))
    lower, upper = (value + margin) / error, (value - margin) / error
    p = np.maximum(special.stdtr(df, -lower), special.stdtr(df, upper))
    half = special.stdtrit(df, 1 - ALPHA) * error
    return Equivalence(margin, lower, upper, p, value - half, value + half, np.abs(value) + half)


SEPARATE = (Verdict.DIFFERENT, Verdict.TRIVIAL)
"""Verdicts by which two systems differ."""


def verdict(p_difference: float, p_equivalence: float) -> Verdict:
    """Verdict from two tests together: the test of a difference and the test of equivalence.

    Parameters
    ----------
    p_difference, p_equivalence
        Adjusted p of each of the two tests: difference and equivalence.
    """
    within = p_equivalence < ALPHA
    if p_difference < ALPHA:
        return Verdict.TRIVIAL if within else Verdict.DIFFERENT
    return Verdict.EQUIVALENT if within else Verdict.INCONCLUSIVE


def verdict_counts(verdicts: Iterable[str | None]) -> dict[str, int]:
    """Number of pairs that differ, number that are equivalent, and number that remain open."""
    known = list(verdicts)
    return {
        "different": sum(one in SEPARATE for one in known),
        "equivalent": known.count(Verdict.EQUIVALENT),
        "inconclusive": known.count(Verdict.INCONCLUSIVE),
    }


def jzs_bayes_factor(
    t: ArrayLike, n: ArrayLike, scale: float = CAUCHY_SCALE, df: ArrayLike | None = None
) -> Floats:
    """Bayes factor for a difference versus no difference, from a t statistic.

    Parameters
    ----------
    t
        t of the paired t test, or t of a contrast in a mixed model; a number or an array.
    n
        Number of participants, at least 2. In general, n is the number for which t / sqrt(n) is the
        difference in units of the prior. For a contrast, n is (unit / standard error)^2.
    scale
        Scale of the Cauchy prior for the standardised difference.
    df
        Degrees of freedom of t; None: n - 1.

    Returns
    -------
    array
        BF10. A value above 1 is evidence for a difference; a value below 1 is evidence for no
        difference. The result is infinity if it is too large for a floating-point number.

    Notes
    -----
    The Savage-Dickey ratio at zero: the prior density of the difference over its posterior one, t
    being noncentral t of shift sqrt(n) times the difference. The integral over the prior's variance
    g is computed by the trapezoidal rule over log g, which converges exponentially for this
    integrand. At both ends of the range of log g, -5 and 30, the integrand is below 1e-13.
    """
    t, n = np.asarray(t, dtype=float), np.asarray(n, dtype=float)
    t, n, df = np.broadcast_arrays(t, n, n - 1 if df is None else np.asarray(df, dtype=float))
    parts = zip(*(_split(each, MOST_AT_ONCE) for each in (t, n, df)), strict=True)
    found = [_savage_dickey(scale, *part) for part in parts]
    return np.concatenate(found).reshape(t.shape)


def _split(values: Floats, most: int) -> list[Floats]:
    """Flat values in pieces that are small enough for the processor's cache during integration."""
    return np.array_split(values.ravel(), max(1, -(-values.size // most)))


MOST_AT_ONCE = 500


def _savage_dickey(scale: float, t: Floats, n: Floats, v: Floats) -> Floats:
    log_g = np.linspace(-5.0, 30.0, 176)[:, None]
    prior = -0.5 * log_g - np.exp(-log_g) / 2 - 0.5 * np.log(2 * np.pi)
    spread = 1 + scale**2 * np.exp(log_g) * n
    power = (v + 1) / 2
    log_part = prior - 0.5 * np.log(spread) - power * np.log1p(t**2 / v / spread)
    top = log_part.max(axis=0)
    # At both ends of the range, the integrand is so small that it can be ignored.
    area = 0.2 * np.exp(log_part - top).sum(axis=0)
    with np.errstate(over="ignore"):
        return np.asarray(area * np.exp(top + power * np.log1p(t**2 / v)))


@lru_cache(maxsize=1)
def _legendre() -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss-Legendre quadrature on the interval from -1 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    return nodes, weights


def _likelihood_ratio(t: ArrayLike, v: int, shift: Floats) -> Floats:
    """Noncentral density of t divided by the central density, for an array of shifts for each t.

    SciPy's noncentral density fails for large t (overflow). With s = sqrt(chi^2 / v), the density
    is the integral of s phi(t s - shift) g(s) ds. Over log s, the integrand has a single peak, so
    that the trapezoidal rule converges exponentially. The steps of the rule are less than half as
    wide as the peak, and small enough for few degrees of freedom.
    """
    t = np.asarray(t, dtype=float)[..., None]
    root = np.sqrt((t * shift) ** 2 + 4 * v * (v + t**2))
    peak = (t * shift + root) / (2 * (v + t**2))
    width = 1 / np.sqrt(v + peak**2 * (v + t**2))
    below = np.maximum(12 * width, 40 / (v + 1))
    span = below + 12 * width
    n_steps = int(np.ceil(np.max(span / np.minimum(0.1, 0.45 * width))))
    place = np.linspace(0.0, 1.0, n_steps + 1).reshape(-1, *np.ones(span.ndim, dtype=int))
    u = np.log(peak) - below + place * span
    s = np.exp(u)
    log_part = (v + 1) * u - v * s**2 / 2 - (t * s - shift) ** 2 / 2
    # The result is the noncentral density divided by the central density. Factors that are in both
    # densities cancel, and ``constant`` holds the remaining factors.
    constant = np.log(2) + (v + 1) / 2 * np.log((v + t**2) / 2) - gammaln((v + 1) / 2)
    top = log_part.max(axis=0)
    area = np.trapezoid(np.exp(log_part - top), axis=0) * span / n_steps
    log_ratio = constant + top + np.log(area)
    return np.asarray(np.exp(np.minimum(log_ratio, 690.0)))


def interval_bayes_factor(
    t: ArrayLike, n: int, half_width: ArrayLike, scale: float = CAUCHY_SCALE
) -> tuple[Floats, Floats]:
    """Evidence that a standardised difference is inside an interval, or outside, each against zero.

    Parameters
    ----------
    t, n, scale
        As `jzs_bayes_factor`.
    half_width
        For each t, the margin divided by the standard deviation of the differences.

    Returns
    -------
    tuple of array
        Two Bayes factors: inside against exactly zero, and outside against exactly zero. The ratio
        of the two Bayes factors is the evidence for "within the margin" against "beyond the
        margin".
    """
    t, half = np.broadcast_arrays(np.asarray(t, float), np.asarray(half_width, float))
    parts = zip(_split(t, FEWER_AT_ONCE), _split(half, FEWER_AT_ONCE), strict=True)
    inside = np.concatenate([_inside(*part, n, scale) for part in parts]).reshape(t.shape)
    prior = 2 / np.pi * np.arctan(half / scale)
    outside = np.maximum(jzs_bayes_factor(t, n, scale) - inside, 0.0)
    return inside / prior, outside / (1 - prior)


FEWER_AT_ONCE = 16


def _inside(t: Floats, half_width: Floats, n: int, scale: float) -> Floats:
    """Integral over the interval of likelihood ratio times prior, in two parts around the peak."""
    nodes, weights = _legendre()
    peak = np.clip(t / np.sqrt(n), -half_width, half_width)

    def mass(low: Floats, high: Floats) -> Floats:
        half = (high - low) / 2
        x = half[:, None] * nodes + ((high + low) / 2)[:, None]
        density = scale / np.pi / (scale**2 + x**2)
        ratio = _likelihood_ratio(t, n - 1, x * np.sqrt(n))
        return np.asarray(half * np.sum(weights * ratio * density, axis=1))

    return mass(-half_width, peak) + mass(peak, half_width)
