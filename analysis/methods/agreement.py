"""Do participants agree? Intraclass correlations, Krippendorff's alpha, Kendall's W.

**Conventions.** A table has r rows (stimuli: song x system) and c columns (participants). The mean
squares are MSR (rows), MSC (columns), MSE (residual) and MSW (within rows).

References
----------
.. [1] Shrout & Fleiss (1979), Intraclass correlations: uses in assessing rater reliability.
.. [2] McGraw & Wong (1996), Forming inferences about some intraclass correlation coefficients.
.. [3] Hayes & Krippendorff (2007), Answering the call for a standard reliability measure.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.findings.checks import Agreement, Icc
from analysis.methods.base import Method
from analysis.statistics.estimable import NotEstimableError, section
from analysis.statistics.paired import friedman


def icc(table: ArrayLike, level: float = 0.95) -> list[Icc]:
    """All six intraclass correlations of Shrout and Fleiss.

    Parameters
    ----------
    table
        Ratings, shape (n_stimuli, n_participants), at least 2 x 2, without missing values.
    level
        Confidence of the intervals.

    Returns
    -------
    list of Icc
        Forms "ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)". The first
        number of a form is 1 if each stimulus has other participants, 2 if the participants are a
        sample, and 3 if the participants are fixed. The second value of a form is 1 for single
        ratings and k for mean ratings.

    Raises
    ------
    NotEstimableError
        The table is smaller than 2 x 2, or all ratings are equal.
    """
    y = np.asarray(table, dtype=float)
    if min(y.shape) < 2:
        raise NotEstimableError("Agreement needs two stimuli that two participants rated.")
    r, c = y.shape
    row, column = y.mean(axis=1), y.mean(axis=0)
    msr = c * float(np.sum((row - y.mean()) ** 2)) / (r - 1)
    msc = r * float(np.sum((column - y.mean()) ** 2)) / (c - 1)
    mse = float(np.sum((y - row[:, None] - column + y.mean()) ** 2)) / ((r - 1) * (c - 1))
    msw = float(np.sum((y - row[:, None]) ** 2)) / (r * (c - 1))
    if msw <= 1e-12 or mse <= 1e-12:
        raise NotEstimableError("The participants' ratings do not differ within stimuli.")
    tail = 0.5 + level / 2
    one = _oneway("ICC(1,1)", "ICC(1,k)", msr / msw, r, c, r * (c - 1), tail)
    three = _oneway("ICC(3,1)", "ICC(3,k)", msr / mse, r, c, (r - 1) * (c - 1), tail)
    with np.errstate(all="ignore"):  # if a confidence limit does not exist, it is NaN
        two = _twoway(msr, msc, mse, r, c, tail)
    return [one[0], two[0], three[0], one[1], two[1], three[1]]


def _oneway(
    single: str, mean: str, f: float, r: int, c: int, df2: int, tail: float
) -> tuple[Icc, Icc]:
    df1 = r - 1
    low, high = f / stats.f.ppf(tail, df1, df2), f * stats.f.ppf(tail, df2, df1)
    p = float(stats.f.sf(f, df1, df2))

    def scaled(value: float) -> float:
        return float((value - 1) / (value + c - 1))

    return (
        Icc(single, scaled(f), f, df1, df2, p, scaled(low), scaled(high)),
        Icc(mean, 1 - 1 / f, f, df1, df2, p, float(1 - 1 / low), float(1 - 1 / high)),
    )


def _twoway(msr: float, msc: float, mse: float, r: int, c: int, tail: float) -> tuple[Icc, Icc]:
    rho = (msr - mse) / (msr + (c - 1) * mse + c * (msc - mse) / r)
    a, b = c * rho / (r * (1 - rho)), 1 + c * rho * (r - 1) / (r * (1 - rho))
    v = (a * msc + b * mse) ** 2 / ((a * msc) ** 2 / (c - 1) + (b * mse) ** 2 / ((r - 1) * (c - 1)))
    f_low, f_high = stats.f.ppf(tail, r - 1, v), stats.f.ppf(tail, v, r - 1)
    rest = c * msc + (r * c - r - c) * mse
    low = float(r * (msr - f_low * mse) / (f_low * rest + r * msr))
    high = float(r * (f_high * msr - mse) / (rest + r * f_high * msr))
    f, df1, df2 = msr / mse, r - 1, (r - 1) * (c - 1)
    p = float(stats.f.sf(f, df1, df2))
    mean = (msr - mse) / (msr + (msc - mse) / r)

    def averaged(value: float) -> float:
        return value * c / (1 + value * (c - 1))

    return (
        Icc("ICC(2,1)", rho, f, df1, df2, p, low, high),
        Icc("ICC(2,k)", mean, f, df1, df2, p, averaged(low), averaged(high)),
    )


def krippendorff_alpha(table: ArrayLike) -> float:
    """Krippendorff's alpha on the interval scale; missing ratings are allowed.

    Parameters
    ----------
    table
        Ratings, shape (n_stimuli, n_participants); NaN for a missing rating. A stimulus with only
        one rating is ignored.

    Returns
    -------
    float
        1 - observed / expected disagreement. An alpha of 1 means perfect agreement, and an alpha of
        0 means agreement by chance.

    Raises
    ------
    NotEstimableError
        No stimulus has two ratings, or all ratings are equal.

    Notes
    -----
    With squared differences both disagreements are sums of squares: observed = sum over stimuli of
    m / (m - 1) times the squares around their mean, expected = n / (n - 1) times all squares.
    """
    y = np.asarray(table, dtype=float)
    y = y[np.isfinite(y).sum(axis=1) > 1]
    if y.size == 0:
        raise NotEstimableError("No stimulus was rated by two participants.")
    m = np.isfinite(y).sum(axis=1)
    within = np.nansum((y - np.nanmean(y, axis=1, keepdims=True)) ** 2, axis=1)
    values = y[np.isfinite(y)]
    expected = len(values) / (len(values) - 1) * float(np.sum((values - values.mean()) ** 2))
    if expected <= 1e-12:
        raise NotEstimableError("All ratings are equal.")
    return 1 - float(np.sum(m / (m - 1) * within)) / expected


def agreement_section(rows: pd.DataFrame) -> Agreement:
    """Section `agreement` of the findings (see docs/results.md).

    Parameters
    ----------
    rows
        Rated rows of one attribute.

    Returns
    -------
    Agreement
        The intraclass correlations use only participants who rated all stimuli. Alpha uses all
        participants.
    """
    table = rows.pivot_table(index=["song", "system"], columns="participant", values="rating")
    complete = table.dropna(axis=1)
    return Agreement(
        n_participants=complete.shape[1],
        n_targets=complete.shape[0],
        icc=section(lambda: icc(complete.to_numpy())),
        krippendorff_alpha=section(lambda: krippendorff_alpha(table.to_numpy())),
        # Agreement of the participants on the rank order of the stimuli.
        kendall_w=section(lambda: friedman(complete.to_numpy().T).kendall_w),
    )


METHOD = Method(place=140, compute=lambda given: agreement_section(given.rows))
