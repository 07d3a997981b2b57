"""Rendering processes: one thread each, gone with their parent; or no process at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from stimuli.rendering.processes import InThisProcess, process_pool


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


def test_without_processes_tasks_are_done_at_once_and_errors_are_kept() -> None:
    """The stand-in executor settles its futures like any other."""
    here = InThisProcess()
    assert here.submit(os.getpid).result() == os.getpid()
    failed = here.submit(int, "x")
    with pytest.raises(ValueError, match="invalid literal"):
        failed.result()
