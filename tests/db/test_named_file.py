"""An archive that is not the file of its name any more takes nothing, and says so once."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db import engine, named_file, save_watch
from db.copies.backup import back_up
from db.records.errors import StoreUnavailableError
from db.records.participation import SaveOutcome
from db.store.store import Store, open_store
from tests.db.test_wal_sync import soon
from tests.db.writing.test_saving import new_store, ratings_of, save

TRY_AGAIN = "Please try again"


class Archive:
    """An archive in a file, with one participant on page 0, opened."""

    def __init__(self, path: Path) -> None:
        self.path, self.wal = path, path.with_name(f"{path.name}-wal")
        self.store, self.token = new_store(f"sqlite:///{path}")
        self.epoch = self.store.page_state(self.token, 0).epoch
        self.seq = 0

    def save(self, value: float) -> None:
        """Save a rating; it must be stored."""
        self.seq += 1
        outcome = save(self.store, self.token, self.epoch, self.seq, value)
        assert outcome is SaveOutcome.STORED

    def refuses(self) -> None:
        """Saving, and the look that tries it, are refused."""
        with pytest.raises(StoreUnavailableError, match=TRY_AGAIN):
            self.save(99.0)
        with pytest.raises(StoreUnavailableError, match=TRY_AGAIN):
            self.store.check_saving()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive with one rating of 40."""
    opened = Archive(tmp_path / "study.sqlite")
    opened.save(40.0)
    yield opened
    opened.store.close()


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Errors in the log."""
    return [record.message for record in caplog.records if record.levelname == "ERROR"]


def value_in(path: Path) -> float:
    """The one rating in a file, read by another program."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        [[value]] = database.execute("SELECT value FROM rating").fetchall()
    return float(value)


