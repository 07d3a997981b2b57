"""Rendering processes: one thread each, gone with their parent; or no process at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from stimuli.rendering.processes import InThisProcess, process_pool, rendering_pool


def is_running(process_id: int) -> bool:
    """Whether a process lives (a zombie does not)."""
    try:
        os.kill(process_id, 0)
        with open(f"/proc/{process_id}/stat") as file:  # noqa: PTH123
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_tasks_run_in_other_processes_with_one_thread_each() -> None:
    """Workers have process ids of their own and tell every library to use one thread."""
    with process_pool(2) as pool:
        ids = {pool.submit(os.getpid).result() for _ in range(4)}
        assert os.getpid() not in ids
        assert pool.submit(os.getenv, "OMP_NUM_THREADS").result() == "1"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_workers_of_a_killed_build_end_with_it() -> None:
    """After SIGKILL of the parent its workers are gone within seconds, even when idle."""
    script = (
        "import os, time\n"
        "from stimuli.rendering.processes import process_pool\n"
        "if __name__ == '__main__':\n"
        "    pool = process_pool(1)\n"
        "    print(pool.submit(os.getpid).result(), flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        worker = int(parent.stdout.readline())
        assert is_running(worker)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 120
    while is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(worker)


def test_with_two_workers_this_process_is_one_of_them() -> None:
    """The other one gets a task and a reserve; the next task is done here, with its error kept."""
    pool, n_at_once = rendering_pool(2)
    with pool:
        given: list[Future[Any]] = [pool.submit(time.sleep, 0.2), pool.submit(os.getpid)]
        here, failed = pool.submit(os.getpid), pool.submit(int, "x")
        assert here.done()
        assert failed.done()
        assert here.result() == os.getpid() != given[1].result()
        with pytest.raises(ValueError, match="invalid literal"):
            failed.result()
        assert n_at_once == len(given) + 1


def test_a_worker_killed_while_this_process_works_is_an_error_of_its_tasks() -> None:
    """Also a task that is given to it afterwards comes back with the error, as a future does."""
    pool, _ = rendering_pool(2)
    with pool:
        killed = pool.submit(os._exit, 1)
        with pytest.raises(BrokenProcessPool, match="terminated"):
            killed.result()
        with pytest.raises(BrokenProcessPool, match="child process"):
            pool.submit(os.getpid).result()


def test_with_many_workers_this_process_hands_out_tasks_alone() -> None:
    """A fifth process would wait for the one that renders."""
    pool, n_at_once = rendering_pool(5)
    with pool:
        assert isinstance(pool, ProcessPoolExecutor)
        assert n_at_once == 5
    assert isinstance(rendering_pool(1)[0], InThisProcess)


def test_without_processes_tasks_are_done_at_once_and_errors_are_kept() -> None:
    """The stand-in executor settles its futures like any other."""
    here = InThisProcess()
    assert here.submit(os.getpid).result() == os.getpid()
    failed = here.submit(int, "x")
    with pytest.raises(ValueError, match="invalid literal"):
        failed.result()
