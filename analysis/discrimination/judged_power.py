"""Power for same-different trials: exact test, and upper bound of the share who hear.

**Conventions.** The conventions are those of :mod:`analysis.discrimination.differencing` and
:mod:`analysis.discrimination.heard_by`. All listeners get the same number of trials with different
stimuli, and the same number of trials with the same stimulus. Some listeners hear the difference;
the other listeners say "different" equally often to both kinds of pairs.

Notes
-----
The exact test has one stratum per listener (R: ``mantelhaen.test(exact = TRUE)``): given the number
of "different" of each, hits are a sum of hypergeometric numbers. Listeners who said "different"
equally often are interchangeable. A table is therefore enough to describe a study: how many
listeners said "different" 0, 1, ... times. For one table, a Fourier transform gives the exact
critical value of the test and the exact power. If there are few possible tables, the power is the
mean over all of them. If there are many possible tables, the power is the mean over random tables;
their powers are similar. With many trials, the total numbers of hits are assumed to be normally
distributed. The bound is computed for each possible number of false alarms, or only for some of
them if there are many.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.discrimination.heard_by import HEARS, LEVEL
from analysis.discrimination.same_different import lowest_share

Floats = NDArray[np.float64]

_ROUNDING = 1e-9
"""A p that exceeds the level by at most this share of the level counts as equal to the level."""
_MOST_TABLES = 500
"""Up to this number, all tables are computed; of more tables, a random sample is computed."""
_N_DRAWN = 200
_NORMAL_FROM = 600
"""From this number of different trials on, the total numbers of hits are assumed to be normal."""
_MOST_ALARMS = 48
"""Most numbers of false alarms for which the bound is computed; of more, quantiles are taken."""


@dataclass(frozen=True, slots=True)
class Judgements:
    """Numbers of trials per listener (different and same), and probabilities of "different".

    A ``share`` of the listeners says "different" to different pairs with the probability ``hit``.
    Listeners who do not hear the difference say "different" with the probability ``guessed``. For
    same pairs, all listeners have the probability ``guessed``.
    """

    n_different: int
    n_same: int
    guessed: float
    hit: float
    share: float


def stratified_power(of: Judgements, n_listeners: int, alpha: float, seed: int) -> float:
    """Probability that the exact test over all listeners shows more hits than false alarms.

    Parameters
    ----------
    of
        Number of trials of each listener, and the probabilities of the answers.
    n_listeners
        Strata.
    alpha
        One-sided level.
    seed
        Of drawn tables.
    """
    if of.n_same == 0 or of.n_different == 0 or n_listeners == 0:
        return 0.0
    said, null, true = _by_said(of)
    n_kinds = len(said)
    if math.comb(n_listeners + n_kinds - 1, n_kinds - 1) <= _MOST_TABLES:
        tables = np.array(list(_tables(n_listeners, n_kinds)))
        weight = stats.multinomial.pmf(tables, n_listeners, said)
    else:
        rng = np.random.default_rng([seed, n_listeners, of.n_different])
        tables = rng.multinomial(n_listeners, said, size=_N_DRAWN)
        weight = np.full(_N_DRAWN, 1 / _N_DRAWN)
    n = n_listeners * of.n_different
    power = _normal if n > _NORMAL_FROM else _exact
    return float(min(1.0, weight @ power(tables, null, true, n, alpha)))


def _by_said(of: Judgements) -> tuple[Floats, Floats, Floats]:
    """Distributions of the answers "different", and of the hits in them (null and true)."""
    k, alarms = np.arange(of.n_different + 1), np.arange(of.n_same + 1)
    hits = of.share * stats.binom.pmf(k, of.n_different, of.hit)
    hits = hits + (1 - of.share) * stats.binom.pmf(k, of.n_different, of.guessed)
    both = hits[:, None] * stats.binom.pmf(alarms, of.n_same, of.guessed)[None, :]
    total = of.n_different + of.n_same
    table = np.zeros((total + 1, of.n_different + 1))
    for one in k:
        table[one + alarms, one] = both[one]
    said = table.sum(axis=1)
    true = table / np.where(said > 0, said, 1.0)[:, None]
    null = np.array([
        stats.hypergeom.pmf(k, total, of.n_different, number) for number in range(total + 1)
    ])  # fmt: skip
    return said / said.sum(), null, true


def _tables(n: int, n_kinds: int) -> Iterator[list[int]]:
    """All ways to divide n listeners into ``n_kinds`` kinds, as numbers of listeners per kind."""
    for bars in combinations(range(n + n_kinds - 1), n_kinds - 1):
        edges = (-1, *bars, n + n_kinds - 1)
        yield [b - a - 1 for a, b in pairwise(edges)]


def _exact(tables: NDArray[np.int64], null: Floats, true: Floats, n: int, alpha: float) -> Floats:
    tails = np.cumsum(_sums(tables, null, n)[:, ::-1], axis=1)[:, ::-1]
    is_found = tails <= alpha * (1 + _ROUNDING)
    return np.asarray((_sums(tables, true, n) * is_found).sum(axis=1))


def _sums(tables: NDArray[np.int64], chances: Floats, n: int) -> Floats:
    """Probability that the total number of hits is 0, 1, … n, for each table."""
    transform = np.fft.rfft(chances, n + 1, axis=1)
    with np.errstate(divide="ignore"):
        logs = np.log(np.where(transform == 0, 1e-300, transform))
    return np.asarray(np.maximum(np.fft.irfft(np.exp(tables @ logs), n + 1, axis=1), 0.0))


def _normal(tables: NDArray[np.int64], null: Floats, true: Floats, _n: int, alpha: float) -> Floats:
    k = np.arange(null.shape[1])

    def moments(chances: Floats) -> tuple[Floats, Floats]:
        mean = chances @ k
        return tables @ mean, np.sqrt(tables @ (chances @ k**2 - mean**2))

    (at, spread), (to, around) = moments(null), moments(true)
    least = np.ceil(at + stats.norm.isf(alpha) * spread + 0.5)
    return np.asarray(stats.norm.sf((least - 0.5 - to) / np.maximum(around, 1e-12)))


def power_to_bound_judged(n_listeners: int, of: Judgements, most: float) -> float:
    """Power to show a low bound of the share who hear, if in reality nobody hears the difference.

    Parameters
    ----------
    n_listeners
        Size of the study: number of listeners.
    of
        Trials of each listener; of the probabilities, only ``guessed`` is used.
    most
        A share of listeners; the bound must be below it.
    """
    n_different, n_same = n_listeners * of.n_different, n_listeners * of.n_same
    if n_same == 0 or n_different == 0:
        return 0.0
    error = (1 - LEVEL) / 2
    chance = stats.binom.pmf(np.arange(n_same + 1), n_same, of.guessed)
    likely = np.flatnonzero(chance > 1e-10)
    weight = chance[likely]
    if len(likely) > _MOST_ALARMS:
        at = (np.arange(_MOST_ALARMS) + 0.5) / _MOST_ALARMS
        likely = stats.binom.ppf(at, n_same, of.guessed).astype(int)
        weight = np.full(_MOST_ALARMS, 1 / _MOST_ALARMS)
    guessed = np.array([lowest_share(int(k), n_same, error) for k in likely])[:, None]
    k = np.arange(of.n_different + 1)
    heard = guessed + (1 - guessed) * HEARS
    own = most * stats.binom.pmf(k, of.n_different, heard)
    own = own + (1 - most) * stats.binom.pmf(k, of.n_different, guessed)
    transform = np.fft.rfft(own, n_different + 1, axis=1) ** n_listeners
    few = np.cumsum(np.fft.irfft(transform, n_different + 1, axis=1), axis=1) <= error
    nobody = stats.binom.pmf(np.arange(n_different + 1), n_different, of.guessed)
    return float(weight @ (few @ nobody))
