"""How a participant rates: repeated ratings, agreement with others, discrimination.

**Conventions.** All values are about one participant, over all stimuli (attribute x song x system).
Values about how a participant rates only flag participants and never exclude them, because
disagreement with others can be a matter of taste.

In reading order: repeated ratings, agreement with others, discrimination without repeated ratings,
use of the scale.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.paired import friedman_p_values

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROWS_AT_ONCE = 256
"""Number of participants whose random orders are in memory at the same time: 2 MB."""


@dataclass(frozen=True)
class Repeats:
    """How consistent one participant is, in points; `f` compares stimuli with repeated ratings.

    If the ratings are assigned to the stimuli at random, F is below `floor` in 95 % of the cases.
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
    """Reliability and discrimination, computed from repeated ratings.

    Parameters
    ----------
    ratings
        All ratings of a participant; those of the same stimulus are in the order in which they were
        given.
    stimuli
        Stimulus of each rating; stimuli that have only one rating are left out.
    seed
        Seed of the permutations for `floor`.
    n_draws
        How many permutations.

    Returns
    -------
    Repeats
        The values rmsd, mad and r compare a participant's first and second rating of each stimulus.
        The other values come from a one-way ANOVA, in which the factor is the stimulus:
        reliability_sd = sqrt(MS_error), discrimination = sqrt(MS_stimulus / repeats per stimulus),
        f = MS_stimulus / MS_error.

    Raises
    ------
    NotEstimableError
        Fewer than two stimuli were rated twice.

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
    """95 % of random assignments have an F below this; infinity if repeats often agree exactly."""
    largest = np.finfo(float).max
    floor = float(np.quantile(np.minimum(drawn, largest), 0.95))
    return float("inf") if floor > largest / 2 else floor


def _between(y: Floats, code: Integers, size: Floats) -> Floats:
    """Sum of squares between stimuli, for each row of ratings."""
    member = np.eye(len(size))[code]
    centred = y - y.mean(axis=1, keepdims=True)
    return np.asarray(np.sum((centred @ member) ** 2 / size, axis=1))


def _first_two(y: Floats, code: Integers, n_stimuli: int) -> tuple[Floats, Floats]:
    order = np.argsort(code, kind="stable")
    start = np.searchsorted(code[order], np.arange(n_stimuli))
    return y[order][start], y[order][start + 1]


def agreement(
    own: ArrayLike, others: ArrayLike, seed: int, n_draws: int = 1000
) -> tuple[Floats, Floats]:
    """Rank correlation of each participant's ratings with the mean of the other participants.

    Parameters
    ----------
    own
        Rating of each participant for each stimulus, shape (n_participants, n_stimuli).
    others
        For each participant, the mean rating of the same stimuli by the others, in the same shape.
    seed
        Of the permutations.
    n_draws
        How many permutations.

    Returns
    -------
    tuple of arrays
        Spearman's rho of each participant, and a limit: 95 % of random orders have a rho below it.
        Shape (n_participants,). The result is NaN if one of the two rows is constant, or if fewer
        than three stimuli are in both rows.
    """
    x, y = np.asarray(own, dtype=float), np.round(np.asarray(others, dtype=float), 9)
    known = np.isfinite(x) & np.isfinite(y)
    rho, floor = np.full((2, len(x)), np.nan)
    for rows in _alike(known):
        shared = known[rows[0]]
        if shared.sum() < 3:
            continue
        a, b = x[np.ix_(rows, shared)], y[np.ix_(rows, shared)]
        varied = (np.ptp(a, axis=1) != 0) & (np.ptp(b, axis=1) != 0)
        if varied.any():
            found = _correlated(a[varied], b[varied], seed, n_draws)
            rho[rows[varied]], floor[rows[varied]] = found
    return rho, floor


def _alike(known: NDArray[np.bool_]) -> list[Integers]:
    """Indices of rows; rows with known values in the same columns are in one group."""
    found: dict[bytes, list[int]] = {}
    for place, row in enumerate(np.packbits(known, axis=1)):
        found.setdefault(row.tobytes(), []).append(place)
    return [np.array(rows, dtype=np.int64) for rows in found.values()]


def _correlated(x: Floats, y: Floats, seed: int, n_draws: int) -> tuple[Floats, Floats]:
    """Rho of each row of x with the same row of y; its noise floor; no row may be constant."""
    a, b = (_standardised(stats.rankdata(values, axis=1)) for values in (x, y))
    n, orders = x.shape[1], _orders(x.shape[1], seed, n_draws)
    rho = np.array([first @ second / n for first, second in zip(a, b, strict=True)])
    floors, shuffled = [], np.empty(orders.shape)
    for start in range(0, len(a), ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        drawn = np.empty((len(a[block]), n_draws))
        for place, (first, second) in enumerate(zip(a[block], b[block], strict=True)):
            np.take(first, orders, out=shuffled, mode="clip")  # mode="raise" would copy the array
            drawn[place] = shuffled @ second / n
        floors.append(np.quantile(drawn, 0.95, axis=1))
    return rho, np.concatenate(floors)


def _standardised(ranks: Floats) -> Floats:
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    return np.asarray(centred / ranks.std(axis=1, keepdims=True))


@lru_cache(maxsize=4)
def _orders(n: int, seed: int, n_draws: int) -> NDArray[np.int64]:
    """Random orders of n values, shape (n_draws, n); all participants of a study use the same."""
    return np.random.default_rng(seed).permuted(np.tile(np.arange(n), (n_draws, 1)), axis=1)


def discrimination_p(table: ArrayLike) -> Floats:
    """P-value of each participant's Friedman test of the systems; the blocks are the songs.

    Parameters
    ----------
    table
        Ratings, shape (n_participants, n_songs, n_systems). For each participant, first the systems
        without any rating are left out, and then the songs with a missing rating.

    Returns
    -------
    ndarray
        P-values, shape (n_participants,); NaN if the test cannot be computed.
    """
    cells = np.round(np.asarray(table, dtype=float), 9)
    known = np.isfinite(cells)
    has = np.asarray(known.any(axis=1), dtype=bool)
    p = np.full(len(cells), np.nan)
    for rows in _alike(has):
        systems = has[rows[0]]
        if systems.sum() < 2:
            continue
        theirs = cells[np.ix_(rows, np.arange(cells.shape[1]), systems)]
        complete = np.isfinite(theirs).all(axis=2)
        ranks = stats.rankdata(theirs[complete], axis=1)
        n_songs = complete.sum(axis=1)
        starts = np.cumsum(n_songs) - n_songs
        for n in np.unique(n_songs[n_songs > 1]):
            alike = n_songs == n
            p[rows[alike]] = friedman_p_values(ranks[starts[alike, None] + np.arange(n)])
    return p


def most_common_share(ratings: ArrayLike) -> Floats:
    """Share of ratings that are equal to the most frequent rating.

    Parameters
    ----------
    ratings
        Shape (..., n).

    Returns
    -------
    ndarray
        Shape (...).
    """
    values = np.sort(np.asarray(ratings, dtype=float), axis=-1)
    places = np.arange(values.shape[-1])
    begins = np.where(np.diff(values, axis=-1, prepend=np.nan) != 0, places, 0)
    run = places - np.maximum.accumulate(begins, axis=-1) + 1
    return np.asarray(run.max(axis=-1) / len(places))
