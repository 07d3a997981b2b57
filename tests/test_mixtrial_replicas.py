"""Two servers on one PostgreSQL database behind a balancer, and one of them is killed."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import select
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from harbour_study import PASSWORD, SYSTEMS, build_stimuli, write_study
from route_server import free_port, start

from db.backup import back_up, restore
from db.store import open_store
from mixtrial.http_bots import simulate_over_http
from stimuli.study import load_study

STUDY = "harbour-lights"
N_BOTS = 8
PROGRAMS = Path("/usr/lib/postgresql")


def program(name: str) -> str | None:
    """Where a program of PostgreSQL or nginx is; Debian keeps some off the PATH."""
    places = [str(folder / "bin") for folder in sorted(PROGRAMS.glob("*"), reverse=True)]
    return shutil.which(name, path=os.pathsep.join([*places, os.environ["PATH"], "/usr/sbin"]))


needs_postgresql = pytest.mark.skipif(
    program("initdb") is None or importlib.util.find_spec("psycopg") is None,
    reason="needs Debian's package postgresql and the extra postgres (psycopg)",
)
pytestmark = [pytest.mark.slow, needs_postgresql]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """URL of a new PostgreSQL database on loopback."""
    initdb, postgres = program("initdb"), program("postgres")
    assert initdb is not None
    assert postgres is not None
    # PostgreSQL does not run as root: Debian's package made it an account of its own.
    account = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    folder = Path("/tmp") / f"mixtrial-pg-{os.getpid()}-{free_port()}"
    folder.mkdir(mode=0o700)
    if account:
        shutil.chown(folder, **account)
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **account}
    call = [initdb, "-D", f"{folder}/data", "-U", "mixtrial", "-A", "trust", "--no-sync"]
    subprocess.run(call, check=True, **quiet)
    call = [postgres, "-D", f"{folder}/data", "-h", "127.0.0.1", "-p", str(port), "-k", str(folder)]
    process = subprocess.Popen(call, **quiet)
    try:
        deadline = time.monotonic() + 30.0
        while not answers(port):
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.1)
        yield f"postgresql+psycopg://mixtrial@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def answers(port: int) -> bool:
    """Whether somebody listens on a port of loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


@contextlib.contextmanager
def plain_balancer(ports: Sequence[int]) -> Iterator[int]:
    """A balancer of our own, round robin: connections go to the next server that answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    turns = iter(lambda: next(counter), None)
    counter = iter(range(10**9))
    stop = threading.Event()

    def carry(client: socket.socket) -> None:
        first = next(turns)
        for step in range(len(ports)):
            with contextlib.suppress(OSError):
                server = socket.create_connection(("127.0.0.1", ports[(first + step) % len(ports)]))
                break
        else:
            client.close()
            return
        ends = {client: server, server: client}
        with client, server, contextlib.suppress(OSError):
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    piece = end.recv(65536)
                    if not piece:
                        return
                    ends[end].sendall(piece)

    def accept() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                threading.Thread(target=carry, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@contextlib.contextmanager
def nginx(ports: Sequence[int]) -> Iterator[int]:
    """The balancer of docs/deploy.md, on loopback."""
    found, port = program("nginx"), free_port()
    assert found is not None
    folder = Path("/tmp") / f"mixtrial-nginx-{os.getpid()}-{port}"
    folder.mkdir()
    servers = " ".join(f"server 127.0.0.1:{each} max_fails=1 fail_timeout=2s;" for each in ports)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log /dev/null;\n"
        "events {}\n"
        f"http {{ access_log off; upstream mixtrial {{ {servers} }}\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://mixtrial;\n"
        "proxy_http_version 1.1; proxy_set_header Host $http_host;\n"
        "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } } }\n"
    )
    process = subprocess.Popen([found, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        deadline = time.monotonic() + 10.0
        while not answers(port):
            assert time.monotonic() < deadline, "nginx did not start"
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(
    "balancer",
    [
        plain_balancer,
        pytest.param(
            nginx,
            marks=pytest.mark.skipif(
                program("nginx") is None, reason="needs Debian's package nginx"
            ),
        ),
    ],
    ids=["plain", "nginx"],
)
def test_a_killed_replica_loses_nothing(tmp_path: Path, database: str, balancer: object) -> None:
    """Eight bots behind a balancer; one of two servers is killed; all finish, all is there."""
    build_stimuli(tmp_path)
    path = write_study(tmp_path)
    study = load_study(path, SYSTEMS)
    environment = {"MIXTRIAL_ADMIN_PASSWORD": PASSWORD, "MIXTRIAL_DATABASE_URL": database}
    ports = [free_port(), free_port()]
    servers = [start(path, port, **environment) for port in ports]
    codes: list[str] = []
    try:
        with balancer(ports) as front:  # type: ignore[operator]

            def send_bots() -> None:
                url = f"http://127.0.0.1:{front}"
                codes.extend(simulate_over_http(study, url, PASSWORD, N_BOTS, 1, 8, 1.5))

            bots = threading.Thread(target=send_bots)
            bots.start()
            time.sleep(2.0)
            servers[0].kill()
            bots.join(timeout=90.0)
    finally:
        for server in servers:
            server.kill()
            server.wait()
    assert len(set(codes)) == N_BOTS
    store = open_store(database)
    ratings, people = store.ratings(STUDY), store.participants(STUDY)
    store.close()
    done = people[people["finished_at"] != ""]["participant"]
    ratings = ratings[ratings["participant"].isin(done)]
    assert len(done) == N_BOTS
    assert len(ratings) == N_BOTS * 4 * len(SYSTEMS) * 5
    assert not ratings.duplicated(["participant", "page_kind", "song", "system", "attribute"]).any()


@pytest.mark.skipif(program("pg_dump") is None, reason="needs Debian's package postgresql-client")
def test_postgresql_is_backed_up_and_restored(tmp_path: Path, database: str) -> None:
    """What was there at the backup is there after the restore, and what came later is not."""
    store = open_store(database)
    store.register_study(STUDY, "Harbour Lights", "f" * 64, 7)
    back_up(database, tmp_path / "copy.dump")
    store.register_study("later", "Later", "e" * 64, 7)
    store.close()
    restore(database, tmp_path / "copy.dump", STUDY, force=True)
    store = open_store(database)
    assert store.study_status(STUDY) == "open"
    with pytest.raises(ValueError, match="no study called 'later'"):
        store.study_status("later")
    store.close()
