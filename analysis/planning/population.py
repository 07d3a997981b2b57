"""Power of the mixed logit model of right answers; claims are about similar listeners and songs.

**Conventions.** As :mod:`analysis.mixed_model.mixed_logit`. The log odds of a listener's right
answer have two parts: the log odds of the median listener, and a normally distributed intercept. A
study is a table of right answers with a row per listener and a column per song; each cell has the
same number of trials.

Notes
-----
Studies are drawn and fitted as the report fits them, many at once: Laplace's likelihood is even in
each standard deviation, so that a damped Newton descent needs no bounds, and its curvature is taken
by differences. The plan assumes that all songs are equally difficult. The report's model estimates
how much songs differ; the estimation costs some power. Many studies are fitted by a model without
songs, and some of these studies are fitted again by a model with songs. Only the influence of songs
on the power is therefore estimated from few studies. When songs are included, z changes by nearly
the same factor, whatever the number of listeners is. If a study is too large for a fit with songs,
its z is multiplied by the factor of the largest fitted size. Between two fitted sizes, the power is
interpolated: on the probit scale, against the square root of the number of listeners. Above the
largest fitted size, z is assumed to increase with the square root of the number of listeners.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

Floats = NDArray[np.float64]

WITH_SONGS = (4, 6, 9, 14, 22)
"""Numbers of listeners for which studies are also fitted with songs."""
LISTENERS_ALONE = (35, 60, 100)
"""Larger numbers of listeners, for which the effect of songs follows from a ratio."""
SIZES = (*WITH_SONGS, *LISTENERS_ALONE)
N_STUDIES, N_WITH_SONGS = 2000, 400
"""Number of studies of each size, and number of them that are also fitted with songs."""
_LEAST_Z = 0.2
"""Ratios are used if z is at least this."""
_MOST_CELLS = 24_000
"""Largest number of cells that are fitted at once, so that they fit in a processor's cache."""
_STEP = 2e-3
_MOST_STEPS = 25
_OFF_SADDLE = 0.04
"""Distance by which a standard deviation of 0 is moved if 0 is not an optimum."""
_LIMIT = 12.0
"""Log odds beyond this value count as infinite, as in the report."""


