"""Everything that was saved reaches the disk within a second or so, for many saves together."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from db import wal_sync
from db.records.participation import SaveOutcome
from tests.db.writing.test_saving import new_store, save


class Disk:
    """Notes, in place of ``fsync``, which file was asked for and how long it was."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.synced: list[tuple[str, int]] = []
        self.fault = fault

    def __call__(self, descriptor: int) -> None:
        """Sync, or fail as told."""
        name = Path(f"/proc/self/fd/{descriptor}").readlink()
        self.synced.append((name.name, os.fstat(descriptor).st_size))
        if self.fault is not None:
            raise self.fault


def soon(condition: Callable[[], bool]) -> bool:
    """Whether something becomes true within twenty seconds."""
    deadline = time.monotonic() + 20.0
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_saves_are_brought_to_the_disk_together_and_nothing_else_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty saves cost one or two syncs, the last of which sees all; then there is silence."""
    others = set(threading.enumerate())  # archives that other tests have open
    disk = Disk()
    monkeypatch.setattr(wal_sync.os, "fsync", disk)
    monkeypatch.setattr(wal_sync, "INTERVAL_S", 0.3)
    store, token = new_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    log = tmp_path / "study.sqlite-wal"
    epoch = store.page_state(token, 0).epoch
    for seq in range(50):
        assert save(store, token, epoch, seq + 1, float(seq)) is SaveOutcome.STORED
    assert soon(lambda: ("study.sqlite-wal", log.stat().st_size) in disk.synced)
    time.sleep(0.7)
    n_synced = len(disk.synced)
    assert n_synced <= 10
    time.sleep(0.7)
    assert len(disk.synced) == n_synced
    store.close()
    mine = set(threading.enumerate()) - others
    assert not any(thread.name == "wal-sync" for thread in mine)


def test_a_disk_that_refuses_is_logged_and_saving_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of the disk ends neither the thread nor the study."""
    disk = Disk(OSError("the disk is gone"))
    monkeypatch.setattr(wal_sync.os, "fsync", disk)
    monkeypatch.setattr(wal_sync, "INTERVAL_S", 0.05)
    store, token = new_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    epoch = store.page_state(token, 0).epoch
    assert soon(lambda: "the disk does not take" in caplog.text)
    n_synced = len(disk.synced)
    assert save(store, token, epoch, 1, 40.0) is SaveOutcome.STORED
    assert soon(lambda: len(disk.synced) > n_synced)
    store.close()


def test_a_database_in_memory_has_nothing_to_bring(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread, no sync."""
    disk = Disk()
    monkeypatch.setattr(wal_sync.os, "fsync", disk)
    store, token = new_store("sqlite://")
    assert save(store, token, store.page_state(token, 0).epoch, 1, 40.0) is SaveOutcome.STORED
    store.close()
    assert disk.synced == []
