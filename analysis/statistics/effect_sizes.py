"""Size of a difference. Effect sizes with bootstrap intervals.

**Conventions.** A difference x - y is the difference between two means of the same participant, in
points. Percentile intervals are computed from resampled **participants**: each is drawn as a whole,
with all systems. The pigeonhole bootstrap draws participants and songs together, so that its
results are valid for similar songs as well.

References
----------
.. [1] Lakens (2013), Calculating and reporting effect sizes to facilitate cumulative science.
.. [2] Owen (2007), The pigeonhole bootstrap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from analysis.findings.sections import Estimate
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.pairs import FLAT

Floats = NDArray[np.float64]


def small_sample_factor(df: float) -> float:
    """Hedges' exact correction factor J(df) for a standardised mean difference.

    Notes
    -----
    J(v) = exp(lgamma(v / 2) - log(sqrt(v / 2)) - lgamma((v - 1) / 2)), not the 1 - 3 / (4 v - 1) of
    textbooks.
    """
    return float(np.exp(gammaln(df / 2) - 0.5 * np.log(df / 2) - gammaln((df - 1) / 2)))


@dataclass(frozen=True)
class Spreads:
    """Mean difference and standard deviations of pairs, in the sample or in many resamples."""

    n: int
    mean: Floats
    sd: Floats
    average_sd: Floats
    rank_biserial: Floats

    @property
    def effects(self) -> dict[str, Floats]:
        """Effect sizes; their names are those in results.json.

        `d_z` is the mean difference divided by the standard deviation of the differences. `g_z` is
        `d_z` with Hedges' correction. For `g_av`, the mean difference is divided by the root mean
        square of the two standard deviations.
        """
        factor = small_sample_factor(self.n - 1)
        d_z = self.mean / _known(self.sd)
        return {
            "points": self.mean,
            "d_z": d_z,
            "g_z": d_z * factor,
            "g_av": self.mean / _known(self.average_sd) * factor,
            "rank_biserial": self.rank_biserial,
        }


def _known(spread: Floats) -> Floats:
    """A standard deviation that is only a rounding error counts as 0, never as a divisor."""
    return np.where(spread < 1e-9, 0.0, spread)


def _spreads(x: Floats, y: Floats, counts: Floats) -> Spreads:
    """Standard deviations in resamples; ``counts`` (n, n_draws): draws per participant."""
    n, d = x.shape[-1], x - y
    # The mean is subtracted from the values before squaring. Without centring, the variance would
    # be an inaccurate difference of two large numbers.
    centred = np.array([one - one.mean(axis=-1, keepdims=True) for one in (x, y, d)])
    first = centred @ counts / n
    square = centred**2 @ counts / n
    variance = square - first**2
    variance = np.where(variance < 1e-12 * square, 0.0, variance) * n / (n - 1)  # rounding noise
    return Spreads(
        n,
        d.mean(axis=-1, keepdims=True) + first[2],
        np.sqrt(variance[2]),
        np.sqrt((variance[0] + variance[1]) / 2),
        rank_biserial(d, counts),
    )


def rank_biserial(d: Floats, counts: Floats) -> Floats:
    """Matched-pairs rank-biserial correlation (V+ - V-) / (V+ + V-); zeros are left out.

    Parameters
    ----------
    d
        Differences of the participants, for one or several pairs; the last axis is participants.
    counts
        How often each participant is drawn, shape (n, n_draws); for the sample itself, all are 1.
    """
    size = np.abs(np.round(d, 9))
    sign, rated = np.where(size > 0, np.sign(d), 0.0), (size > 0).astype(float)
    m = rated @ counts
    # The mean rank of tied values is the number of smaller values, plus half of the number of tied
    # values, plus 1/2. The ranks of m values sum to m (m+1)/2.
    if d.shape[-1] <= FEW_PARTICIPANTS:
        ranked = _ranked_by_products(size, sign * rated, rated, counts)
    else:
        pairs = zip(*(part.reshape(-1, len(counts)) for part in (size, sign, rated)), strict=True)
        ranked = np.array([_ranked_by_sums(counts, *pair) for pair in pairs]).reshape(m.shape)
    return np.asarray((ranked + sign @ counts) / np.maximum(m * (m + 1), 1.0))


FEW_PARTICIPANTS = 150
"""Size up to which a product of matrices ranks resamples faster than running sums."""


def _ranked_by_products(size: Floats, sign: Floats, rated: Floats, counts: Floats) -> Floats:
    """Sum over participants of sign x count x ranks below, computed as products of two counts."""
    below = np.less(size[..., None, :], size[..., None])
    below = below + np.less_equal(size[..., None, :], size[..., None]).astype(float)
    weight = sign[..., None] * below * rated[..., None, :]
    first, second = np.triu_indices(len(counts))
    weight = weight + np.swapaxes(weight, -1, -2)
    flat = weight[..., first, second] * np.where(first == second, 0.5, 1.0)
    pieces = np.array_split(counts, max(1, len(first) * counts.shape[1] // MOST_PRODUCTS), axis=1)
    return np.concatenate([flat @ (one[first] * one[second]) for one in pieces], axis=-1)


MOST_PRODUCTS = 500_000
"""Number of products of counts that are in memory at the same time (some 4 MB)."""


def _ranked_by_sums(counts: Floats, size: Floats, sign: Floats, rated: Floats) -> Floats:
    """The rank sum for one pair, from cumulative sums over the participants in rank order."""
    order = np.argsort(size, kind="stable")
    sums = np.cumsum((rated[:, None] * counts)[order], axis=0)
    sums = np.vstack([np.zeros(counts.shape[1]), sums])
    ends = [np.searchsorted(size[order], size, side=side) for side in ("left", "right")]
    ranked = sign[:, None] * (sums[ends[0]] + sums[ends[1]])
    return np.asarray(np.einsum("ij,ij->j", counts, ranked))


def paired_effects(
    x: ArrayLike, y: ArrayLike, seed: int, n_draws: int
) -> list[dict[str, Estimate]]:
    """All effect sizes for pairs of systems.

    Parameters
    ----------
    x, y
        Means in points, shape (n_pairs, n), of the same participants.
    seed
        Of the resampling.
    n_draws
        How many resamples.

    Returns
    -------
    list of dict
        For each pair, an `Estimate` of every effect in `Spreads.effects`.

    Raises
    ------
    NotEstimableError
        The pair has fewer than three participants, or all differences are equal.
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    n = a.shape[1]
    if n < 3 or np.any(np.ptp(a - b, axis=1) < FLAT):
        raise NotEstimableError("Effect sizes need three participants whose differences vary.")
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = _spreads(a, b, _draws(n, seed, n_draws)).effects
    found = {
        name: [
            Estimate(value, *limits)
            for value, limits in zip(
                drawn[:, 0].tolist(), _percentiles_of_each(drawn[:, 1:]), strict=True
            )
        ]
        for name, drawn in effects.items()
    }
    return [dict(zip(found, own, strict=True)) for own in zip(*found.values(), strict=True)]


