"""How a participant rates: the same stimulus again, like the others, or anything at all.

**Conventions.** All statistics are of one participant over all stimuli (attribute x song x system).
They flag, they never exclude: disagreeing with the others may be taste.

In reading order: repeated ratings, agreement with the others, discrimination without repeats, use
of the scale.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.paired import friedman

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Repeats:
    """Consistency of one participant, in points; `f` compares stimuli with repeats.

    `floor` is the F that 95 % of random assignments of the ratings to stimuli stay below.
    """

    rmsd: float
    mad: float
    r: float
    reliability_sd: float
    discrimination: float
    f: float
    p: float
    floor: float


def repeats(ratings: ArrayLike, stimuli: ArrayLike, seed: int, n_draws: int = 1000) -> Repeats:
    """Reliability and discrimination from repeated ratings.

    Parameters
    ----------
    ratings
        All ratings of one participant, in the order in which each stimulus was rated.
    stimuli
        Label of the stimulus of each rating; stimuli rated only once are left out.
    seed
        Of the permutations behind `floor`.
    n_draws
        How many permutations.

    Returns
    -------
    Repeats
        rmsd, mad and r compare the first two ratings of each stimulus. reliability_sd =
        sqrt(MS_error), discrimination = sqrt(MS_stimulus / repeats per stimulus), f = MS_stimulus /
        MS_error of a one-way ANOVA on stimulus.

    Raises
    ------
    NotEstimableError
        When fewer than two stimuli were rated twice.

    References
    ----------
    .. [1] The idea of a noise floor by permutation follows eGauge, ITU-R BS.2300.
    """
    names, code = np.unique(np.asarray(stimuli, dtype=str), return_inverse=True)
    often = np.bincount(code) > 1
    kept = often[code]
    y, code = np.asarray(ratings, dtype=float)[kept], code[kept]
    names, code = np.unique(code, return_inverse=True)
    if len(names) < 2:
        raise NotEstimableError("Fewer than two stimuli were rated twice.")
    size = np.bincount(code).astype(float)
    df_error = len(y) - len(names)
    between = _between(y[None], code, size)[0]
    total = float(np.sum((y - y.mean()) ** 2))
    ms_stimulus, ms_error = between / (len(names) - 1), (total - between) / df_error
    f = ms_stimulus / ms_error if ms_error > 1e-12 else float("inf")
    drawn = _between(y[_orders(len(y), seed, n_draws)], code, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        floor_f = (drawn / (len(names) - 1)) / ((total - drawn) / df_error)
    first, second = _first_two(y, code, len(names))
    constant = np.ptp(first) == 0 or np.ptp(second) == 0
    return Repeats(
        rmsd=float(np.sqrt(np.mean((first - second) ** 2))),
        mad=float(np.mean(np.abs(first - second))),
        r=float("nan") if constant else float(np.corrcoef(first, second)[0, 1]),
        reliability_sd=float(np.sqrt(max(ms_error, 0.0))),
        discrimination=float(np.sqrt(ms_stimulus / size.mean())),
        f=float(f),
        p=float(stats.f.sf(f, len(names) - 1, df_error)),
        floor=_floor(floor_f),
    )


def _floor(drawn: Floats) -> float:
    """F that 95 % of the random assignments stay below; infinity where repeats often agree."""
    largest = np.finfo(float).max
    floor = float(np.quantile(np.minimum(drawn, largest), 0.95))
    return float("inf") if floor > largest / 2 else floor


def _between(y: Floats, code: Integers, size: Floats) -> Floats:
    """Sum of squares between stimuli for each row of ratings."""
    member = np.eye(len(size))[code]
    centred = y - y.mean(axis=1, keepdims=True)
    return np.asarray(np.sum((centred @ member) ** 2 / size, axis=1))


def _first_two(y: Floats, code: Integers, n_stimuli: int) -> tuple[Floats, Floats]:
    order = np.argsort(code, kind="stable")
    start = np.searchsorted(code[order], np.arange(n_stimuli))
    return y[order][start], y[order][start + 1]


def agreement(
    own: ArrayLike, others: ArrayLike, seed: int, n_draws: int = 1000
) -> tuple[float, float]:
    """Rank correlation of a participant with the mean of all others.

    Parameters
    ----------
    own
        The participant's rating of each stimulus.
    others
        Mean rating of the same stimuli by all other participants.
    seed
        Of the permutations.
    n_draws
        How many permutations.

    Returns
    -------
    tuple of float
        (Spearman's rho, the rho that 95 % of random orders stay below); NaN when one side is
        constant or fewer than three stimuli are shared.
    """
    x, y = np.asarray(own, dtype=float), np.round(np.asarray(others, dtype=float), 9)
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan"), float("nan")
    a, b = stats.rankdata(x), stats.rankdata(y)
    a, b = (a - a.mean()) / a.std(), (b - b.mean()) / b.std()
    drawn = a[_orders(len(a), seed, n_draws)] @ b / len(b)
    return float(a @ b / len(b)), float(np.quantile(drawn, 0.95))


@lru_cache(maxsize=4)
def _orders(n: int, seed: int, n_draws: int) -> NDArray[np.int64]:
    """Random orders of n values, shape (n_draws, n); the same for all participants of a study."""
    return np.random.default_rng(seed).permuted(np.tile(np.arange(n), (n_draws, 1)), axis=1)


def discrimination_p(table: ArrayLike) -> float:
    """P-value of one participant's Friedman test over songs: are the systems told apart.

    Parameters
    ----------
    table
        Shape (n_songs, n_systems); songs with gaps are left out.

    Returns
    -------
    float
        NaN where the test does not exist.
    """
    complete = np.asarray(table, dtype=float)
    complete = complete[np.isfinite(complete).all(axis=1)]
    try:
        return friedman(complete).p
    except NotEstimableError:
        return float("nan")


def most_common_share(ratings: ArrayLike) -> float:
    """Share of ratings that have the most frequent value."""
    values = np.asarray(ratings, dtype=float)
    return float(np.unique(values, return_counts=True)[1].max() / len(values))
