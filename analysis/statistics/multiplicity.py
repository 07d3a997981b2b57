"""Adjustment of p-values when several hypotheses are tested together.

With sorted p-values, the four procedures need only a few lines. mixtrial does not use
`multipletests` of statsmodels for them, because that function runs Python's garbage collection at
every call of Holm's method. The garbage collection would take a third of the time of a whole
analysis. The tests of this project compare mixtrial's p-values with those of statsmodels.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def _holm(p: Floats) -> Floats:
    return np.maximum.accumulate(p * np.arange(len(p), 0, -1))


def _hochberg(p: Floats) -> Floats:
    return np.minimum.accumulate((p * np.arange(len(p), 0, -1))[::-1])[::-1]


def _benjamini_hochberg(p: Floats) -> Floats:
    return np.minimum.accumulate((p * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]


def _benjamini_yekutieli(p: Floats) -> Floats:
    return _benjamini_hochberg(p) * float(np.sum(1 / np.arange(1, len(p) + 1)))


METHODS: dict[str, Callable[[Floats], Floats]] = {
    "holm": _holm,
    "hochberg": _hochberg,
    "benjamini-hochberg": _benjamini_hochberg,
    "benjamini-yekutieli": _benjamini_yekutieli,
}
"""Procedures by name; each takes p-values in rising order."""

FOR_PAIRS = "holm"
"""Procedure over the pairs of systems, in every test of pairs."""

OF_FAMILY = {"confirmatory": FOR_PAIRS, "exploratory": "benjamini-hochberg"}
"""Procedure over the attributes of a family."""

NAMES = {
    "holm": "Holm",
    "hochberg": "Hochberg",
    "benjamini-hochberg": "Benjamini–Hochberg",
    "benjamini-yekutieli": "Benjamini–Yekutieli",
}
"""Words that readers see for each procedure."""


def adjusted(p_values: ArrayLike, method: str = FOR_PAIRS) -> list[float]:
    """P-values adjusted for the number of tests.

    Parameters
    ----------
    p_values
        Unadjusted p-values; a p-value of NaN means that the test was not possible, and the test is
        not counted.
    method
        "holm" and "hochberg" limit the probability that there is any false finding.
        "benjamini-hochberg" and "benjamini-yekutieli" limit the share of findings that are false.

    Returns
    -------
    list of float
        Adjusted p-values in the given order, at most 1; NaN stays NaN.

    Raises
    ------
    ValueError
        The method is not one of the four procedures.

    Examples
    --------
    >>> [round(p, 3) for p in adjusted([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    if method not in METHODS:
        raise ValueError(f"There is no adjustment {method}; choose {', '.join(METHODS)}.")
    p = np.asarray(p_values, dtype=float)
    result = np.full(p.shape, np.nan)
    order = np.argsort(p)[: int(np.sum(~np.isnan(p)))]  # sorting puts NaN values last
    result[order] = np.minimum(METHODS[method](p[order]), 1.0)
    return [float(value) for value in result]
