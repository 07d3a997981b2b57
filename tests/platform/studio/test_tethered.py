"""Programs end with whoever started them, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mixtrial.processes.started import start, stop
from waiting import until

CHILD = """
import os, sys, time
from pathlib import Path
Path(sys.argv[1]).write_text(str(os.getpid()))
try:
    time.sleep(600)
except KeyboardInterrupt:
    Path(sys.argv[1]).write_text("interrupted")
"""
PARENT = """
import os, sys, time
from mixtrial.processes.started import start
start(["waiting_child", sys.argv[1]], os.environ)
time.sleep(600)
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules with one that waits."""
    (tmp_path / "waiting_child.py").write_text(CHILD)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def test_a_program_whose_starter_is_killed_is_interrupted(modules: Path) -> None:
    """SIGKILL leaves the starter no moment to say anything."""
    said = modules / "said"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(said)])
    try:
        until(lambda: said.exists() and said.read_text())
        assert said.read_text().isdecimal()
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    until(lambda: said.read_text() == "interrupted")


def test_a_program_that_is_stopped_ends_by_itself(modules: Path) -> None:
    """It may bring to an end what it is at."""
    said = modules / "said"
    process = start(["waiting_child", str(said)], os.environ)
    until(lambda: said.exists() and said.read_text())
    stop(process)
    assert process.returncode == 0
    assert said.read_text() == "interrupted"
