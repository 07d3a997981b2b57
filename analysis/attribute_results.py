"""The sections of one attribute, in the order in which a report reads them."""

from collections.abc import Callable
from typing import Any

from analysis.methods.base import Given, Method
from analysis.methods.registry import methods
from analysis.statistics.estimable import section

Compute = Callable[[], Any]


def attribute_sections(given: Given) -> list[tuple[str, Compute]]:
    """Names of the sections with the computations that fill them.

    Parameters
    ----------
    given
        Ratings of the attribute, the settings of the analysis, and the findings so far, which the
        caller adds to between the computations.

    Returns
    -------
    list of tuple
        (key, compute) in order; each compute is called once and never raises for want of data.
    """
    return [
        (key, _guarded(method, given)) for key, method in methods().items() if method.applies(given)
    ]


def _guarded(method: Method, given: Given) -> Compute:
    return lambda: section(lambda: method.compute(given))
