"""Executors for rendering: processes with one thread each, or the calling process.

Conventions
-----------
Both are executors of ``concurrent.futures``. Processes are spawned, never forked. A forked process
copies the locks that other threads hold (for example, threads of a web server) and can wait for
these locks for ever.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

from stimuli.rendering.commands import end_commands

P = ParamSpec("P")
T = TypeVar("T")

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def process_pool(n_workers: int) -> ProcessPoolExecutor:
    """Return a pool of ``n_workers`` processes, each with one thread for numerical libraries."""
    return ProcessPoolExecutor(n_workers, get_context("spawn"), initializer=_start_worker)


def _start_worker() -> None:
    """Prepare a process: one thread per library; an interrupt ends only the process's command."""
    # Libraries that are loaded later (torch, numba) read these variables; libraries that are
    # already loaded get their limit below.
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    threadpool_limits(1)
    signal.signal(signal.SIGINT, lambda *_: end_commands())
    Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this process when its parent has ended, even if the parent was killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class InThisProcess(Executor):
    """An executor that does each task at once, in this process."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do the task and return its completed future."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
