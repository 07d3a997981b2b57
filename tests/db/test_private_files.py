"""What people said is readable for its owner alone, whatever the account's mask lets through."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.copies.backup import back_up, restore
from db.store.store import open_store
from tests.db.writing.test_saving import new_store, save


@pytest.fixture(autouse=True)
def usual_mask() -> Iterator[None]:
    """The mask of most accounts: everybody may read what is made."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Permissions of each file of a folder."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_database_log_backup_and_restored_database_are_private(tmp_path: Path) -> None:
    """All that is made while somebody takes part, and after."""
    url = f"sqlite:///{tmp_path / 'study.sqlite'}"
    store, token = new_store(url)
    save(store, token, store.page_state(token, 0).epoch, 1, 40.0)
    back_up(url, tmp_path / "study.backup")
    made = modes(tmp_path)
    assert {"study.sqlite", "study.sqlite-wal", "study.sqlite-shm", "study.backup"} <= set(made)
    assert set(made.values()) == {0o600}
    store.close()
    restore(url, tmp_path / "study.backup", "lights", force=True)
    assert len(modes(tmp_path)) >= 3
    assert set(modes(tmp_path).values()) == {0o600}


def test_a_database_that_everybody_could_read_is_made_private(tmp_path: Path) -> None:
    """As versions before this one left it."""
    path = tmp_path / "study.sqlite"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o644)
    open_store(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_group_that_was_let_in_stays(tmp_path: Path) -> None:
    """Where two accounts work on a study, that is theirs to decide."""
    path = tmp_path / "study.sqlite"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o660)
    open_store(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o777 == 0o660
