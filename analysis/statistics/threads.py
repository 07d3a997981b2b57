"""Limit of one thread for BLAS (linear algebra) while models are fitted.

The matrices of the models are small. With small matrices, a second thread saves no time, even on an
idle machine. On a busy machine, a second thread costs seconds, because the threads wait for each
other.
"""

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    # The search for the libraries takes milliseconds, as long as a fit, so it is made only once.
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[Any]:
    """Context in which linear algebra uses one thread; the old number is set again afterwards."""
    limit: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limit
