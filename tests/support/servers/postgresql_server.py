"""Debian's PostgreSQL on loopback, in a folder of its own, for tests that need a real one."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from route_server import free_port

PROGRAMS = Path("/usr/lib/postgresql")
START_TIMEOUT_S = 90.0


def program(name: str) -> str | None:
    """Where a program of PostgreSQL or nginx is; Debian keeps some off the PATH."""
    places = [str(folder / "bin") for folder in sorted(PROGRAMS.glob("*"), reverse=True)]
    return shutil.which(name, path=os.pathsep.join([*places, os.environ["PATH"], "/usr/sbin"]))


needs_postgresql = pytest.mark.skipif(
    program("initdb") is None or importlib.util.find_spec("psycopg") is None,
    reason="needs Debian's package postgresql and the extra postgres (psycopg)",
)


def answers(port: int) -> bool:
    """Whether somebody listens on a port of loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


def wait_for(port: int, what: str) -> None:
    """Return once somebody listens on a port of loopback."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while not answers(port):
        assert time.monotonic() < deadline, f"{what} did not start"
        time.sleep(0.05)


class PostgresqlServer:
    """A running server; each call of :meth:`new_database` gives the URL of an empty database."""

    def __init__(self, port: int, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._port, self._start = port, start
        self._process = start()
        self._numbers = count()

    def start(self) -> None:
        """Start it again, with the databases it had."""
        self._process = self._start()
        _wait_until_ready(self._port)

    def stop(self) -> None:
        """End it at once, whatever is under way."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def url(self, name: str) -> str:
        """URL of a database, as SQLAlchemy writes it."""
        return f"postgresql+psycopg://mixtrial@127.0.0.1:{self._port}/{name}"

    def new_database(self) -> str:
        """URL of a new, empty database."""
        import psycopg

        name = f"study_{next(self._numbers)}"
        address = f"postgresql://mixtrial@127.0.0.1:{self._port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)


def _wait_until_ready(port: int) -> None:
    """Return once the server lets somebody in; it listens a moment before that."""
    import psycopg

    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(f"postgresql://mixtrial@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)
        else:
            return


@contextlib.contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start PostgreSQL with an empty cluster; it and the cluster are gone afterwards."""
    initdb, postgres = program("initdb"), program("postgres")
    assert initdb is not None
    assert postgres is not None
    # PostgreSQL does not run as root: Debian's package made it an account of its own.
    account = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="mixtrial-pg-"))
    if account:
        shutil.chown(folder, **account)
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **account}
    call = [initdb, "-D", f"{folder}/data", "-U", "mixtrial", "-A", "trust", "--no-sync"]
    subprocess.run(call, check=True, **quiet)
    call = [postgres, "-F", "-D", f"{folder}/data", "-h", "127.0.0.1", "-p", str(port)]
    call += ["-k", str(folder)]
    server = PostgresqlServer(port, lambda: subprocess.Popen(call, **quiet))
    try:
        _wait_until_ready(port)
        yield server
    finally:
        server.stop()  # nothing in there is to be kept
        shutil.rmtree(folder, ignore_errors=True)