@lru_cache(maxsize=4)
def _draws(n: int, seed: int, n_draws: int) -> Floats:
    """How often each participant is drawn: 1 in the sample (column one), then per resample.

    All pairs of a test use the same random draws.
    """
    index = np.random.default_rng(seed).integers(0, n, size=(n_draws, n))
    places = index * n_draws + np.arange(n_draws)[:, None]
    drawn = np.bincount(places.ravel(), minlength=n * n_draws).reshape(n, n_draws)
    return np.hstack([np.ones((n, 1)), drawn])


def percentiles(drawn: Floats, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of resampled values; missing values are ignored."""
    finite = drawn[np.isfinite(drawn)]
    if len(finite) < len(drawn) / 2:
        return float("nan"), float("nan")
    low, high = _quantiles(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _quantiles(values: Floats, shares: Sequence[float]) -> list[Floats]:
    """Quantiles along the last axis; if there are few quantiles, five times as fast as numpy."""
    places = np.array(shares) * (values.shape[-1] - 1)
    below = places.astype(int)
    above = np.minimum(below + 1, values.shape[-1] - 1)
    ordered = np.partition(values, np.unique([below, above]), axis=-1)
    return [
        ordered[..., low] + (place - low) * (ordered[..., high] - ordered[..., low])
        for place, low, high in zip(places, below, above, strict=True)
    ]


def _percentiles_of_each(drawn: Floats) -> list[tuple[float, float]]:
    """`percentiles` of each row; rows that are complete are computed together."""
    whole = np.isfinite(drawn).all(axis=1)
    limits = np.empty((len(drawn), 2))
    if whole.any():
        limits[whole] = np.column_stack(_quantiles(drawn[whole], [0.025, 0.975]))
    for place in np.flatnonzero(~whole):
        limits[place] = percentiles(drawn[place])
    return [(low, high) for low, high in limits.tolist()]


def pigeonhole(differences: ArrayLike, seed: int, n_draws: int) -> list[tuple[float, float]]:
    """Intervals of mean differences; participants and songs are both resampled.

    Parameters
    ----------
    differences
        Ratings, shape (n_pairs, n_participants, n_songs), in points; NaN for a missing rating.
    seed
        Of the resampling.
    n_draws
        How many resamples.

    Returns
    -------
    list of tuple
        95 % limits of each pair, in points; by construction, the limits are rather too wide than
        too narrow.

    Raises
    ------
    NotEstimableError
        There are fewer than two participants or fewer than two songs.
    """
    d = np.asarray(differences, dtype=float)
    n, s = d.shape[1:]
    if n < 2 or s < 2:
        raise NotEstimableError("The pigeonhole bootstrap needs two participants and two songs.")
    w, v = _pigeonhole_weights(n, s, seed, n_draws)
    found: list[tuple[float, float]] = []
    for part in np.array_split(d, max(1, d.shape[0] * s * n_draws // MOST_PRODUCTS)):
        known = np.isfinite(part)
        below = float(n * s) if known.all() else _drawn_sums(known.astype(float), w, v)
        with np.errstate(divide="ignore", invalid="ignore"):
            found += _percentiles_of_each(_drawn_sums(np.where(known, part, 0.0), w, v) / below)
    return found


def _drawn_sums(table: Floats, w: Floats, v: Floats) -> Floats:
    """Sums over participants and songs, weighted by how often each is drawn; (n_pairs, n_draws)."""
    m, n, s = table.shape
    over_participants = (w @ table.transpose(1, 0, 2).reshape(n, m * s)).reshape(len(w), m, s)
    return np.asarray(np.einsum("dms,ds->md", over_participants, v))


@lru_cache(maxsize=2)
def _pigeonhole_weights(n: int, s: int, seed: int, n_draws: int) -> tuple[Floats, Floats]:
    """How often each participant and song is drawn; all pairs of a test use the same draws."""
    rng = np.random.default_rng(seed)
    w = rng.multinomial(n, np.full(n, 1 / n), size=n_draws).astype(float)
    v = rng.multinomial(s, np.full(s, 1 / s), size=n_draws).astype(float)
    return w, v


def cliffs_delta(x: ArrayLike, y: ArrayLike, seed: int, n_draws: int) -> Estimate:
    """Cliff's delta: how much one group of participants is above another group.

    Parameters
    ----------
    x, y
        One number for each participant, in each of the two groups.
    seed
        Seed of the resampling; each group is resampled separately.
    n_draws
        How many resamples.

    Returns
    -------
    Estimate
        Mean sign of x_i - y_j; it is 1 if every x is above every y.
    """
    a, b = np.round(np.asarray(x, float), 9), np.round(np.asarray(y, float), 9)
    rng = np.random.default_rng(seed)
    sign = np.sign(a[:, None] - b[None, :])
    w = rng.multinomial(len(a), np.full(len(a), 1 / len(a)), size=n_draws) / len(a)
    v = rng.multinomial(len(b), np.full(len(b), 1 / len(b)), size=n_draws) / len(b)
    return Estimate(float(sign.mean()), *percentiles(np.sum((w @ sign) * v, axis=1)))


def eta_squared_intervals(
    means: ArrayLike, seed: int, n_draws: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Bootstrap intervals of the partial and generalised eta squared for the system effect.

    Parameters
    ----------
    means
        Means, shape (n_participants, n_systems), without missing values.
    seed
        Seed of the resampling of participants.
    n_draws
        How many resamples.

    Returns
    -------
    tuple
        First the confidence limits of eta2_p, then those of eta2_g.
    """
    table = np.asarray(means, dtype=float)
    n, k = table.shape
    index = np.random.default_rng(seed).integers(0, n, size=(n_draws, n))
    drawn = table[index]
    whole = drawn.mean(axis=(1, 2), keepdims=True)
    by_system = drawn.mean(axis=1, keepdims=True) - whole
    by_participant = drawn.mean(axis=2, keepdims=True) - whole
    ss_system = n * np.sum(by_system**2, axis=(1, 2))
    ss_participant = k * np.sum(by_participant**2, axis=(1, 2))
    ss_error = np.sum((drawn - whole - by_system - by_participant) ** 2, axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        partial = ss_system / (ss_system + ss_error)
        general = ss_system / (ss_system + ss_participant + ss_error)
    return percentiles(partial), percentiles(general)
