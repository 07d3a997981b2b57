"""The database is moved, removed, full, locked or gone while people save: nothing is lost.

A server of one process, and one of two, is saved to without a pause. Each save leaves an event
of its number, and is sent again until it is acknowledged, as a browser does. Whatever is done to
the database: while it lasts ``/api/healthz`` says 503, each process has one line in the log, and
no save is acknowledged; afterwards every acknowledged save is in the database that the
settings name.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from db.copies.backup import back_up, restore
from db.records.errors import StoreError
from db.store.store import open_store
from harbour_study import write_study
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import load_installation
from mixtrial.server.settings import settings_for_study
from postgresql_server import needs_postgresql, postgresql_server
from route_server import free_port, start
from waiting import until

STUDY = "harbour-lights"
N_SAVERS = 4
N_WORKERS = [1, pytest.param(2, marks=pytest.mark.slow)]


def command_of(pid: str) -> bytes:
    """Command line of a process; nothing where it has gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def is_stopped(pid: int) -> bool:
    """Whether SIGSTOP has reached a process."""
    return "T" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]


@dataclass
class Saver(threading.Thread):
    """One participant's browser: saves on and on, each save until it is acknowledged."""

    port: int
    token: str
    epoch: int
    acknowledged: list[int] = field(default_factory=list)
    last_sent_s: float = 0.0  # moment in which the newest of these was sent

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Save until told to stop."""
        seq = 1
        while not self.stopped.wait(0.03):
            sent_s = time.monotonic()
            if self.send(seq) == 204:
                self.last_sent_s = sent_s
                self.acknowledged.append(seq)
                seq += 1

    def send(self, seq: int) -> int:
        """Status of a save; 0 without an answer."""
        rating = {"slot": 0, "attribute": "overall", "value": float(seq % 100)}
        event = {"t_ms": float(seq), "kind": "switch", "slot": 0, "value": float(seq)}
        body = {
            "token": self.token, "page": 0, "epoch": self.epoch, "seq": seq, "final": False,
            "ratings": [rating], "events": [event],
        }  # fmt: skip
        return asked(self.port, "POST", "/api/autosave", body)[0]


def asked(port: int, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
    """Status and body of an answer; 0 without one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


