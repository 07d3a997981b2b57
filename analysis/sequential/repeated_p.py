"""P-value for several looks: the smallest level at which one look crosses its boundary.

Holm's method can be applied to the p-values over several looks, for the number of contrasts. A
contrast that was shown at one look stays shown, because the p-values over several looks never
increase [1]_.

References
----------
.. [1] Liu & Anderson (2008), On adaptive extensions of group sequential trials. JASA 103; Maurer &
   Bretz (2013), Multiple testing in group sequential trials. Stat. Biopharm. Res. 5.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from analysis.sequential.boundaries import boundaries
from analysis.sequential.spending import spent

LEAST_P = 1e-9
MOST_P = 0.999
TOLERANCE = 4e-4


def repeated_p(
    p_values: Sequence[float],
    times: Sequence[float],
    information: Sequence[Sequence[float]],
    spending: str,
    before: float = 1.0,
) -> float:
    """Smallest level of the whole test at which one of the looks until now crosses its boundary.

    Parameters
    ----------
    p_values
        Two-sided p of each look; the other looks are not taken into account.
    times
        Share of the planned listeners at each look, in ascending order.
    information
        As in :func:`analysis.sequential.boundaries.boundaries`.
    spending
        A key of `analysis.sequential.spending.SPENDING`.
    before
        The p-value for all looks except the last, if known. Levels above it are not searched.

    Returns
    -------
    float
        P-value from 1e-9 to 1; never too small, and too large by at most one thousandth of its
        value.
    """
    z = -ndtri(np.maximum(p_values, 1e-300) / 2)

    def beyond(log_level: float) -> float:
        """Largest difference between the z of a look and the boundary of this look."""
        levels = [spent(spending, float(np.exp(log_level)), time) for time in times]
        return float(np.max(z - boundaries(levels, information)))

    most = min(before, MOST_P)
    if beyond(np.log(most)) < 0:
        return before
    # The p value over several looks is at least the smallest p value of a single look.
    least = max(LEAST_P, min(p_values))
    if least >= most or beyond(np.log(least)) >= 0:
        return min(least, most)
    found = brentq(beyond, np.log(least), np.log(most), xtol=TOLERANCE, rtol=1e-9)
    return min(float(np.exp(found + TOLERANCE)), most)
