"""Servers that begin with everything imported: forked from a process that has imported it once.

A server of ours imports for some four seconds of a processor before it listens, and the tests start
dozens. That one starts from nothing is tested by those of ``mixtrial serve`` and of the wheel.
Run as a program, this file imports what it is told and then waits for orders, one message each.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import logging
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

IMPORTED = (
    "anyio._backends._asyncio",
    "plotly.graph_objects",
    "uvicorn.main",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "route_server",
    "mixtrial.survey.router",
    "mixtrial.dashboard.router",
)
MAX_ORDER_BYTES = 100_000
N_STATUS_BYTES = 8
IS_POSSIBLE = sys.platform == "linux"
"""Elsewhere a socket of messages, or a fork, may be missing: there a server starts from nothing."""


class Forked:
    """A process that another one has forked for us; it is asked as ``subprocess.Popen`` is."""

    def __init__(self, pid: int, status: int, stderr: IO[bytes] | None) -> None:
        self.pid, self._status, self.stderr = pid, status, stderr
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended, or None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and say how it ended."""
        if self.returncode is None:
            with selectors.DefaultSelector() as waiting:
                waiting.register(self._status, selectors.EVENT_READ)
                if not waiting.select(timeout):
                    raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            said = os.read(self._status, N_STATUS_BYTES)
            self.returncode = int(said) if said else -signal.SIGKILL
            os.close(self._status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it without warning."""
        self.send_signal(signal.SIGKILL)


def start_module(
    arguments: Sequence[str], environment: Mapping[str, str], *, log: int | None = None
) -> Forked | subprocess.Popen[bytes]:
    """Start ``python -P -m`` with arguments, of which the first is the module.

    ``log`` takes what it says: a file's number, ``subprocess.PIPE`` for its errors, or None where
    they are told by the test process itself.
    """
    given = (environment.get(name) == os.environ.get(name) for name in ("PYTHONPATH", "PATH"))
    if not IS_POSSIBLE or not all(given):
        output = {} if log in (None, subprocess.PIPE) else {"stdout": log}
        command = [sys.executable, "-P", "-m", *arguments]
        return subprocess.Popen(command, env=environment, stderr=log, **output)  # type: ignore[call-overload,no-any-return]
    ours, theirs = os.pipe() if log == subprocess.PIPE else (None, log)
    told, tells = os.pipe()
    outputs = (1 if log in (None, subprocess.PIPE) else log, 2 if theirs is None else theirs)
    order = {
        "arguments": list(arguments),
        "environment": dict(environment),
        "folder": str(Path.cwd()),
    }
    pid = _parent().order(order, (tells, *outputs))
    os.close(tells)
    if ours is None:
        return Forked(pid, told, None)
    os.close(theirs)  # type: ignore[arg-type]
    return Forked(pid, told, os.fdopen(ours, "rb"))


class _Parent:
    """The process that has imported everything; one for each process that tests."""

    def __init__(self) -> None:
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        clean = {name: text for name, text in os.environ.items() if "MIXTRIAL" not in name}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", __file__], stdin=theirs, env=clean
            )
        self.turn = threading.Lock()
        atexit.register(self.end)

    def order(self, order: dict[str, Any], numbers: Sequence[int]) -> int:
        """Have a process forked; return its number."""
        with self.turn:
            socket.send_fds(self.channel, [json.dumps(order).encode()], list(numbers))
            return int(self.channel.recv(N_STATUS_BYTES * 4))

    def end(self) -> None:
        """End it, and with it all that it has forked."""
        self.channel.close()
        self.process.wait()


@functools.cache
def _parent() -> _Parent:
    return _Parent()


def take_orders() -> None:
    """Import everything, then fork a process for each order until nobody can give one."""
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    logging.disable(logging.WARNING)  # Streamlit's, that no page is being drawn
    for name in IMPORTED:
        importlib.import_module(name)
    _open_a_study()
    logging.disable(logging.NOTSET)
    assert threading.active_count() == 1, "a thread would be missing in what is forked"
    gc.freeze()
    channel = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    wakes, woken = socket.socketpair()
    woken.setblocking(False)
    signal.set_wakeup_fd(woken.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, int] = {}
    with selectors.DefaultSelector() as waiting:
        waiting.register(channel, selectors.EVENT_READ)
        waiting.register(wakes, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in waiting.select()}
            if wakes in ready:
                wakes.recv(4096)
                _tell_ends(running)
            if channel not in ready:
                continue
            message, numbers, _, _ = socket.recv_fds(channel, MAX_ORDER_BYTES, 3)
            if not message:
                break
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for each in (channel, wakes, woken):
                    each.close()
                _become(json.loads(message), numbers, running.values())
                return
            running[pid] = numbers[0]
            for number in numbers[1:]:
                os.close(number)
            channel.send(str(pid).encode())
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _open_a_study() -> None:
    """Make an archive once: most of what a first one costs is its tools, loaded when needed."""
    from browser_study import write_study
    from mixtrial.server.installation import load_installation
    from mixtrial.server.settings import settings_for_study

    with tempfile.TemporaryDirectory() as folder:
        load_installation(settings_for_study(write_study(Path(folder)))).store.close()


def _tell_ends(running: dict[int, int]) -> None:
    """Tell whoever waits for a process how it ended."""
    for pid, tells in list(running.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with contextlib.suppress(BrokenPipeError):
                os.write(tells, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(tells)
            del running[pid]


def _become(order: dict[str, Any], numbers: Sequence[int], others: Any) -> None:
    """Be the module that was ordered."""
    for number, ours in ((1, numbers[1]), (2, numbers[2])):
        os.dup2(ours, number)
    for number in {*numbers, *others}:
        os.close(number)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    importlib.invalidate_caches()
    module, *sys.argv[1:] = order["arguments"]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    take_orders()
