"""One BLAS thread while models are fitted.

The matrices are small: a second thread gains nothing on an idle machine and costs seconds on a busy
one, where threads wait for each other.
"""

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    # Finding the libraries takes milliseconds, as long as a fit, so it is done once.
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[Any]:
    """Context in which linear algebra runs in one thread; the old number returns afterwards."""
    limit: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limit
