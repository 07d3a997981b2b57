"""Executor of a command's work (one process, several, or a cluster), and the work's progress."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

from mixing.learning.training.train import Progress
from mixtrial.terminal.cluster import cluster_at
from mixtrial.terminal.progress_bar import progress
from stimuli.rendering.processes import InThisProcess, process_pool


@contextmanager
def executor_for(
    n_jobs: int | None,
    scheduler: str | None = None,
    read: Sequence[Path] = (),
    written: Path | None = None,
) -> Iterator[Executor]:
    """Executor of ``n_jobs`` processes; None means one per core, 1 means this process.

    With a ``scheduler``, the cluster of this scheduler is used instead. The workers of the cluster
    must find the ``read`` files and the ``written`` folder (see
    :func:`mixtrial.terminal.cluster.cluster_at`).
    """
    if scheduler is not None:
        with cluster_at(scheduler, read, written) as cluster:
            yield cluster.executor
        return
    n_workers = n_jobs or os.cpu_count() or 1
    pool: Executor = InThisProcess() if n_workers == 1 else process_pool(n_workers)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def shown(title: str) -> Iterator[Callable[[Progress], None]]:
    """Progress of training on stderr; the returned function is called after each training."""
    with progress(title) as show:
        show(0, None, "reading songs")
        yield lambda step: show(step.done, step.total, step.label)
