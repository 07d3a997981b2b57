"""Sensitivity d' computed from right answers, under the listeners' strategy in the trials.

**Conventions.** The perceived values of two stimuli are normally distributed with unit variance,
and their means differ by d'. Listeners are unbiased. In ABX by *independent observations*, the
listener decides which of the stimuli A and B is which, and then classifies X without a comparison.
In ABX by *differencing*, the listener compares X with A and with B. In a triangle trial, the
listener chooses the stimulus whose perceived value is farthest from the two others (differencing).

References
----------
.. [1] Macmillan & Creelman (2005), Detection theory: a user's guide, chapter 9.
.. [2] Ennis (1993), The power of sensory discrimination methods, J. Sensory Studies 8 (triangle).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import integrate
from scipy.optimize import brentq
from scipy.special import ndtr as _phi

from analysis.trial_columns import ABX, HEARD, THIRD, TRIANGLE

LARGEST = 8.0
"""Largest d': beyond this value, the share of right answers is 1 to the last relevant digit."""


def abx_share(d_prime: float) -> float:
    """Share of right answers in ABX by independent observations.

    p = Phi(d'/sqrt 2) Phi(d'/2) + Phi(-d'/sqrt 2) Phi(-d'/2). The answer is right in two cases: the
    listener judges both the order of A and B and the class of X rightly, or judges both wrongly.
    """
    order, kind = d_prime / math.sqrt(2), d_prime / 2
    return float(_phi(order) * _phi(kind) + _phi(-order) * _phi(-kind))


def abx_share_by_differences(d_prime: float) -> float:
    """Share of right answers in ABX if the listener compares X with A and X with B.

    p = Phi(d'/sqrt 2) Phi(d'/sqrt 6) + Phi(-d'/sqrt 2) Phi(-d'/sqrt 6).
    """
    order, kind = d_prime / math.sqrt(2), d_prime / math.sqrt(6)
    return float(_phi(order) * _phi(kind) + _phi(-order) * _phi(-kind))


def triangle_share(d_prime: float) -> float:
    """Share of right answers in a triangle trial; 1/3 at d' = 0.

    p = 2 int_0^inf [Phi(-z sqrt 3 + d' sqrt(2/3)) + Phi(-z sqrt 3 - d' sqrt(2/3))] phi(z) dz.
    """
    shift = d_prime * math.sqrt(2 / 3)

    def density(z: float) -> float:
        nearer = _phi(-z * math.sqrt(3) + shift) + _phi(-z * math.sqrt(3) - shift)
        return float(2 * nearer * (math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)))

    return float(integrate.quad(density, 0, np.inf, epsabs=1e-12)[0])


def d_prime_of(share: float, share_of: Callable[[float], float]) -> float | None:
    """Sensitivity d' for a share of right answers; 0 at chance or below, None if infinite."""
    if share <= share_of(0.0):
        return 0.0
    if share >= share_of(LARGEST):
        return None
    return float(brentq(lambda value: share_of(value) - share, 0.0, LARGEST, xtol=1e-10))


@dataclass(frozen=True, slots=True)
class Paradigm:
    """A kind of trial whose answers are right or wrong.

    Attributes
    ----------
    chance
        Of a right guess.
    share_of, share_by_differences
        Share of right answers for a given d': for listeners who use the assumed strategy, and for
        listeners who use differencing.
    heard
        Columns with the systems that are played in a trial.
    """

    chance: float
    share_of: Callable[[float], float]
    share_by_differences: Callable[[float], float]
    heard: tuple[str, ...] = HEARD


PARADIGMS: Mapping[str, Paradigm] = {
    ABX: Paradigm(1 / 2, abx_share, abx_share_by_differences),
    TRIANGLE: Paradigm(1 / 3, triangle_share, triangle_share, (*HEARD, THIRD)),
}
"""Each kind of trial by its name in a table."""
