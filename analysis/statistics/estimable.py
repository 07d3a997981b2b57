"""Too few data for a statistic: the reason is stored, and the analysis goes on.

A method that has too few data raises `NotEstimableError` with one sentence. The function `section`
turns the error into a record, which takes the place of the numbers.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from analysis.findings.sections import NotEstimable

T = TypeVar("T")


class NotEstimableError(ValueError):
    """Too few data for a statistic; the message to the reader is one sentence."""


def section(compute: Callable[[], T]) -> T | NotEstimable:
    """Result of a computation; if it has no result, a record with the reason.

    Parameters
    ----------
    compute
        Function without arguments; it is called once.

    Returns
    -------
    object
        Result of `compute`. After `NotEstimableError`, or if a matrix is singular, a `NotEstimable`
        record. Any other error is a fault of the program, and is not caught.
    """
    try:
        return compute()
    except NotEstimableError as error:
        return NotEstimable(str(error))
    except np.linalg.LinAlgError:
        return NotEstimable("The equations have no unique solution for these ratings.")
