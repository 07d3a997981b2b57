"""Common parts of the companion tests on listener means: complete data, and paired t test.

Each companion test is a method (:mod:`analysis.methods`) in a file of its own. Tests of all systems
use the mean of each participant over the songs on which the participant rated every system. Tests
of pairs use the ratings of single songs, and give differences a - b
(:mod:`analysis.statistics.pairs`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.pairs import FLAT

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MeanDifference:
    """Student's paired test of x - y in points, for one pair or several pairs."""

    estimate: Floats
    se: Floats
    df: int
    t: Floats
    p: Floats
    ci_low: Floats
    ci_high: Floats


def complete_means(means: pd.DataFrame) -> Floats:
    """Means of the participants who rated all systems; the array is at least 2 x 2.

    Raises
    ------
    NotEstimableError
        Fewer than two systems are left, or fewer than two participants without missing values.
    """
    if means.shape[1] < 2:
        raise NotEstimableError("There is only one system, so there is nothing to compare.")
    rated = means.dropna(axis=1, how="all")
    complete = rated.dropna().to_numpy(dtype=float)
    if rated.shape[1] < 2 or len(complete) < 2:
        raise NotEstimableError(
            "Fewer than two participants rated every system on the same song, so means of "
            "listeners would compare different songs."
        )
    return complete


def paired_t(x: Floats, y: Floats) -> MeanDifference:
    """Student's paired t test with 95 % interval.

    Parameters
    ----------
    x, y
        Means of the same participants, in points; the last axis is participants.

    Raises
    ------
    NotEstimableError
        All differences are equal, so their error cannot be estimated.
    """
    d = x - y
    n = d.shape[-1]
    se = spread(d) / np.sqrt(n)
    estimate, half = d.mean(axis=-1), special.stdtrit(n - 1, 0.975) * se
    t = estimate / se
    p = 2 * special.stdtr(n - 1, -np.abs(t))
    return MeanDifference(estimate, se, n - 1, t, p, estimate - half, estimate + half)


def spread(differences: Floats) -> Floats:
    """Standard deviation of differences along the last axis; an error is raised if it is zero.

    Raises
    ------
    NotEstimableError
        There are fewer than two differences, or all differences are equal apart from rounding
        errors.
    """
    if differences.shape[-1] < 2:
        raise NotEstimableError("One participant gives no measure of error.")
    if np.any(np.ptp(differences, axis=-1) < FLAT):
        raise NotEstimableError(
            "Every participant has the same difference, so its error cannot be estimated."
        )
    return np.asarray(differences.std(axis=-1, ddof=1))
