"""Disk full, database locked, clock put back: nothing lost, and a refusal that can be retried."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db import engine
from db.records.collected import Kept
from db.records.errors import StoreUnavailableError
from db.records.participation import Event, RatingValue, SavedPage, SaveOutcome
from db.store import transactions
from db.store.store import open_store
from db.writing import registration, saving
from tests.db.writing.test_saving import new_store, ratings_of, save

TRY_AGAIN = "The database cannot be reached at the moment. Please try again."


def large_save(token: str, epoch: int, seq: int, value: float) -> SavedPage:
    """A save with many events, which needs new pages in the file."""
    events = tuple(Event(float(number), "switch", 1, "x" * 180) for number in range(2000))
    return SavedPage(token, 0, epoch, seq, False, (RatingValue(0, "overall", value),), events)


def test_a_full_disk_refuses_the_save_whole_and_takes_it_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite's own "database or disk is full": the old state stays, and the repeat is stored.

    The server's log names the cause, once for all the browsers that ask again.
    """
    monkeypatch.setattr(transactions, "LOG_AGAIN_S", 3600.0)
    limit = {"pages": 10**6}
    prepare = engine._prepare_sqlite

    def prepare_small(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connection.execute(f"PRAGMA max_page_count = {limit['pages']}")

    monkeypatch.setattr(engine, "_prepare_sqlite", prepare_small)
    url = f"sqlite:///{tmp_path / 'study.sqlite'}"
    store, token = new_store(url)
    epoch = store.page_state(token, 0).epoch
    assert save(store, token, epoch, 1, 40.0) is SaveOutcome.STORED
    store.close()
    limit["pages"] = 1  # SQLite takes the present size instead: not one page more
    store = open_store(url)
    for _ in range(3):
        with pytest.raises(StoreUnavailableError, match=TRY_AGAIN):
            store.save_page(large_save(token, epoch, 2, 70.0))
    causes = [record.message for record in caplog.records if record.name == "db.store.transactions"]
    assert causes == ["the database cannot be used: database or disk is full"]
    assert ratings_of(store, token) == {(0, "overall"): 40.0}
    assert store.events("lights").empty
    with pytest.raises(StoreUnavailableError, match=TRY_AGAIN):
        store.keep_session("lights", "u1", "0" * 64, b"x" * 50_000)
    assert store.collected_sessions() == []
    store.close()
    limit["pages"] = 10**6
    store = open_store(url)
    assert store.save_page(large_save(token, epoch, 2, 70.0)) is SaveOutcome.STORED
    assert ratings_of(store, token) == {(0, "overall"): 70.0}
    assert len(store.events("lights")) == 2000
    assert store.keep_session("lights", "u1", "0" * 64, b"x" * 50_000) is Kept.NEW
    store.close()


def hold_the_pen(
    path: Path, seconds: float, released: threading.Event | None = None
) -> threading.Thread:
    """Have another program write to the database for some seconds, or until it is told to stop."""
    taken, stop = threading.Event(), released or threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            taken.set()
            stop.wait(seconds)
            other.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()
    return thread


def wait_for_the_pen(path: Path, seconds: float) -> None:
    """Save while another program holds the database; the save waits, and is stored."""
    store, token = new_store(f"sqlite:///{path}")
    epoch = store.page_state(token, 0).epoch
    began = time.monotonic()  # before the other holds it: not later than that, however busy we are
    holder = hold_the_pen(path, seconds)
    assert save(store, token, epoch, 1, 40.0) is SaveOutcome.STORED
    assert time.monotonic() - began >= seconds
    holder.join()
    assert ratings_of(store, token) == {(0, "overall"): 40.0}
    store.close()


def test_a_database_locked_for_ten_seconds_is_waited_for(tmp_path: Path) -> None:
    """Ten seconds are within SQLite's patience of fifteen."""
    wait_for_the_pen(tmp_path / "study.sqlite", 10.0)


def test_a_database_locked_for_longer_is_a_sentence_and_the_repeat_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When patience ends nothing is stored and the reader is told to try again."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 200)
    path = tmp_path / "study.sqlite"
    store, token = new_store(f"sqlite:///{path}")
    epoch = store.page_state(token, 0).epoch
    released = threading.Event()
    holder = hold_the_pen(path, 300.0, released)
    with pytest.raises(StoreUnavailableError, match=TRY_AGAIN):
        save(store, token, epoch, 1, 40.0)
    released.set()
    holder.join()
    assert save(store, token, epoch, 1, 40.0) is SaveOutcome.STORED
    assert ratings_of(store, token) == {(0, "overall"): 40.0}
    store.close()


def test_a_clock_put_back_loses_and_reorders_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saves are ordered by their numbers: with the clock a year back the newest still wins."""
    store, token = new_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    epoch = store.page_state(token, 0).epoch
    assert save(store, token, epoch, 1, 40.0) is SaveOutcome.STORED

    def a_year_ago() -> datetime:
        return datetime.now(UTC).replace(year=datetime.now(UTC).year - 1, day=1)

    monkeypatch.setattr(saving, "now", a_year_ago)
    monkeypatch.setattr(registration, "now", a_year_ago)
    assert save(store, token, epoch, 2, 70.0) is SaveOutcome.STORED
    assert save(store, token, epoch, 1, 40.0) is SaveOutcome.STALE
    assert ratings_of(store, token) == {(0, "overall"): 70.0}
    assert save(store, token, epoch, 3, 75.0, final=True) is SaveOutcome.STORED
    found = store.find_participant(token)
    assert found is not None
    assert found.page_index == 1
    store.close()