class _Studies:
    """Minus the log-likelihoods of many studies of the same size.

    ``right`` has the number of right answers in `n_trials` trials, shape (n_studies, n_listeners,
    n_songs). ``each`` says how many listeners a row of ``right`` stands for, shape (n_studies,
    n_listeners). The columns of the parameters are: mean log odds, standard deviation of listeners,
    standard deviation of songs.
    """

    def __init__(self, right: Floats, n_trials: int, each: Floats) -> None:
        self.right, self.n_trials, self.each = right, n_trials, each
        self.of_listeners = np.zeros(right.shape[:2])
        self.of_songs = np.zeros((len(right), right.shape[2]))

    def __call__(self, at: Floats, n_passes: int, keep: bool = False) -> Floats:
        """Laplace's approximation at `at`; the search for the modes starts at those found last."""
        b, sl = at[:, 0, None, None], at[:, 1, None, None]
        ss = at[:, 2, None, None] if at.shape[1] > 2 else np.zeros_like(b)
        ul, us = self.of_listeners, self.of_songs
        for left in range(n_passes, -1, -1):
            eta = b + sl * ul[:, :, None] + ss * us[:, None, :]
            mu = expit(eta)
            weight = self.n_trials * mu * (1 - mu)
            a = 1 + sl[:, 0] ** 2 * weight.sum(axis=2)
            c = sl * ss * weight
            schur = -np.matmul(np.swapaxes(c / a[:, :, None], 1, 2), c)
            songs = np.arange(schur.shape[1])
            schur[:, songs, songs] += 1 + ss[:, 0] ** 2 * weight.sum(axis=1)
            if left == 0:
                break
            rest = self.right - self.n_trials * mu
            gl = ul - sl[:, 0] * rest.sum(axis=2)
            gs = us - ss[:, 0] * rest.sum(axis=1)
            rhs = gs - np.matmul(np.swapaxes(c, 1, 2), (gl / a)[:, :, None])[:, :, 0]
            step = np.linalg.solve(schur, rhs[:, :, None])
            us = us - step[:, :, 0]
            ul = ul - (gl - np.matmul(c, step)[:, :, 0]) / a
        if keep:
            self.of_listeners, self.of_songs = ul, us
        own = (self.n_trials * np.logaddexp(0.0, eta) - self.right * eta).sum(axis=2)
        of_listeners = own + (ul**2 + np.log(a)) / 2
        joint = (self.each * of_listeners).sum(axis=1) + (us**2).sum(axis=1) / 2
        return np.asarray(joint + np.linalg.slogdet(schur)[1] / 2)

    def slopes(self, at: Floats) -> tuple[Floats, Floats, Floats]:
        """Value, gradient (n_studies, p) and curvature (n_studies, p, p), by finite differences."""
        p = at.shape[1]
        shift = _STEP * np.eye(p)
        middle = self(at, 4, keep=True)
        up = np.stack([self(at + each, 2) for each in shift])
        down = np.stack([self(at - each, 2) for each in shift])
        gradient = (up - down).T / (2 * _STEP)
        curvature = np.empty((len(at), p, p))
        for i in range(p):
            curvature[:, i, i] = (up[i] - 2 * middle + down[i]) / _STEP**2
            for j in range(i):
                far = self(at + shift[i] + shift[j], 2) + self(at - shift[i] - shift[j], 2)
                near = up[i] + down[i] + up[j] + down[j] - 2 * middle
                curvature[:, i, j] = curvature[:, j, i] = (far - near) / (2 * _STEP**2)
        return middle, gradient, curvature

    def only(self, kept: NDArray[np.bool_]) -> None:
        """Leave out studies."""
        self.right, self.each = self.right[kept], self.each[kept]
        self.of_listeners, self.of_songs = self.of_listeners[kept], self.of_songs[kept]


