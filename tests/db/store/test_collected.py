"""Sessions of another tool are kept as they came: never lost, doubled or changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from db.records.collected import Kept
from db.store import collected
from db.store.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive without a study."""
    opened = open_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    yield opened
    opened.close()


def keep(store: Store, session: str, content: bytes, test: str = "lights") -> Kept:
    """Keep a session under the digest of its content."""
    return store.keep_session(test, session, hashlib.sha256(content).hexdigest(), content)


def test_a_session_is_kept_once_and_another_content_is_another_version(store: Store) -> None:
    """The order of coming numbers the versions of a session; another test's is another session."""
    assert [keep(store, "u1", b"a"), keep(store, "u2", b"a")] == [Kept.NEW, Kept.NEW]
    assert keep(store, "u1", b"a") is Kept.AGAIN
    assert keep(store, "u1", b"\x00\xff") is Kept.OTHER_VERSION
    assert keep(store, "u1", b"\x00\xff") is Kept.AGAIN
    assert keep(store, "u1", b"c", test="night") is Kept.NEW
    held = [(s.test, s.session, s.version, s.content) for s in store.collected_sessions()]
    assert held == [
        ("lights", "u1", 1, b"a"), ("lights", "u2", 1, b"a"), ("lights", "u1", 2, b"\x00\xff"),
        ("night", "u1", 1, b"c"),
    ]  # fmt: skip
    assert store.n_collected() == 4


def test_the_same_session_from_many_threads_is_one(store: Store) -> None:
    """Twenty at once, each of five sessions four times: five are kept, and five are new."""
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda at: keep(store, f"u{at % 5}", b"%d" % (at % 5)), range(20)))
    assert found.count(Kept.NEW) == 5
    assert found.count(Kept.AGAIN) == 15
    assert store.n_collected() == 5


def test_what_is_no_session_is_kept_once_and_as_far_as_there_is_room(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first ones stay; what anybody sends cannot fill the disk."""
    monkeypatch.setattr(collected, "MOST_UNREADABLE_BYTES", 10)
    assert store.keep_unreadable(b"hello\x00", "it has no field")
    assert store.keep_unreadable(b"hello\x00", "it has no field")
    assert not store.keep_unreadable(b"more than fits", "it has no field")
    assert [(b.body, b.reason) for b in store.unreadable_bodies()] == [
        (b"hello\x00", "it has no field")
    ]
    monkeypatch.setattr(collected, "MOST_UNREADABLE", 2)
    assert [store.keep_unreadable(body, "it is short") for body in (b"a", b"b", b"a")] == [
        True, False, True,
    ]  # fmt: skip
    assert store.n_unreadable() == 2
