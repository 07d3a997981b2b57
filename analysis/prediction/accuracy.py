"""Accuracy of predictions: correlations, RMSE, and RMSE* (errors outside the intervals).

**Conventions.** N is the number of points. Each point has three values: a mean rating y, the half
width c of its 95 % interval, and a prediction p on the rating scale. The prediction is the value of
a mapping (function) with d parameters; without a mapping, d is 1. RMSE is sqrt(sum((y - p)^2) / (N
- d)). RMSE* is the RMSE of max(0, |y - p| - c): an error inside the interval of a rating counts as
zero. The outlier ratio is the share of points whose error is larger than c.

Intervals are 95 % intervals. The confidence intervals of Pearson's and Spearman's r use Fisher's z.
The variance of z is 1 / (N - 3) for Pearson's r and 1.06 / (N - 3) for Spearman's r (Fieller). The
interval of RMSE uses chi squared with N - d degrees of freedom. For the interval of RMSE*, the
points are resampled, but the mapping stays the same.

References
----------
.. [1] ITU-T P.1401 (01/2020), clauses 7.5 and 7.6.
.. [2] Fieller, Hartley & Pearson (1957), Tests for rank correlation coefficients, Biometrika 44.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.findings.sections import Count, Estimate
from analysis.prediction.mapping import N_PARAMETERS, Floats, MappingName, mapped
from analysis.statistics.estimable import NotEstimableError

FEWEST_POINTS = 4
N_DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Accuracy of a measure; each number has an interval, except the outlier ratio."""

    n: Count
    pearson: Estimate
    spearman: Estimate
    rmse: Estimate
    rmse_star: Estimate
    outlier_ratio: float
    predicted: Floats


def accuracy(x: Floats, y: Floats, half_width: Floats, name: MappingName, seed: int) -> Accuracy:
    """Accuracy of a measure after it was mapped to the rating scale.

    Parameters
    ----------
    x, y, half_width
        For each point, shape (n,): measure, mean rating, and half width of the mean's 95 % interval
        (NaN counts as 0).
    name
        Of the mapping.
    seed
        Of the resampling.

    Raises
    ------
    NotEstimableError
        There are too few points, or all points have the same measure.
    """
    n, d = len(x), N_PARAMETERS[name]
    if n < FEWEST_POINTS:
        raise NotEstimableError(f"A prediction needs {FEWEST_POINTS} points, and there are {n}.")
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        raise NotEstimableError(
            "All points have the same measure, or all points have the same rating."
        )
    p = mapped(x, y, name).predicted
    error = np.abs(y - p)
    width = np.nan_to_num(half_width)
    beyond = np.maximum(0.0, error - width)
    r = float(np.corrcoef(y, p)[0, 1]) if np.ptp(p) > 0 else math.nan
    return Accuracy(
        n=n,
        pearson=_correlation(r, n, 1.0),
        spearman=_correlation(float(stats.spearmanr(x, y).statistic), n, 1.06),
        rmse=_rmse(error, d),
        rmse_star=_resampled(beyond, d, seed),
        outlier_ratio=float(np.mean(error > width)),
        predicted=p,
    )


def _correlation(r: float, n: int, factor: float) -> Estimate:
    if math.isnan(r) or abs(r) >= 1:
        return Estimate(r, math.nan, math.nan)
    half = float(stats.norm.ppf(0.975)) * math.sqrt(factor / (n - 3))
    middle = math.atanh(r)
    return Estimate(r, math.tanh(middle - half), math.tanh(middle + half))


def _rmse(error: Floats, d: int) -> Estimate:
    df, total = len(error) - d, float(np.sum(error**2))
    low, high = (math.sqrt(total / stats.chi2.ppf(share, df)) for share in (0.975, 0.025))
    return Estimate(math.sqrt(total / df), low, high)


def _resampled(beyond: Floats, d: int, seed: int) -> Estimate:
    n = len(beyond)
    draws = np.random.default_rng(seed).integers(0, n, (N_DRAWS, n))
    values = np.sqrt(np.sum(beyond[draws] ** 2, axis=1) / (n - d))
    low, high = np.quantile(values, [0.025, 0.975])
    return Estimate(math.sqrt(float(np.sum(beyond**2)) / (n - d)), float(low), float(high))