def test_a_file_that_was_moved_has_all_of_before_and_takes_nothing_until_it_is_back(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused at the very next save; the log goes into the file, wherever that is."""
    elsewhere = archive.path.with_name("elsewhere.sqlite")
    archive.path.rename(elsewhere)
    archive.refuses()
    assert value_in(elsewhere) == 40.0
    assert not archive.path.exists(), "no empty one was made in its place"
    elsewhere.rename(archive.path)
    archive.save(50.0)
    assert value_in(archive.path) == 50.0
    cause = f"{archive.path} was moved; saves are refused until it is back."
    assert errors(caplog) == [f"the database cannot be used: {cause}"]


def test_a_file_that_was_deleted_is_written_into_another_and_none_is_made_in_its_place(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    """All acknowledged answers are rescued; a new connection does not begin an empty file."""
    inode = archive.path.stat().st_ino
    archive.path.unlink()
    archive.refuses()
    rescued = archive.path.with_name(f"study.rescued-{inode}.sqlite")
    assert value_in(rescued) == 40.0
    assert f"{archive.path} was removed; saves are refused until it is back" in errors(caplog)[0]
    assert errors(caplog)[-1] == f"what was saved until then is in {rescued}"
    archive.store._engine.dispose()
    with pytest.raises(StoreUnavailableError, match=TRY_AGAIN):
        archive.store.ratings("lights")
    assert not archive.path.exists()


def test_the_file_is_told_and_not_its_log_when_both_go_between_two_looks(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The look at the first name finds it, the look at the second does not any more."""
    identity = named_file._identity

    def found_and_then_removed(path: Path) -> tuple[int, int] | None:
        found = identity(path)
        for each in (archive.path, archive.wal):
            each.unlink(missing_ok=True)
        return found

    with monkeypatch.context() as while_deleted:
        while_deleted.setattr(named_file, "_identity", found_and_then_removed)
        archive.refuses()
    archive.refuses()
    [cause] = [line for line in errors(caplog) if "cannot be used" in line]
    assert f"{archive.path} was removed;" in cause


def test_a_file_that_was_replaced_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    """The other file keeps what it has, though a log of the old one lay beside it."""
    backup = tmp_path / "backup.sqlite"
    back_up(f"sqlite:///{archive.path}", backup)
    archive.save(50.0)
    backup.rename(archive.path)
    archive.refuses()
    assert value_in(archive.path) == 40.0
    [rescued] = tmp_path.glob("study.rescued-*.sqlite")
    assert value_in(rescued) == 50.0


def test_a_log_that_was_unlinked_is_folded_into_the_file(archive: Archive) -> None:
    """Its own content is in the file a look later, after a fault before it too."""
    elsewhere = archive.path.rename(archive.path.with_name("elsewhere.sqlite"))
    archive.refuses()
    elsewhere.rename(archive.path)
    archive.save(45.0)
    archive.wal.unlink()
    archive.refuses()
    assert value_in(archive.path) == 45.0
    archive.store.close()
    again = open_store(f"sqlite:///{archive.path}")
    assert save(again, archive.token, archive.epoch, 9, 60.0) is SaveOutcome.STORED
    assert ratings_of(again, archive.token) == {(0, "overall"): 60.0}
    again.close()


def test_a_disk_that_is_read_only_is_told_once_and_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite's own "attempt to write a readonly database"; one line for all who ask."""
    archive = Archive(tmp_path / "study.sqlite")
    archive.save(40.0)
    token, epoch = archive.token, archive.epoch
    archive.store.close()
    prepare = engine._prepare_sqlite
    connections: list[sqlite3.Connection] = []

    def prepare_read_only(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connections.append(connection)

    monkeypatch.setattr(engine, "_prepare_sqlite", prepare_read_only)
    monkeypatch.setattr(save_watch, "INTERVAL_S", 0.0)
    store = open_store(f"sqlite:///{archive.path}")
    assert store.saving_fault() is None
    for connection in connections:
        connection.execute("PRAGMA query_only = 1")
    for _ in range(3):
        with pytest.raises(StoreUnavailableError, match=TRY_AGAIN):
            save(store, token, epoch, 2, 70.0)
    assert soon(lambda: store.saving_fault() is not None)
    assert errors(caplog) == ["the database cannot be used: attempt to write a readonly database"]
    for connection in connections:
        connection.execute("PRAGMA query_only = 0")
    assert save(store, token, epoch, 2, 70.0) is SaveOutcome.STORED
    assert store.saving_fault() is None
    assert caplog.records[-1].message == "the database can be used again: saves are stored"
    store.close()


def test_what_goes_wrong_while_nobody_asks_is_logged_once(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The server's own look finds it; the looks that follow say nothing more."""
    monkeypatch.setattr(save_watch, "INTERVAL_S", 0.01)
    archive.store.watch_saving()
    assert archive.store.saving_fault() is None
    looks: list[None] = []
    look = archive.store._watch._look
    monkeypatch.setattr(archive.store._watch, "_look", lambda: (look(), looks.append(None)))
    archive.path.rename(archive.path.with_name("elsewhere.sqlite"))
    assert soon(lambda: archive.store.saving_fault() is not None)
    n_looks = len(looks)
    assert soon(lambda: len(looks) >= n_looks + 10)
    assert len(errors(caplog)) == 1
    archive.store.close()
    assert not any(thread is archive.store._watch._thread for thread in threading.enumerate())


def test_a_database_that_does_not_answer_is_no_place_to_save_to(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing has failed yet, but nothing was stored for a while either."""
    monkeypatch.setattr(save_watch, "SILENT_S", -1.0)
    assert archive.store.saving_fault() == "the database does not answer"


def test_other_programs_that_come_and_go_are_no_alarm(archive: Archive, tmp_path: Path) -> None:
    """Backups, other archives, a second name and a full fold leave the file what it was."""
    url = f"sqlite:///{archive.path}"
    for number in range(3):
        other: Store = open_store(url)
        back_up(url, tmp_path / "copy.sqlite")
        archive.save(50.0 + number)
        other.close()
        with closing(sqlite3.connect(archive.path)) as shell:
            shell.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        archive.store._engine.dispose()
        archive.save(60.0 + number)
    os.link(archive.path, tmp_path / "second.name")
    archive.save(70.0)
    assert archive.store.saving_fault() is None
    assert value_in(archive.path) == 70.0
