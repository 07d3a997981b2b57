"""`mixtrial collect` as a process: many at a time, killed without warning; nothing is lost.

pymushra, which webMUSHRA's front end may post to as well, lost six of six sessions that it had
acknowledged when twenty came at a time.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from db.store.store import open_store
from posted_sessions import body, session
from route_server import free_port
from waiting import until


class Server:
    """The command on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.start()

    def start(self) -> None:
        """Start it, and return when it answers."""
        command = [sys.executable, "-m", "mixtrial", "collect", str(self.folder)]
        with (self.folder.parent / "told.txt").open("ab") as told:
            self.process = subprocess.Popen([*command, "--port", str(self.port)], stdout=told)
        until(lambda: self.process.poll() is not None or self.asked("GET", "/api/healthz") == 200)
        assert self.process.poll() is None, "it ended by itself"

    def kill(self) -> None:
        """End it without warning."""
        self.process.kill()
        self.process.wait()

    def asked(self, method: str, path: str, content: bytes | None = None) -> int:
        """Status of an answer; 0 without one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, content)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def post(self, name: str) -> int:
        """Post the session of a name, as the front end does: once."""
        return self.asked("POST", "/service/write.php", body(session(name, "mushra", "lms")))

    def held(self) -> Counter[str]:
        """How many versions of each session are in the database."""
        store = open_store(f"sqlite:///{self.folder / 'mixtrial.sqlite'}")
        found = Counter(each.session for each in store.collected_sessions())
        store.close()
        return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for the tests of this file."""
    server = Server(tmp_path_factory.mktemp("collect") / "lab")
    yield server
    server.kill()


def test_killed_while_twenty_post_at_a_time_it_has_lost_nothing_it_acknowledged(
    server: Server,
) -> None:
    """Two kills in the middle; sent again, each session is there, and once."""
    names = [f"killed-{number}" for number in range(400)]
    acknowledged: set[str] = set()

    def send(lane: list[str]) -> None:
        for name in lane:
            while server.post(name) != 200:
                time.sleep(0.2)
            acknowledged.add(name)

    lanes = [threading.Thread(target=send, args=(names[at::20],)) for at in range(20)]
    for lane in lanes:
        lane.start()
    for least in (60, 200):
        while len(acknowledged) < least:
            time.sleep(0.01)
        server.kill()
        before = set(acknowledged)
        assert before <= set(server.held())
        server.start()
    for lane in lanes:
        lane.join()
    held = server.held()
    assert acknowledged == set(names)
    assert {name: held[name] for name in names} == dict.fromkeys(names, 1)


def test_two_hundred_at_a_time_are_all_answered_and_kept(server: Server) -> None:
    """Each of two hundred front ends posts in the same moment, and half of them twice."""
    names = [f"crowd-{number}" for number in range(200)]
    together = threading.Barrier(200)

    def send(at: int) -> int:
        together.wait()
        return server.post(names[at if at < 100 else at - 100])

    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(send, range(200)))
    assert answers == [200] * 200
    held = server.held()
    assert {name: held[name] for name in names} == {
        **dict.fromkeys(names[:100], 1), **dict.fromkeys(names[100:], 0)
    }  # fmt: skip


def test_each_session_has_one_line_in_the_terminal(server: Server) -> None:
    """With its test, its name and its pages; and where the front end has to post to."""
    assert server.post("line-1") == 200
    told = server.folder.parent / "told.txt"
    line = "harbour_mixes: session line-1, 2 pages\n"
    until(lambda: line in told.read_text("utf-8"))
    content = told.read_text("utf-8")
    assert f"remoteService: http://localhost:{server.port}/service/write.php" in content
    assert content.count(line) == 1
