"""Participants' words are readable for the file's owner alone, whatever the account's mask."""

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


@pytest.mark.parametrize(("found", "left"), [(0o644, 0o600), (0o660, 0o660)])
def test_everybody_is_shut_out_and_a_group_that_was_let_in_stays(
    tmp_path: Path, found: int, left: int
) -> None:
    """Versions before this one left 0644; whether two accounts work on a study is theirs to say."""
    path = tmp_path / "study.sqlite"
    open_store(f"sqlite:///{path}").close()
    path.chmod(found)
    open_store(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o777 == left
