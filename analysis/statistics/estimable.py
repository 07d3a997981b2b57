"""What happens when data cannot carry a statistic: it is said, and the rest goes on.

A method raises `NotEstimableError` with one sentence; `section` turns it into the object
`{"status": "not estimable", "why": ...}` of docs/results.md. `plain` makes results fit for JSON.
"""

from collections.abc import Callable
from typing import Any

import numpy as np


class NotEstimableError(ValueError):
    """Data that cannot carry a statistic; the message is one sentence for the reader."""


def not_estimable(why: str) -> dict[str, Any]:
    """Object that stands in the place of a section that could not be computed."""
    return {"status": "not estimable", "why": why}


def section(compute: Callable[[], Any]) -> Any:
    """Outcome of a computation, or the object that says why there is none.

    Parameters
    ----------
    compute
        Called once without arguments.

    Returns
    -------
    object
        What `compute` returns; on `NotEstimableError` or a singular matrix the object of
        `not_estimable`. Other errors are faults of the program and pass through.
    """
    try:
        return compute()
    except NotEstimableError as error:
        return not_estimable(str(error))
    except np.linalg.LinAlgError:
        return not_estimable("The equations have no unique solution for these ratings.")


def is_estimated(part: Any) -> bool:
    """Whether a section carries numbers."""
    return not (isinstance(part, dict) and part.get("status") == "not estimable")


def plain(value: Any) -> Any:
    """Results in plain Python: numpy numbers become numbers, NaN and infinity None.

    Parameters
    ----------
    value
        Nested dicts, lists, tuples, arrays and numbers.

    Returns
    -------
    object
        Fit for `json.dumps(..., allow_nan=False)`.
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, str):
        return str(value)  # a member of an enumeration is its text
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value
