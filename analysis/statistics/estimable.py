"""Data that are too few for a statistic: the reason is stored, and the analysis continues.

A method that has too few data raises `NotEstimableError` with one sentence. The function `section`
converts the error into a record, which replaces the numbers.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from analysis.findings.sections import NotEstimable

T = TypeVar("T")


class NotEstimableError(ValueError):
    """Data that are too few for a statistic; the message is one sentence for the reader."""


def section(compute: Callable[[], T]) -> T | NotEstimable:
    """Result of a computation, or a record with the reason why there is no result.

    Parameters
    ----------
    compute
        Function that is called once, without arguments.

    Returns
    -------
    object
        Result of `compute`; a `NotEstimable` record after `NotEstimableError` or with a singular
        matrix. All other errors are errors of the program and are not caught.
    """
    try:
        return compute()
    except NotEstimableError as error:
        return NotEstimable(str(error))
    except np.linalg.LinAlgError:
        return NotEstimable("The equations have no unique solution for these ratings.")
