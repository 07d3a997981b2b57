"""Boundaries of a group sequential test, from the joint normal distribution of its z values.

**Conventions.** All tests are two-sided. The information at the looks is I_1 < I_2 < …; the score
S_k = z_k sqrt(I_k) then has independent normal increments with the variance I_k - I_(k-1). If each
estimate is the best linear estimate from the data at its look, the increments are independent,
whatever the correlations within the data are [2]_. If a look may spend no alpha, its boundary is
infinite.

References
----------
.. [1] Armitage, McPherson & Rowe (1969), Repeated significance tests on accumulating data.
.. [2] Jennison & Turnbull (1997), Group-sequential analysis incorporating covariate information.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

N_NODES = 64
LEAST_SPENT = 1e-16
NEVER = 9.0
"""Replaces an infinite boundary: the chance of a z beyond this value is 2e-19."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(N_NODES)


class Walk:
    """Distribution of the score, if the test has not yet crossed a boundary.

    Parameters
    ----------
    information
        Information at each look, in ascending order; only their ratios matter.
    """

    def __init__(self, information: Sequence[float]) -> None:
        self._information = np.asarray(information, dtype=float) / information[-1]
        self._at = np.zeros(1)
        self._mass = np.ones(1)
        self._k = 0

    def exit_probability(self, boundary: float) -> float:
        """Probability that the absolute z first crosses a boundary at the next look."""
        edge, step = self._edge(boundary), self._step
        beyond = ndtr((self._at - edge) / step) + ndtr((-self._at - edge) / step)
        return float(self._mass @ beyond)

    def stay_within(self, boundary: float) -> None:
        """Go on to the next look, with the paths that have stayed inside the boundary [1]_."""
        edge, step = self._edge(boundary), self._step
        at = edge * _NODES
        density = np.exp(-0.5 * ((at[:, None] - self._at) / step) ** 2) @ self._mass
        self._mass = density / (step * np.sqrt(2 * np.pi)) * _WEIGHTS * edge
        self._at = at
        self._k += 1

    @property
    def _step(self) -> float:
        before = self._information[self._k - 1] if self._k else 0.0
        return float(np.sqrt(self._information[self._k] - before))

    def _edge(self, boundary: float) -> float:
        return min(boundary, NEVER) * float(np.sqrt(self._information[self._k]))


def next_boundary(
    earlier: Sequence[float], information: Sequence[float], may_spend: float
) -> float:
    """Boundary of the last look; this look spends the alpha that is available to it.

    Parameters
    ----------
    earlier
        Boundaries of the earlier looks (all except the last).
    information
        Information at each look, the last one included, in ascending order.
    may_spend
        Probability that the last look is the first one at which the boundary is crossed.
    """
    walk = Walk(information)
    for boundary in earlier:
        walk.stay_within(boundary)
    if may_spend < LEAST_SPENT:
        return float("inf")
    # the probability of a first crossing at a look is at most the probability of any crossing at
    # this look
    alone = float(-ndtri(may_spend / 2))
    if not earlier:
        return alone
    if may_spend >= walk.exit_probability(0.0):
        return 0.0
    top = alone + 0.01  # 0.01 is added because the integral is computed with small errors
    return float(brentq(lambda c: walk.exit_probability(c) - may_spend, 0.0, top, xtol=1e-8))


def boundaries(levels: Sequence[float], information: Sequence[Sequence[float]]) -> list[float]:
    """Boundaries of the absolute z; a boundary is computed at the time of its look.

    Parameters
    ----------
    levels
        Level that is spent at each look and all earlier looks together, in ascending order.
    information
        For each look: the information of this look and of the earlier looks, as estimated at this
        look.

    Returns
    -------
    list
        One a look.
    """
    found: list[float] = []
    steps = [levels[0], *(b - a for a, b in pairwise(levels))] if levels else []
    for step, known in zip(steps, information, strict=True):
        found.append(next_boundary(found, known, step))
    return found
