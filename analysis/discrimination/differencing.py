"""Same-different trials: d' and criterion of the differencing model, and an exact test.

**Conventions.** The perceived values of the two stimuli are normally distributed with unit
variance, and their means differ by d'. A listener says "different" if the two perceived values of a
trial differ by more than a criterion tau. A hit is the answer "different" to two different stimuli.
A false alarm is the answer "different" to the same stimulus played twice:

    P(false alarm) = 2 Phi(-tau / sqrt 2)
    P(hit) = Phi((d' - tau) / sqrt 2) + Phi((-d' - tau) / sqrt 2)

Notes
-----
Limits of d' are where its likelihood, at the best tau for each d', is less than the largest by half
a quantile of chi squared. The exact test needs no model of how listeners perceive. Listeners who
cannot hear the difference say "different" equally often to both kinds of pairs. The number of a
listener's answers "different" is taken as fixed; the number of hits then has a hypergeometric
distribution (Fisher). Listeners can have different criteria; the total number of hits of several
listeners is a sum of hypergeometric numbers (R: ``mantelhaen.test(exact = TRUE)``).

References
----------
.. [1] Macmillan & Creelman (2005), Detection theory: a user's guide, chapter 9.
.. [2] Christensen & Brockhoff (2009), Estimation and inference in the same-different test, Food
   Quality and Preference 20 (likelihood of tau and d').
.. [3] Agresti (2002), Categorical data analysis, section 6.7.5 (exact test of several tables).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr

FARTHEST = 16.0
"""Largest d' that can be distinguished from infinity."""
_CRITERIA = (math.log(1e-4), math.log(40.0))
"""Logarithms of the criteria among which the best is sought."""


@dataclass(frozen=True, slots=True)
class SaidOfPairs:
    """Numbers of answers "different" to different pairs and to same pairs.

    Examples
    --------
    >>> said = SaidOfPairs(n_hits=18, n_different=20, n_false_alarms=4, n_same=20)
    >>> round(said.d_prime(), 3)
    3.624
    """

    n_hits: int
    n_different: int
    n_false_alarms: int
    n_same: int

    @property
    def is_compared(self) -> bool:
        """Whether both kinds of pairs, different and same, were presented."""
        return self.n_different > 0 and self.n_same > 0

    def d_prime(self) -> float | None:
        """Maximum likelihood estimate of d'; 0 if hits are at most as frequent as false alarms.

        d' is None if it is infinite, or if only one of the two kinds of pairs was presented.
        """
        if not self.is_compared:
            return None
        hits, false_alarms = self.n_hits / self.n_different, self.n_false_alarms / self.n_same
        if hits <= false_alarms:
            return 0.0
        if hits == 1.0 or false_alarms == 0.0:
            return None
        tau = criterion(false_alarms)
        return float(brentq(lambda d: share_different(d, tau) - hits, 0.0, 40.0, xtol=1e-10))

    def interval(self, level: float = 0.95) -> tuple[float | None, float | None]:
        """Confidence limits of d', from the likelihood at the best tau; None: no limit exists."""
        return _limits(self, level) if self.is_compared else (None, None)

    def profile(self, d_prime: float) -> float:
        """Log-likelihood of a given d'; tau is the value that is best for this d'."""

        def minus(log_tau: float) -> float:
            tau = math.exp(log_tau)
            hit, false_alarm = share_different(d_prime, tau), share_different(0.0, tau)
            return -_log_likelihood(self.n_hits, self.n_different, hit) - _log_likelihood(
                self.n_false_alarms, self.n_same, false_alarm
            )

        found = minimize_scalar(
            minus, bounds=_CRITERIA, method="bounded", options={"xatol": 1e-6}
        )  # fmt: skip
        return -float(found.fun)


@cache
def _limits(said: SaidOfPairs, level: float) -> tuple[float, float | None]:
    """Confidence limits; they are cached, because the same counts occur often if trials are few."""
    found = said.d_prime()
    at = FARTHEST if found is None else min(found, FARTHEST)
    cut = said.profile(at) - float(stats.chi2.ppf(level, 1)) / 2

    def above(d_prime: float) -> float:
        return said.profile(d_prime) - cut

    low = 0.0 if at == 0.0 or above(0.0) >= 0 else float(brentq(above, 0.0, at, xtol=1e-7))
    if at == FARTHEST or above(FARTHEST) >= 0:
        return low, None
    return low, float(brentq(above, at, FARTHEST, xtol=1e-7))


def share_different(d_prime: float, tau: float) -> float:
    """Share of answers "different" if d' separates the two stimuli; d' is 0 for same pairs."""
    near, far = (d_prime - tau) / math.sqrt(2), (-d_prime - tau) / math.sqrt(2)
    return float(ndtr(near) + ndtr(far))


def criterion(false_alarms: float) -> float:
    """Criterion tau for a given share of false alarms (above 0, at most 1)."""
    return -math.sqrt(2) * float(stats.norm.ppf(false_alarms / 2))


def exact_p(listeners: Sequence[SaidOfPairs]) -> float:
    """Exact one-sided p that hits are more frequent than false alarms, for any criteria.

    Parameters
    ----------
    listeners
        Answers of each listener; with a single listener, the test is Fisher's exact test.

    Examples
    --------
    >>> round(exact_p([SaidOfPairs(3, 3, 0, 3)]), 6)  # one of the 20 ways to place three
    0.05
    """
    total = np.ones(1)
    n_above = 0
    for one in listeners:
        n_said, n = one.n_hits + one.n_false_alarms, one.n_different + one.n_same
        least, most = max(0, n_said - one.n_same), min(n_said, one.n_different)
        chances = stats.hypergeom.pmf(np.arange(least, most + 1), n, one.n_different, n_said)
        total = np.convolve(total, chances)
        n_above += one.n_hits - least
    return min(1.0, float(total[n_above:].sum()))


def _log_likelihood(k: int, n: int, p: float) -> float:
    p = min(max(p, 1e-300), 1 - 1e-16)
    return (k * math.log(p) if k else 0.0) + ((n - k) * math.log1p(-p) if n > k else 0.0)