class Scene:
    """A served study, its database, and those who save."""

    def __init__(self, folder: Path, n_workers: int = 1, database_url: str | None = None) -> None:
        self.n_workers = n_workers
        self.study = write_study(folder, n_songs=2)
        self.settings = settings_for_study(self.study, database_url=database_url)
        self.url = self.settings.database_url
        self.path = Path(self.url.removeprefix("sqlite:///"))
        self.wal = self.path.with_name(f"{self.path.name}-wal")
        self.port = free_port()
        self.log: list[str] = []
        self.savers = self._people()
        self.start()
        for saver in self.savers:
            saver.start()

    def _people(self) -> list[Saver]:
        installation = load_installation(self.settings)
        store, savers = installation.store, []
        for _ in range(N_SAVERS):
            token = enrol(installation).token
            store.record_consent(token, "v1", True)
            store.record_questionnaire(token, "hobbyist", "headphones")
            store.record_volume(token, 0.5)
            savers.append(Saver(self.port, token, store.page_state(token, 0).epoch))
        store.close()
        return savers

    def start(self) -> None:
        """Start the server."""
        self.process = start(
            self.study, self.port, subprocess.PIPE, self.n_workers, MIXTRIAL_DATABASE_URL=self.url
        )
        threading.Thread(target=self._read_log, args=(self.process,), daemon=True).start()
        self.wait_for_all()

    def wait_for_all(self) -> None:
        """Return once each process has answered, and so has its study open."""
        answered: set[int] = set()

        def have_answered() -> bool:
            status, said = asked(self.port, "GET", "/process")
            answered.update([int(said)] if status == 200 else [])
            return len(answered & {*self.workers()}) == self.n_workers

        until(have_answered)

    def _read_log(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        with process.stderr:
            self.log.extend(line.decode() for line in process.stderr)

    def workers(self) -> list[int]:
        """The processes that answer: the server itself, or those that it started."""
        pid = self.process.pid
        if self.n_workers == 1:
            return [pid]
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(each) for each in children if b"spawn_main" in command_of(each)]

    def signal(self, number: int) -> None:
        """Send a signal to each process, first to the one that would start others."""
        for pid in dict.fromkeys([self.process.pid, *self.workers()]):
            os.kill(pid, number)

    def kill(self) -> None:
        """End the server without warning."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def health(self) -> int:
        """Status of the health route."""
        return asked(self.port, "GET", "/api/healthz")[0]

    def n_acknowledged(self) -> list[int]:
        """How many saves of each participant were acknowledged."""
        return [len(saver.acknowledged) for saver in self.savers]

    def wait_for_saves(self) -> None:
        """Return once each participant has had five more saves acknowledged."""
        wanted = [number + 5 for number in self.n_acknowledged()]
        until(lambda: all(map(int.__ge__, self.n_acknowledged(), wanted)))

    def check_refusing(self, cause: str | None) -> None:
        """Noticed, told once by each process, and nothing is acknowledged while it lasts."""
        until(lambda: self.health() == 503)
        if cause is not None:
            until(lambda: len(self.causes()) >= self.n_workers)
        noticed_s = time.monotonic()  # what was sent before may have an answer on its way
        time.sleep(1.5)
        assert [saver.last_sent_s > noticed_s for saver in self.savers] == [False] * N_SAVERS
        if cause is not None:
            assert [cause in line for line in self.causes()] == [True] * self.n_workers
        self.log.clear()

    def causes(self) -> list[str]:
        """Causes in the log for which saves are refused."""
        return [line for line in self.log if "cannot be used" in line]

    def check_saving(self) -> None:
        """All goes on."""
        until(lambda: self.health() == 200)
        self.wait_for_saves()

    def missing(self, url: str | None = None) -> list[tuple[str, int]]:
        """Acknowledged saves that the named database does not hold."""
        known = [(saver.token, list(saver.acknowledged)) for saver in self.savers]
        store = open_store(url or self.url)
        events = store.events(STUDY)
        held = set(zip(events["participant"], events["value"], strict=True))
        names = {token: store.find_participant(token).identifier for token, _ in known}  # type: ignore[union-attr]
        store.close()
        return [
            (names[token], seq)
            for token, numbers in known
            for seq in numbers
            if (names[token], f"{float(seq)}") not in held
        ]

    def close(self) -> None:
        """End the savers and the server."""
        for saver in self.savers:
            saver.stopped.set()
        self.kill()
        for saver in self.savers:
            saver.join()


@pytest.fixture(scope="module", params=N_WORKERS)
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """One study with SQLite for all faults, one after the other."""
    scene = Scene(tmp_path_factory.mktemp("faults"), request.param)
    yield scene
    scene.close()


@contextlib.contextmanager
def moved(scene: Scene) -> Iterator[str]:
    """The file gets another name, and its own again."""
    elsewhere = scene.path.with_name("elsewhere.sqlite")
    scene.path.rename(elsewhere)
    yield "was moved;"
    elsewhere.rename(scene.path)


@contextlib.contextmanager
def full(scene: Scene) -> Iterator[str]:
    """The disk takes nothing for a while: files of the server may not grow beyond one byte."""
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    for pid in scene.workers():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, kept[1]))
    yield "disk I/O error"
    for pid in scene.workers():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, kept)


@contextlib.contextmanager
def locked(scene: Scene) -> Iterator[None]:
    """Another program holds the pen; saves wait for fifteen seconds before they are refused."""
    with closing(sqlite3.connect(scene.path, isolation_level=None, timeout=30.0)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield None
        other.execute("ROLLBACK")


@contextlib.contextmanager
def log_unlinked(scene: Scene) -> Iterator[str]:
    """The write-ahead log loses its name; the server is started again."""
    scene.wal.unlink()
    yield "-wal was removed;"
    scene.kill()
    scene.start()


@contextlib.contextmanager
def removed(scene: Scene) -> Iterator[str]:
    """The file is deleted: a server refuses to begin anew, what was rescued is brought back."""
    for path in (scene.path, scene.wal, scene.path.with_name(f"{scene.path.name}-shm")):
        path.unlink()
    yield "was removed;"
    assert not scene.path.exists()
    scene.kill()
    with pytest.raises(StoreError, match="is missing, though answers were kept there"):
        load_installation(scene.settings)
    [copy] = scene.path.parent.glob("*.rescued-*")
    restore(scene.url, copy, STUDY)
    copy.unlink()
    scene.start()


@contextlib.contextmanager
def replaced(scene: Scene) -> Iterator[str]:
    """A backup of before is put in the file's place while the server runs."""
    old = scene.path.with_name("old.sqlite")
    back_up(scene.url, old)
    scene.wait_for_saves()
    old.rename(scene.path)
    yield "was replaced by another file"
    scene.kill()
    [copy] = scene.path.parent.glob("*.rescued-*")
    restore(scene.url, copy, STUDY, force=True)
    copy.unlink()
    scene.start()


