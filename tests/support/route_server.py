"""Our routes alone as a server, for tests that start and kill one: quicker up than the whole app.

Run it as ``uvicorn --app-dir tests route_server:app``; the environment names the study.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from starlette.applications import Starlette

from mixtrial.routes.route_table import MIDDLEWARE, ROUTES

TESTS = Path(__file__).parent
START_TIMEOUT_S = 60.0

app = Starlette(routes=ROUTES, middleware=MIDDLEWARE)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(study: Path, port: int, **environment: str) -> subprocess.Popen[bytes]:
    """Start the routes' server on loopback and wait until it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "--app-dir", str(TESTS), "route_server:app",
         "--port", str(port), "--log-level", "critical"],
        env={**os.environ, "MIXTRIAL_STUDY": str(study), **environment},
    )  # fmt: skip
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
