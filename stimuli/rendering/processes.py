"""Executors for rendering: several processes with one thread each, or only this process.

Conventions
-----------
All executors follow ``concurrent.futures``. Processes are spawned, never forked. A forked process
also gets the locks that other threads hold (for example, threads of a web server), and can wait for
these locks for ever.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, Final, ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

from stimuli.rendering.commands import end_commands

P = ParamSpec("P")
T = TypeVar("T")

# With more processes than this, the process that hands out the tasks does not render: the others
# would wait for it.
FEW_WORKERS: Final = 4
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def rendering_pool(n_workers: int) -> tuple[Executor, int]:
    """Return an executor with ``n_workers`` processes, and how many tasks it takes at a time.

    With at most ``FEW_WORKERS`` processes, the calling process is one of these processes.
    """
    if n_workers == 1:
        return InThisProcess(), 1
    if n_workers > FEW_WORKERS:
        return process_pool(n_workers), n_workers
    shared = SharedWork(n_workers)
    return shared, shared.n_at_once


def process_pool(n_workers: int) -> ProcessPoolExecutor:
    """Return a pool of ``n_workers`` processes, each with one thread for numerical libraries."""
    return ProcessPoolExecutor(n_workers, get_context("spawn"), initializer=_start_worker)


def _start_worker() -> None:
    """Prepare a process: one thread per library; an interrupt ends its command, not the process."""
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


class SharedWork(Executor):
    """Executor with other processes; if all of them are busy, this process also does tasks.

    Loading their libraries takes the other processes some time; this process already works in the
    meantime. While this process works, it cannot hand out tasks; for this reason, each of the other
    processes has one more task waiting.

    Parameters
    ----------
    n_workers
        Number of processes that work, including this process; at least 2.
    """

    def __init__(self, n_workers: int) -> None:
        self._others = process_pool(n_workers - 1)
        self._here = InThisProcess()
        self._n_given = 2 * (n_workers - 1)
        self._given: set[Future[Any]] = set()
        self.n_at_once = self._n_given + 1

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give the task to another process, or do it here and now; return its future."""
        self._given = {future for future in self._given if not future.done()}
        if len(self._given) >= self._n_given:
            with threadpool_limits(1):
                return self._here.submit(fn, *args, **kwargs)
        try:
            future = self._others.submit(fn, *args, **kwargs)
        except BrokenProcessPool as error:  # a process was killed while this one rendered
            future = Future()
            future.set_exception(error)
        self._given.add(future)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the other processes."""
        self._others.shutdown(wait, cancel_futures=cancel_futures)


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
