"""Two servers on one PostgreSQL database behind a balancer, and one of them is killed."""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from db.store.store import open_store
from harbour_study import PASSWORD, SYSTEMS, build_stimuli, write_study
from mixtrial.simulation.over_http import simulate_over_http
from nginx_server import needs_nginx, nginx
from postgresql_server import PostgresqlServer, needs_postgresql, postgresql_server
from route_server import free_port, start
from stimuli.loading.load import load_study
from waiting import until

STUDY = "harbour-lights"
N_BOTS = 8

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """PostgreSQL on loopback."""
    with postgresql_server() as running:
        yield running


@pytest.fixture
def database(server: PostgresqlServer) -> str:
    """URL of a new PostgreSQL database."""
    return server.new_database()


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
def two_replicas(
    study: Path, database: str, balancer: Callable[[Sequence[int]], AbstractContextManager[object]]
) -> Iterator[tuple[object, Callable[[], None]]]:
    """Two servers behind a balancer; yields what the balancer yields, and how to kill one."""
    environment = {"MIXTRIAL_ADMIN_PASSWORD": PASSWORD, "MIXTRIAL_DATABASE_URL": database}
    ports = [free_port(), free_port()]
    servers = [start(study, port, **environment) for port in ports]
    try:
        with balancer(ports) as front:
            yield front, servers[0].kill
    finally:
        for server in servers:
            server.kill()
            server.wait()


def walk_and_kill(study: Path, front: int, kill: Callable[[], None], database: str) -> list[str]:
    """Send the bots in, kill a server while they are under way; the codes they came back with."""
    codes: list[str] = []
    loaded = load_study(study, SYSTEMS)

    def send_bots() -> None:
        url = f"http://127.0.0.1:{front}"
        codes.extend(simulate_over_http(loaded, url, PASSWORD, N_BOTS, 1, 8, 0.8))

    bots = threading.Thread(target=send_bots)
    bots.start()
    store = open_store(database)
    until(lambda: not store.ratings(STUDY).empty)
    kill()
    assert store.counts(STUDY).finished < N_BOTS
    store.close()
    bots.join(timeout=240.0)
    return codes


def check_that_all_is_there(database: str, codes: Sequence[str]) -> None:
    """Everybody finished, every rating is there once."""
    assert len(set(codes)) == N_BOTS
    store = open_store(database)
    ratings, people = store.ratings(STUDY), store.participants(STUDY)
    store.close()
    done = people[people["finished_at"] != ""]["participant"]
    ratings = ratings[ratings["participant"].isin(done)]
    assert len(done) == N_BOTS
    assert len(ratings) == N_BOTS * 4 * len(SYSTEMS) * 5
    assert not ratings.duplicated(["participant", "phase", "song", "system", "attribute"]).any()


@pytest.mark.slow
def test_a_killed_replica_loses_nothing(tmp_path: Path, database: str) -> None:
    """Eight bots behind a balancer; one of two servers is killed; all finish, all is there."""
    build_stimuli(tmp_path)
    path = write_study(tmp_path)
    with two_replicas(path, database, plain_balancer) as (front, kill):
        codes = walk_and_kill(path, int(str(front)), kill, database)
    check_that_all_is_there(database, codes)


@needs_nginx
def test_behind_the_nginx_of_the_docs_a_killed_replica_loses_nothing(
    tmp_path: Path, database: str
) -> None:
    """As above with docs/deploy/nginx.conf; its log holds no token, and its limits hold."""
    build_stimuli(tmp_path)
    path = write_study(tmp_path)
    with two_replicas(path, database, nginx) as (front, kill):
        port, log = front  # type: ignore[misc]
        codes = walk_and_kill(path, port, kill, database)
        assert asked(port, "GET", "/_stcore/metrics")[0] == 404
        assert asked(port, "GET", "/api/healthz")[0] == 200
        large = asked(port, "POST", "/api/autosave", b" " * 600_000)
        assert large[0] == 413
        statuses = [asked(port, "POST", "/api/login", b"password=guess")[0] for _ in range(8)]
        told = log.read_text()
    check_that_all_is_there(database, codes)
    assert statuses[0] == 303
    assert statuses[-1] == 429
    assert "/api/autosave" in told
    assert not [token for token in tokens_of(database) if token in told]


def asked(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(method, path, body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def tokens_of(database: str) -> list[str]:
    """Every secret of a link or a sound that the database holds."""
    import psycopg

    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        rows = connection.execute(
            "SELECT token FROM participant UNION SELECT audio_token FROM slot"
        ).fetchall()
    tokens = [str(row[0]) for row in rows]
    assert len(tokens) > N_BOTS
    return tokens
