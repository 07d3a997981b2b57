"""Work on several machines: a Dask cluster as an executor, with checks for equal results.

Conventions
-----------
A worker does one task at a time, with one thread for its mathematics, as the processes of this
machine do. The cluster must have the same version of mixtrial, and the same files under the same
paths. Every worker of the cluster is checked before the work begins. If a worker fails, Dask gives
the worker's tasks to another worker, at most three times.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

import mixtrial
from mixtrial.server.settings import SettingsError

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Executor, and number of tasks submitted at a time: two per worker, so that none waits."""

    executor: Executor
    n_at_once: int


class OneThreadEach(Executor):
    """An executor whose tasks each use one thread for numerical libraries, on every machine."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Submit the task to the executor."""
        return self._executor.submit(partial(_in_one_thread, fn), *args, **kwargs)


def _in_one_thread(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    with threadpool_limits(1):
        return work(*args, **kwargs)


@contextmanager
def cluster_at(
    address: str, read: Sequence[Path] = (), written: Path | None = None
) -> Iterator[Cluster]:
    """Cluster of the Dask scheduler at an address, such as ``tcp://10.0.0.1:8786``.

    Parameters
    ----------
    read
        Files and folders that every worker must find.
    written
        Folder to which the workers write; made if it is missing.

    Raises
    ------
    SettingsError
        The cluster does not exist, has no worker, has an unsuitable worker, or is lost during the
        work.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.comm import CommClosedError
    except ImportError:
        raise SettingsError(
            "--scheduler needs the package distributed: pip install 'mixtrial[dask]'."
        ) from None
    # Suppresses the tracebacks that the library Dask logs.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=20)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"No Dask scheduler answers at {address}.") from error
    try:
        with client:
            _check_workers(client, address, read, written)
            executor = OneThreadEach(client.get_executor(pure=False))
            yield Cluster(executor, 2 * len(client.nthreads()))
    except ImportError as error:
        raise SettingsError(
            f"The workers at {address} cannot import {error.name}; install mixtrial on "
            "these workers."
        ) from error
    except (CancelledError, CommClosedError, KilledWorker) as error:
        raise SettingsError(
            f"The Dask cluster at {address} was lost, or a worker died repeatedly, perhaps for "
            "lack of memory. Finished work is kept; give the same command again."
        ) from error


def _check_workers(client: Any, address: str, read: Sequence[Path], written: Path | None) -> None:
    """Raise ``SettingsError`` for the first worker that would not produce the same bytes."""
    threads: dict[str, int] = client.nthreads()
    if not threads:
        raise SettingsError(f"No worker has joined the Dask scheduler at {address}.")
    for worker, n_threads in threads.items():
        if n_threads > 1:
            raise SettingsError(
                f"The Dask worker {worker} does {n_threads} tasks at a time; start it as dask "
                f"worker {address} --nworkers {n_threads} --nthreads 1."
            )
    with ExitStack() as stack:
        looked_for = [str(path.resolve()) for path in read]
        if written is not None:
            looked_for.append(stack.enter_context(_file_in(written)))
        found: dict[str, tuple[str, list[str]]] = client.run(_standing, looked_for)
    for worker, (version, missing) in found.items():
        if version != mixtrial.__version__:
            raise SettingsError(
                f"The Dask worker {worker} has mixtrial {version}, but this machine has "
                f"{mixtrial.__version__}; install the same version on both."
            )
        if missing:
            path = Path(missing[0])
            path = written.resolve() if written and path.parent == written.resolve() else path
            raise SettingsError(
                f"The Dask worker {worker} cannot read {path}; all machines need the same files "
                "under the same paths."
            )


@contextmanager
def _file_in(folder: Path) -> Iterator[str]:
    """Path of a new file in a folder; a worker that finds this file sees the same folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = NamedTemporaryFile(prefix=".mixtrial-", dir=folder.resolve())  # noqa: SIM115
    except OSError as error:
        raise SettingsError(f"The folder {folder} cannot be written: {error.strerror}.") from None
    with file:
        yield file.name


def _standing(paths: Sequence[str]) -> tuple[str, list[str]]:
    """Version of mixtrial in a worker, and those paths that the worker does not find."""
    return mixtrial.__version__, [path for path in paths if not Path(path).exists()]