def population_z(right: Floats | NDArray[np.int64], n_trials: int, chance: float) -> Floats:
    """For each study, its test statistic: (log odds - log odds of guessing) / standard error.

    Parameters
    ----------
    right
        Number of right answers, shape (n_studies, n_listeners, n_songs).
    n_trials
        Number of trials that each listener has for each song.
    chance
        Probability of a right answer by guessing.

    Returns
    -------
    numpy.ndarray
        Shape (n_studies,); -inf where nothing can be estimated.
    """
    table = right.astype(float)
    each = np.ones(table.shape[:2])
    if table.shape[2] == 1:  # listeners with the same number of right answers are interchangeable
        counts = np.arange(n_trials + 1.0)
        each = (table == counts).sum(axis=1).astype(float)
        table = np.broadcast_to(counts[:, None], (*each.shape, 1))
    n_at_once = max(1, _MOST_CELLS // (table.shape[1] * table.shape[2]))
    found = [
        _z(table[start : start + n_at_once], each[start : start + n_at_once], n_trials, chance)
        for start in range(0, len(table), n_at_once)
    ]
    return np.concatenate(found)


def _z(right: Floats, each: Floats, n_trials: int, chance: float) -> Floats:
    """Test statistics, as in :func:`population_z`, of studies that are fitted in one step."""
    z = np.full(len(right), -np.inf)
    total = n_trials * right.shape[2] * each.sum(axis=1)
    n_right = (each[:, :, None] * right).sum(axis=(1, 2))
    left = np.nonzero((n_right > 0) & (n_right < total))[0]
    studies = _Studies(right[left], n_trials, each[left])
    share = n_right[left] / total[left]
    at = np.full((len(left), 3 if right.shape[2] > 1 else 2), 0.5)
    at[:, 0] = np.log(share / (1 - share))
    damping = np.zeros(len(left))
    studies(at, 6, keep=True)
    for _ in range(_MOST_STEPS):
        if not len(left):
            break
        value, gradient, curvature = studies.slopes(at)
        roots, vectors = np.linalg.eigh(curvature)
        steep = np.maximum(np.abs(roots), 0.02) + damping[:, None]
        along = np.einsum("dji,dj->di", vectors, gradient) / steep
        step = np.einsum("dij,dj->di", vectors, along)
        is_still = np.abs(step).max(axis=1) < 5e-5
        is_over = is_still & (roots[:, 0] > 0)
        bend = np.diagonal(curvature, axis1=1, axis2=2)[:, 1:]
        at_saddle = (is_still & ~is_over)[:, None] & (at[:, 1:] < _OFF_SADDLE / 2) & (bend < 0)
        step[:, 1:] = np.where(at_saddle, -_OFF_SADDLE, step[:, 1:])
        is_convex = roots[:, 0] > 0  # the last z is used, even without convergence
        se = np.sqrt(np.linalg.inv(curvature[is_convex])[:, 0, 0])
        z[left[is_convex]] = (at[is_convex, 0] - math.log(chance / (1 - chance))) / se
        goes_on = ~is_over & (np.abs(at[:, 0]) < _LIMIT)
        left, at, damping = left[goes_on], at[goes_on], damping[goes_on]
        studies.only(goes_on)
        if not len(left):
            break
        # the step length is limited, so that the search for the modes begins near them
        new = at - np.clip(step[goes_on], -0.5, 0.5)
        new[:, 1:] = np.abs(new[:, 1:])
        is_worse = studies(new, 5) > value[goes_on] + 1e-9
        at = np.where(is_worse[:, None], at, new)
        damping = np.where(is_worse, 4 * damping + 2, damping / 4)
    return z


def population_power(
    odds: float, chance: float, listener_sd: float, n_trials: int, alpha: float, seed: int
) -> Callable[[int, int], float]:
    """Power of the one-sided test that the median listener is right more often than by guessing.

    Parameters
    ----------
    odds
        Log odds of a right answer, for the median listener.
    chance
        Probability of a right answer by guessing.
    listener_sd
        Standard deviation of the listeners' log odds.
    n_trials
        Number of trials that each listener has for each song.
    alpha
        Level.
    seed
        Number of simulated studies.

    Returns
    -------
    callable
        Power for each pair of a number of listeners and a number of songs.
    """
    critical = float(stats.norm.isf(alpha))

    @cache
    def simulated(n_songs: int) -> tuple[list[float], Floats]:
        rng = np.random.default_rng([seed, n_songs])
        spread = rng.normal(0.0, listener_sd, (N_STUDIES, SIZES[-1], 1))
        right = rng.binomial(n_trials, expit(odds + spread), (N_STUDIES, SIZES[-1], n_songs))
        pooled = right.sum(axis=2, keepdims=True)
        z = [population_z(pooled[:, :n], n_trials * n_songs, chance) for n in SIZES]
        shares, ratio = [], np.ones(1)
        for n, alone in zip(WITH_SONGS, z[: len(WITH_SONGS)], strict=True):
            some = alone[:N_WITH_SONGS]
            both = (
                some if n_songs == 1 else population_z(right[:N_WITH_SONGS, :n], n_trials, chance)
            )
            lost = np.mean(some > critical) - np.mean(both > critical)
            shares.append(float(np.mean(alone > critical) - lost))
            is_known = np.isfinite(both) & (np.abs(some) > _LEAST_Z)
            ratio = both[is_known] / some[is_known] if is_known.any() else np.ones(1)
        z = [alone * np.resize(ratio, N_STUDIES) for alone in z[len(WITH_SONGS) :]]
        return [*shares, *(float(np.mean(alone > critical)) for alone in z)], z[-1]

    def power(n: int, n_songs: int) -> float:
        if n < SIZES[0]:
            return 0.0
        shares, largest = simulated(n_songs)
        if n > SIZES[-1]:
            return float(np.mean(largest * math.sqrt(n / SIZES[-1]) > critical))
        probits = stats.norm.ppf(np.clip(shares, 0.2 / N_STUDIES, 1 - 0.2 / N_STUDIES))
        return float(stats.norm.cdf(np.interp(math.sqrt(n), np.sqrt(SIZES), probits)))

    return power
