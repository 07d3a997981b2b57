"""Alpha spending: the part of the significance level that is spent up to a time of the study.

**Conventions.** Levels are two-sided (half of the level on each side), as in the R packages
`gsDesign` and `ldbounds`. The time of a look is the share of the planned listeners (0 to 1), which
is known before the study.

References
----------
.. [1] Lan & DeMets (1983), Discrete sequential boundaries for clinical trials. Biometrika 70.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri

OBRIEN_FLEMING = "obrien_fleming"
POCOCK = "pocock"


def _like_obrien_fleming(alpha: float, time: float) -> float:
    """Spend 4 (1 - Phi(z_(alpha/4) / sqrt(time))), which is very little at early looks."""
    return float(4 * ndtr(ndtri(alpha / 4) / np.sqrt(time)))


def _like_pocock(alpha: float, time: float) -> float:
    """Spend alpha ln(1 + (e - 1) time), which is nearly the same at each look."""
    return float(alpha * np.log1p((np.e - 1) * time))


SPENDING: dict[str, Callable[[float, float], float]] = {
    OBRIEN_FLEMING: _like_obrien_fleming,
    POCOCK: _like_pocock,
}

SPENDING_NAMES = {OBRIEN_FLEMING: "O'Brien–Fleming", POCOCK: "Pocock"}


def spent(spending: str, alpha: float, time: float) -> float:
    """Significance level that can be spent up to a time of the study [1]_.

    Parameters
    ----------
    spending
        A key of `SPENDING`.
    alpha
        Level of all looks together (two-sided).
    time
        Share of the planned participants, above 0. If the share is 1 or more, the whole level is
        spent.
    """
    return alpha if time >= 1 else SPENDING[spending](alpha, time)
