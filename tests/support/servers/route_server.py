"""Our routes alone as a server, for tests that start and kill one: quicker up than the whole app.

Run it as ``uvicorn --app-dir tests/support/servers route_server:app``; the environment names
the study.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import mixtrial.routes
from forked import Forked, start_module
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.installation import Installation, current_installation
from mixtrial.server.process import HUNG_S

TESTS = Path(__file__).parent
START_TIMEOUT_S = 240.0
PORTS = (10_000, 32_000)
CHANCE = random.SystemRandom()
"""Processes that test side by side, each from the same seed, look at different ports."""


async def process_number(_request: Request) -> Response:
    """Which of several processes answers; it has opened its study by then."""
    await run_in_threadpool(current_installation)
    return PlainTextResponse(str(os.getpid()))


app = Starlette(
    routes=[*ROUTES, Route("/process", process_number, methods=["GET"])], middleware=MIDDLEWARE
)


def free_port() -> int:
    """Return a port of this machine that nobody listens on.

    It is none of those that the system gives to connections: while a server is down and started
    again, whoever asks for it could otherwise be given its own port, and hold it.
    """
    while True:
        port = CHANCE.randrange(*PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def start(
    study: Path, port: int, stderr: int | None = None, n_workers: int = 1, **environment: str
) -> Forked | subprocess.Popen[bytes]:
    """Start the routes' server on loopback and wait until it answers; ``stderr`` has its log."""
    arguments = [
        "uvicorn", "--app-dir", str(TESTS), "route_server:app",
        "--port", str(port), "--log-level", "critical", "--workers", str(n_workers),
        "--timeout-worker-healthcheck", str(HUNG_S),
    ]  # fmt: skip
    surroundings = {**os.environ, "MIXTRIAL_STUDY": str(study), **environment}
    process: Forked | subprocess.Popen[bytes]
    if n_workers == 1:
        process = start_module(arguments, surroundings, log=stderr)
    else:  # which start their own
        command = [sys.executable, "-m", *arguments]
        process = subprocess.Popen(command, env=surroundings, stderr=stderr)
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/healthz", timeout=2).close()
            return process
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise RuntimeError("the routes' server did not start")


@contextlib.contextmanager
def serving(study: Path, port: int, **environment: str) -> Iterator[str]:
    """Serve a study while the block runs; yields the address."""
    process = start(study, port, **environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def answer_for(monkeypatch: pytest.MonkeyPatch, opened: Callable[[], Installation]) -> None:
    """Let every route ask ``opened`` instead of the environment for its study."""
    for each in pkgutil.walk_packages(mixtrial.routes.__path__, "mixtrial.routes."):
        module = importlib.import_module(each.name)
        for name in ("current_installation", "loaded_installation"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, opened)