@contextlib.contextmanager
def killed(scene: Scene) -> Iterator[str]:
    """SIGKILL in the midst of saves, and a start; what a dead server has to tell is nothing."""
    scene.kill()
    yield ""
    scene.start()


FAULTS = [
    moved, full, locked, log_unlinked, removed,
    pytest.param(replaced, marks=pytest.mark.slow), pytest.param(killed, marks=pytest.mark.slow),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_was_acknowledged_stands_in_the_named_database(
    scene: Scene, fault: Callable[[Scene], contextlib.AbstractContextManager[str | None]]
) -> None:
    """Told once, refused at once, and in the end nothing is missing."""
    scene.check_saving()
    scene.log.clear()
    with fault(scene) as cause:
        if fault is not killed:
            scene.check_refusing(cause)
    scene.check_saving()
    assert scene.missing() == []


def test_a_copy_as_a_power_cut_leaves_it_is_sound(scene: Scene, tmp_path: Path) -> None:
    """The files at one moment hold everything before it; with a torn log, a part of it.

    The machine's own cache is not cut here: ``tests/db/test_wal_sync.py`` holds when what is in it
    reaches the disk.
    """
    scene.check_saving()
    for number in range(3):
        scene.wait_for_saves()
        folder = tmp_path / str(number)
        folder.mkdir()
        scene.signal(signal.SIGSTOP)
        until(lambda: all(map(is_stopped, scene.workers())))
        known = [list(saver.acknowledged) for saver in scene.savers]
        for path in (scene.path, scene.wal):
            shutil.copyfile(path, folder / path.name)
        scene.signal(signal.SIGCONT)
        whole, torn = folder / scene.path.name, folder / "torn.sqlite"
        shutil.copyfile(whole, torn)
        log = (folder / scene.wal.name).read_bytes()
        (folder / "torn.sqlite-wal").write_bytes(log[: len(log) * (number + 1) // 4] + b"\0" * 999)
        assert held(whole) >= {(token, seq) for token, seq in known_saves(scene, known)}
        for token in {saver.token for saver in scene.savers}:
            numbers = sorted(seq for owner, seq in held(torn) if owner == token)
            assert numbers == list(range(1, len(numbers) + 1)), "a beginning, without a gap"


def known_saves(scene: Scene, known: list[list[int]]) -> Iterator[tuple[str, int]]:
    """Token and number of each acknowledged save."""
    for saver, numbers in zip(scene.savers, known, strict=True):
        yield from ((saver.token, seq) for seq in numbers)


def held(path: Path) -> set[tuple[str, int]]:
    """Token and number of each save in a database file, which must be sound."""
    rows = (
        "SELECT p.token, e.value FROM event e JOIN page g ON g.id = e.page_id"
        " JOIN participant p ON p.id = g.participant_id WHERE e.kind = 'switch'"
    )
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {(token, int(float(value))) for token, value in database.execute(rows)}


@pytest.mark.slow
def test_one_of_two_processes_is_killed_and_another_takes_its_place(tmp_path: Path) -> None:
    """The other goes on meanwhile; nobody starts anything by hand."""
    scene = Scene(tmp_path, n_workers=2)
    try:
        for _ in range(3):
            scene.check_saving()
            first, other = scene.workers()
            os.kill(first, signal.SIGKILL)
            scene.wait_for_saves()
            until(lambda gone=first: gone not in scene.workers())  # type: ignore[misc]
            scene.wait_for_all()
            assert other in scene.workers()
        scene.check_saving()
        assert scene.missing() == []
    finally:
        scene.close()


@pytest.mark.slow
@needs_postgresql
@pytest.mark.parametrize("n_workers", [1, 2])
def test_postgresql_stopped_and_started_again_loses_nothing(tmp_path: Path, n_workers: int) -> None:
    """Stopped at once, away for a while, and back."""
    with postgresql_server() as database:
        scene = Scene(tmp_path, n_workers, database.new_database())
        try:
            scene.check_saving()
            scene.log.clear()
            database.stop()
            scene.check_refusing(None)
            database.start()
            scene.check_saving()
            assert scene.missing() == []
        finally:
            scene.close()
