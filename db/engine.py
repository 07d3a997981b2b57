"""Connections to the database: SQLite in write-ahead mode by default, or PostgreSQL by its URL.

SQLite is opened with these settings: ``journal_mode=WAL`` (readers never wait for the writer),
``synchronous=NORMAL`` (with :mod:`db.wal_sync`), ``busy_timeout`` 15 s, foreign keys on, and
overwriting of deleted data (``secure_delete``). Transactions that write begin with ``BEGIN
IMMEDIATE``. Without ``IMMEDIATE``, a transaction that reads and then writes would fail if another
program writes in between.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import StaticPool

from db.prepared import by_driver
from db.records.errors import StoreError
from db.whole_files import make_private

BUSY_TIMEOUT_MS = 15_000
CACHE_KIB = 256
"""Cache of each connection to SQLite. A server has ten or more connections, and pages that are read
again come from the operating system's cache, which all connections share."""
MIGRATIONS = Path(__file__).parent / "migrations"
# The lock can have any fixed number, but all migrating processes must use the same number.
MIGRATION_LOCK = 6_150_421

WRITING = "mixtrial_writing"
"""Execution option that marks the transactions of an engine as writing transactions."""


def open_engine(url: str) -> Engine:
    """An engine for the database at ``url``; the engine does not connect yet.

    A missing SQLite file is created, and only its owner can read the file.

    Raises
    ------
    sqlalchemy.exc.ArgumentError
        The URL cannot be read.
    StoreError
        The URL is neither an SQLite nor a PostgreSQL database.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise StoreError(f"A database must be SQLite or PostgreSQL, not {backend}.")
    if backend != "sqlite":
        return create_engine(
            parsed, pool_size=10, max_overflow=30, pool_pre_ping=True, hide_parameters=True
        )
    return _sqlite_engine(parsed)


def _sqlite_engine(url: URL) -> Engine:
    # The parameters of an SQL statement can contain a participant's token. Error messages must not
    # write a participant's token to a log.
    options: dict[str, Any] = {
        "connect_args": {"check_same_thread": False},
        "hide_parameters": True,
    }
    if url.database in (None, "", ":memory:"):
        # All threads share one connection, because each new connection would open an empty
        # database.
        options["poolclass"] = StaticPool
    else:
        options |= {"pool_size": 10, "max_overflow": 30}
        make_private(Path(str(url.database)))
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # the driver must not begin transactions, because `_begin_sqlite` begins them
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    by_driver(connection, "BEGIN IMMEDIATE" if writing else "BEGIN", ()).close()


def writing_engine(engine: Engine) -> Engine:
    """A version of the engine whose transactions announce at the beginning that they will write."""
    return engine.execution_options(**{WRITING: True})


def migration_config() -> Config:
    """Settings of Alembic, without a settings file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def migrate(engine: Engine, revision: str = "head") -> None:
    """Update the tables to ``revision``; several processes can call this function at the same time.

    Raises
    ------
    StoreError
        The tables have a version that this version of mixtrial does not know.
    """
    config = migration_config()
    present = _current_revision(engine)
    if revision == "head" and present == _head(config):
        return
    if present is not None and present not in known_revisions():
        raise StoreError(
            "The tables were written by a newer version of mixtrial; install that version."
        )
    with writing_engine(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def known_revisions() -> frozenset[str]:
    """All versions of the tables from which this version of mixtrial can update."""
    scripts = ScriptDirectory.from_config(migration_config()).walk_revisions()
    return frozenset(script.revision for script in scripts)


def _current_revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _head(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()
