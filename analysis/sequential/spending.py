"""Alpha spending: how much of the significance level may be spent up to a time of the study.

**Conventions.** Levels are two-sided: half of the level is on each side, as in the R packages
`gsDesign` and `ldbounds`. The time of a look is the number of listeners divided by the planned
number (0 to 1); it is known before the study.

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
    """Level spent until ``time``, very little at first: 4 (1 - Phi(z_(alpha/4) / sqrt(time)))."""
    return float(4 * ndtr(ndtri(alpha / 4) / np.sqrt(time)))


def _like_pocock(alpha: float, time: float) -> float:
    """Level spent up to ``time``: alpha ln(1 + (e - 1) time); nearly the same at each look."""
    return float(alpha * np.log1p((np.e - 1) * time))


SPENDING: dict[str, Callable[[float, float], float]] = {
    OBRIEN_FLEMING: _like_obrien_fleming,
    POCOCK: _like_pocock,
}

SPENDING_NAMES = {OBRIEN_FLEMING: "O'Brien–Fleming", POCOCK: "Pocock"}


def spent(spending: str, alpha: float, time: float) -> float:
    """Significance level that may be spent up to a time of the study [1]_.

    Parameters
    ----------
    spending
        A key of `SPENDING`.
    alpha
        Level of the whole test, for all looks together (two-sided).
    time
        Share of the planned participants; it is above 0. If the share of participants is 1 or more,
        the whole level may be spent.
    """
    return alpha if time >= 1 else SPENDING[spending](alpha, time)
