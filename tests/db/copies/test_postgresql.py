"""An archive in PostgreSQL is copied and brought back whole, or nothing has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from db.copies import postgresql
from db.copies.backup import back_up, restore
from db.engine import migrate, open_engine
from db.records.errors import StoreError
from db.store.store import open_store
from postgresql_server import PostgresqlServer, needs_postgresql, postgresql_server, program
from tests.db.test_migrations import REVISIONS

STUDY = "harbour-lights"

pytestmark = [
    needs_postgresql,
    pytest.mark.skipif(
        program("pg_dump") is None, reason="needs Debian's package postgresql-client"
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """PostgreSQL on loopback."""
    with postgresql_server() as running:
        yield running


@pytest.fixture
def database(server: PostgresqlServer) -> str:
    """URL of a new PostgreSQL database."""
    return server.new_database()


def test_postgresql_is_backed_up_and_restored(tmp_path: Path, database: str) -> None:
    """The content of the backup is there after the restore; later content is set aside."""
    copy = tmp_path / "copy.dump"
    store = open_store(database)
    store.register_study(STUDY, "Harbour Lights", "f" * 64, 7)
    key = store.blinding_key()
    back_up(database, copy)
    store.register_study("later", "Later", "e" * 64, 7)
    store.close()
    with pytest.raises(StoreError, match="--force moves the archive aside"):
        restore(database, copy, STUDY)
    aside = restore(database, copy, STUDY, force=True)
    assert isinstance(aside, str)
    store = open_store(database)
    assert store.study_status(STUDY) == "open"
    assert store.blinding_key() == key
    with pytest.raises(ValueError, match="not hold a study 'later'"):
        store.study_status("later")
    store.close()
    assert studies_in(database, aside) == {STUDY, "later"}
    back_up(database, tmp_path / "next.dump")
    assert aside.encode() not in (tmp_path / "next.dump").read_bytes()


def test_a_backup_of_older_tables_comes_back_over_newer_ones(tmp_path: Path, database: str) -> None:
    """Tables that the older version had not are no hindrance, and are made again at the start."""
    copy = tmp_path / "copy.dump"
    engine = open_engine(database)
    migrate(engine, REVISIONS[1])
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO study VALUES (1, '{STUDY}', 'open', '2026-01-01 00:00:00')"
        )
    back_up(database, copy)
    migrate(engine)
    engine.dispose()
    restore(database, copy, STUDY, force=True)
    store = open_store(database)
    assert store.study_status(STUDY) == "open"
    assert len(store.blinding_key()) == 32
    store.close()


def test_what_is_no_backup_of_the_study_leaves_postgresql_as_it_was(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another study's copy, a damaged one, a server that runs: refused, and nothing has moved."""
    copy, cut = tmp_path / "copy.dump", tmp_path / "cut.dump"
    store = open_store(database)
    store.register_study(STUDY, "Harbour Lights", "f" * 64, 7)
    back_up(database, copy)
    with pytest.raises(StoreError, match=f"holds {STUDY}, but not the study 'other'"):
        restore(database, copy, "other", force=True)
    cut.write_text("no backup")
    with pytest.raises(StoreError, match=r"cut\.dump is not a backup of a PostgreSQL database"):
        restore(database, cut, STUDY, force=True)
    monkeypatch.setattr(postgresql, "LEAVING_S", 0.2)
    with pytest.raises(StoreError, match="A server has the database open; stop it first"):
        restore(database, copy, STUDY, force=True)
    assert store.study_status(STUDY) == "open"
    store.close()


def test_a_restore_that_fails_brings_back_what_was_there(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tables that had been set aside are in their place again."""
    copy = tmp_path / "copy.dump"
    store = open_store(database)
    store.register_study(STUDY, "Harbour Lights", "f" * 64, 7)
    back_up(database, copy)
    store.register_study("later", "Later", "e" * 64, 7)
    store.close()
    run = postgresql._run

    def fail(name: str, url: URL | None, options: list[str]) -> str:
        if url is not None:
            raise StoreError(f"{name} failed: no space left on device")
        return run(name, url, options)

    monkeypatch.setattr(postgresql, "_run", fail)
    with pytest.raises(StoreError, match="no space left on device"):
        restore(database, copy, STUDY, force=True)
    store = open_store(database)
    assert store.study_status("later") == "open"
    store.close()


def studies_in(database: str, schema: str) -> set[str]:
    """Identifiers of the studies in a schema of the database."""
    import psycopg

    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        rows = connection.execute(f"SELECT identifier FROM {schema}.study".encode()).fetchall()
    return {str(row[0]) for row in rows}
