"""Adjusting p-values when many hypotheses are tested at once."""

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.stats.multitest import multipletests

METHODS = {
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "benjamini-hochberg": "fdr_bh",
    "benjamini-yekutieli": "fdr_by",
}
"""Our names of the methods and statsmodels' names for them."""


def adjusted(p_values: ArrayLike, method: str = "holm") -> list[float]:
    """P-values adjusted for testing all of them.

    Parameters
    ----------
    p_values
        Raw p-values; NaN stands for a test that could not be done and does not count.
    method
        "holm" and "hochberg" hold the chance of any false finding, "benjamini-hochberg" and
        "benjamini-yekutieli" the share of false ones among the findings.

    Returns
    -------
    list of float
        In the given order, at most 1; NaN where the p-value was NaN.

    Raises
    ------
    ValueError
        When the method is none of these.

    Examples
    --------
    >>> [round(p, 3) for p in adjusted([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    if method not in METHODS:
        raise ValueError(f"There is no adjustment {method}; known are {', '.join(METHODS)}.")
    p = np.asarray(p_values, dtype=float)
    result = np.full(p.shape, np.nan)
    tested = ~np.isnan(p)
    if tested.any():
        result[tested] = multipletests(p[tested], method=METHODS[method])[1]
    return [float(value) for value in result]
