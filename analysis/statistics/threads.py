"""Restriction of BLAS to a single thread while models are fitted.

The matrices of the models are small. For small matrices, a second thread saves no time on an idle
machine. On a busy machine, a second thread costs seconds, because the threads wait for each other.
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
    """Context in which linear algebra uses one thread; afterwards, the old number is restored."""
    limit: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limit
