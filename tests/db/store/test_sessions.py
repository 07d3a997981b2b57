"""Tries at the password and sessions, as all servers on one database see them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.store.store import Store, open_store
from postgresql_server import needs_postgresql, postgresql_server

EVER = datetime(2000, 1, 1, tzinfo=UTC)
N_SERVERS, N_TRIES, MOST = 2, 40, 5


def taken_at_once(url: str) -> list[int]:
    """The numbers that two servers give out when forty tries come at once."""
    servers = [open_store(url) for _ in range(N_SERVERS)]
    with ThreadPoolExecutor(8) as pool:
        numbers = pool.map(
            lambda turn: servers[turn % N_SERVERS].take_sign_in("somebody", MOST, EVER),
            range(N_TRIES),
        )
        taken = [number for number in numbers if number is not None]
    for server in servers:
        server.close()
    return taken


def test_two_servers_on_sqlite_let_five_tries_through_together(tmp_path: Path) -> None:
    """Each number is given once."""
    taken = taken_at_once(f"sqlite:///{tmp_path / 'study.sqlite'}")
    assert len(set(taken)) == len(taken) == MOST


@needs_postgresql
def test_two_servers_on_postgresql_let_five_tries_through_together() -> None:
    """Likewise, where many write at once."""
    with postgresql_server() as running:
        taken = taken_at_once(running.new_database())
    assert len(set(taken)) == len(taken) == MOST


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty archive."""
    opened = open_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    yield opened
    opened.close()


def test_a_try_is_forgotten_after_its_time_or_when_it_was_no_failure(store: Store) -> None:
    """Others' tries are counted apart."""
    first = store.take_sign_in("a", 1, EVER)
    assert first is not None
    assert store.take_sign_in("a", 1, EVER) is None
    assert store.take_sign_in("b", 1, EVER) is not None
    store.give_back_sign_in(first)
    assert store.take_sign_in("a", 1, EVER) is not None
    assert store.take_sign_in("a", 1, datetime.now(UTC) + timedelta(seconds=1)) is not None


def test_sessions_end_by_themselves_or_all_of_an_account(store: Store) -> None:
    """One that has run out is forgotten; ending one ends the others of its account."""
    soon = datetime.now(UTC) + timedelta(hours=1)
    store.begin_session("past", "password", datetime.now(UTC) - timedelta(seconds=1))
    assert not store.has_session("past")
    for cookie, account in (("one", "password"), ("two", "password"), ("three", "ada")):
        store.begin_session(cookie, account, soon)
    store.end_sessions("unknown")
    assert [store.has_session(cookie) for cookie in ("one", "two", "three")] == [True] * 3
    store.end_sessions("one")
    assert [store.has_session(cookie) for cookie in ("one", "two", "three")] == [False, False, True]
