"""Confidence sequences: intervals that stay valid if one looks after every participant.

**Conventions.** Each participant gives one value: the difference between two systems, over the
songs that the participant rated with both. If a participant rated a system repeatedly, the repeated
ratings are averaged first. The analysed values are means over songs, so that the results are valid
only for the songs of the study. The intervals are valid for large numbers of participants
(asymptotically). With fewer than `LEAST_N` participants, no result is given. In formulas, n is the
number of participants.

References
----------
.. [1] Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), Time-uniform central limit theory and
   asymptotic confidence sequences. Annals of Statistics 52. (arXiv 2103.06476, 2021.)
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import lambertw

from analysis.sequential.plan import (
    ALPHA,
    ContrastSoFar,
    Look,
    SequentialFinding,
    SequentialPlan,
    in_order_of_completion,
    with_holm,
)

Floats = NDArray[np.float64]

LEAST_N = 20
"""Participants from which the share of false findings is at most .05 (docs/validation.md)."""

NARROWEST_N = 40
"""Number of participants at which the interval is narrowest."""


def mixing_variance(n: float, alpha: float = ALPHA) -> float:
    """Variance rho^2 of the mixture for which the interval at n is narrowest [1]_."""
    return float((-lambertw(-(alpha**2) / np.e, -1).real - 1) / n)


def half_widths(n: Floats, alpha: float = ALPHA) -> Floats:
    """Half width of the interval after n values, if their standard deviation is 1 [1]_.

    Parameters
    ----------
    n
        Numbers of values.
    alpha
        Probability that the interval excludes the true mean at least once.
    """
    u = n * mixing_variance(NARROWEST_N)
    return np.asarray(np.sqrt(2 * (u + 1) / (n * u) * np.log(np.sqrt(u + 1) / alpha)))


def anytime_p(values: Floats) -> float:
    """Smallest level at which the interval excluded zero at some n >= `LEAST_N`.

    Parameters
    ----------
    values
        One difference for each participant, in the order in which they finished.
    """
    n = np.arange(1, len(values) + 1)
    mean = np.cumsum(values) / n
    around = np.cumsum((values - values[:1]) ** 2) - n * (mean - values[:1]) ** 2
    said = n >= LEAST_N
    if not said.any():
        return 1.0
    n, mean = n[said], mean[said]
    variance = np.maximum(around[said] / (n - 1), 0.0)
    u = n * mixing_variance(NARROWEST_N)
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = np.nan_to_num(mean**2 / variance, nan=0.0, posinf=np.inf)
    log_p = 0.5 * np.log1p(u) - n * u * squared / (2 * (u + 1))
    return float(np.exp(min(0.0, float(log_p.min()))))


def listener_differences(rows: pd.DataFrame, a: str, b: str) -> pd.Series:
    """Difference a - b of each participant, over songs that were rated with both systems.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    a, b
        Systems.

    Returns
    -------
    Series
        Differences by participant. A participant who rated no song with both systems is left out.
    """
    cells = rows.pivot_table(index=["participant", "song"], columns="system", values="rating")
    both = cells.reindex(columns=[a, b]).dropna()
    return (both[a] - both[b]).groupby("participant").mean()


def at_any_time(rows: pd.DataFrame, plan: SequentialPlan, is_closed: bool) -> SequentialFinding:
    """Results at this time, from all participants who have finished.

    Parameters
    ----------
    rows
        Rated rows of the primary attribute, after exclusions; the column rated_at is included.
    plan
        With ``anytime``.
    is_closed
        Whether the study is complete, so that no more participants will come.

    Raises
    ------
    NotEstimableError
        The ratings do not have times.
    """
    finished = in_order_of_completion(rows)
    n = len(finished)
    found = [_so_far(rows, pair, finished.index) for pair in plan.contrasts]
    looks = (Look(n, str(finished.iloc[-1]), with_holm(found)),) if n >= LEAST_N else ()
    return SequentialFinding(looks, n, None if is_closed else max(n + 1, LEAST_N))


def _so_far(rows: pd.DataFrame, pair: tuple[str, str], order: pd.Index) -> ContrastSoFar:
    found = listener_differences(rows, *pair)
    values = found.reindex(order).dropna().to_numpy(dtype=float)
    if len(values) < LEAST_N:
        return ContrastSoFar(*pair, float("nan"), float("nan"), float("nan"), 1.0)
    mean = float(values.mean())
    half = float(half_widths(np.array([len(values)]))[0]) * float(values.std(ddof=1))
    return ContrastSoFar(*pair, mean, mean - half, mean + half, anytime_p(values))
