"""Sensitivity d' behind right answers, by what a listener does in each kind of trial.

**Conventions.** Stimuli give normal percepts of unit variance, d' apart; listeners take no side.
ABX: by *independent observations* A and B are ordered and X is judged by itself; by *differencing*
X is compared with A and with B. Triangle: the odd one is the percept farthest from the others
(differencing). Same-different: "different" is said where two percepts lie farther apart than a
criterion tau, which is the listener's own (differencing).

In reading order: shares of right answers, d' of a share, same-different.

References
----------
.. [1] Macmillan & Creelman (2005), Detection theory: a user's guide, chapter 9.
.. [2] Ennis (1993), The power of sensory discrimination methods, J. Sensory Studies 8 (triangle).
.. [3] Christensen & Brockhoff (2009), Estimation and inference in the same-different test, Food
   Quality and Preference 20 (likelihood of tau and d').
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import integrate, stats
from scipy.optimize import brentq, minimize_scalar

LARGEST = 8.0
"""Beyond it, a share of right answers is 1 to the last digit that matters."""
_phi = stats.norm.cdf


def abx_share(d_prime: float) -> float:
    """Share of right answers in ABX by independent observations.

    p = Phi(d'/sqrt 2) Phi(d'/2) + Phi(-d'/sqrt 2) Phi(-d'/2): the order of A and B and the kind of
    X are both judged rightly, or both wrongly.
    """
    order, kind = d_prime / math.sqrt(2), d_prime / 2
    return float(_phi(order) * _phi(kind) + _phi(-order) * _phi(-kind))


def abx_share_by_differences(d_prime: float) -> float:
    """Share of right answers in ABX by differencing.

    p = Phi(d'/sqrt 2) Phi(d'/sqrt 6) + Phi(-d'/sqrt 2) Phi(-d'/sqrt 6).
    """
    order, kind = d_prime / math.sqrt(2), d_prime / math.sqrt(6)
    return float(_phi(order) * _phi(kind) + _phi(-order) * _phi(-kind))


def triangle_share(d_prime: float) -> float:
    """Share of right answers in a triangle trial, from 1/3 at d' = 0.

    p = 2 int_0^inf [Phi(-z sqrt 3 + d' sqrt(2/3)) + Phi(-z sqrt 3 - d' sqrt(2/3))] phi(z) dz.
    """
    shift = d_prime * math.sqrt(2 / 3)

    def density(z: float) -> float:
        nearer = _phi(-z * math.sqrt(3) + shift) + _phi(-z * math.sqrt(3) - shift)
        return float(2 * nearer * stats.norm.pdf(z))

    return float(integrate.quad(density, 0, np.inf, epsabs=1e-12)[0])


def d_prime_of(share: float, share_of: Callable[[float], float]) -> float | None:
    """Sensitivity d' behind a share of right answers; 0 at guessing or below, None: infinite."""
    if share <= share_of(0.0):
        return 0.0
    if share >= share_of(LARGEST):
        return None
    return float(brentq(lambda value: share_of(value) - share, 0.0, LARGEST, xtol=1e-10))


# Same-different


@dataclass(frozen=True, slots=True)
class SameDifferent:
    """Answers of "different", of different and of same pairs.

    Examples
    --------
    >>> round(SameDifferent(18, 20, 4, 20).d_prime(), 3)
    2.996
    """

    n_hits: int
    n_different: int
    n_false_alarms: int
    n_same: int

    def d_prime(self) -> float | None:
        """Maximum likelihood d'; 0 where hits are no more than false alarms, None: infinite."""
        hits, false_alarms = (
            self.n_hits / self.n_different,
            self.n_false_alarms / self.n_same,
        )
        if hits <= false_alarms:
            return 0.0
        if hits == 1.0 or false_alarms == 0.0:
            return None
        tau = math.sqrt(2) * float(stats.norm.ppf(1 - false_alarms / 2))
        return float(brentq(lambda d: said_different(d, tau) - hits, 0.0, 40.0, xtol=1e-10))

    def interval(self, level: float = 0.95) -> tuple[float | None, float | None]:
        """Limits of d' by the profile of its likelihood over tau; None: without limit."""
        best_at = self.d_prime()
        top = self._profile(LARGEST * 2 if best_at is None else best_at)
        cut = top - float(stats.chi2.ppf(level, 1)) / 2

        def above(d_prime: float) -> float:
            return self._profile(d_prime) - cut

        at = LARGEST * 2 if best_at is None else best_at
        low = 0.0 if at == 0.0 or above(0.0) >= 0 else float(brentq(above, 0.0, at, xtol=1e-8))
        if best_at is None or above(LARGEST * 2) >= 0:
            return low, None
        return low, float(brentq(above, at, LARGEST * 2, xtol=1e-8))

    def p(self) -> float:
        """Exact one-sided p of no more hits than false alarms, whatever the listener's criterion.

        Fisher's test: with the number of "different" given, hits are hypergeometric.
        """
        said = self.n_hits + self.n_false_alarms
        n = self.n_different + self.n_same
        return float(stats.hypergeom.sf(self.n_hits - 1, n, self.n_different, said))

    def _profile(self, d_prime: float) -> float:
        """Largest log-likelihood over tau at a d'."""

        def minus(log_tau: float) -> float:
            tau = math.exp(log_tau)
            hit, false_alarm = said_different(d_prime, tau), said_different(0.0, tau)
            return -_log_likelihood(self.n_hits, self.n_different, hit) - _log_likelihood(
                self.n_false_alarms, self.n_same, false_alarm
            )

        found = minimize_scalar(
            minus, bounds=(math.log(1e-6), math.log(40.0)), method="bounded",
            options={"xatol": 1e-9},
        )  # fmt: skip
        return -float(found.fun)


def said_different(d_prime: float, tau: float) -> float:
    """Share of pairs d' apart that are called different: farther apart than tau.

    p = Phi((d' - tau)/sqrt 2) + Phi((-d' - tau)/sqrt 2).
    """
    return float(_phi((d_prime - tau) / math.sqrt(2)) + _phi((-d_prime - tau) / math.sqrt(2)))


def _log_likelihood(k: int, n: int, p: float) -> float:
    p = min(max(p, 1e-300), 1 - 1e-16)
    return (k * math.log(p) if k else 0.0) + ((n - k) * math.log1p(-p) if n > k else 0.0)
