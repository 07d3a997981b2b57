"""Copying and restoring of a PostgreSQL database by PostgreSQL's ``pg_dump`` and ``pg_restore``.

A copy has the custom format of ``pg_dump``. Before a copy is restored, the version of its tables
and the studies in it are checked. The old content of the database is moved into a separate schema
before restoring. If restoring fails, the old content is moved back.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from db.engine import known_revisions, open_engine
from db.models import Base
from db.records.errors import StoreError

PROGRAM_TIMEOUT_S = 3600.0
LEAVING_S = 10.0
"""Longest wait in s until the server's list of sessions no longer contains a closed session."""

OURS = (*Base.metadata.tables, "alembic_version")
ASIDE = "before_"
COPY = re.compile(r"^COPY \S*?\.?(study|alembic_version) \((.*)\) FROM stdin;\n", re.MULTILINE)


def dump(url: URL, out: Path) -> None:
    """Write a copy without the schemas into which earlier restores moved old content."""
    _run("pg_dump", url, ["--format=custom", f"--exclude-schema={ASIDE}*", f"--file={out}"])


def bring_back(url: URL, source: Path, study: str, force: bool) -> str | None:
    """Restore a copy; return the schema that now has the old content (None: no old content).

    Raises
    ------
    StoreError
        The copy is damaged, or comes from another study or from a newer version of mixtrial. There
        is already an archive, and ``force`` is False. Somebody has the database open.
    """
    _check_copy(source, study)
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        aside = _set_aside(engine, force)
        try:
            _run("pg_restore", url, ["--no-owner", "--single-transaction", str(source)])
        except StoreError:
            if aside is not None:
                _take_back(engine, aside)
            raise
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise StoreError(f"The database cannot be made ready: {reason}.") from error
    finally:
        engine.dispose()
    return aside


def check_holds(name: str, version: str, studies: list[str], study: str) -> None:
    """Raise ``StoreError`` unless a copy has a known version and contains the given study."""
    if version not in known_revisions():
        raise StoreError(f"{name} was written by a newer version of mixtrial.")
    if study not in studies:
        held = ", ".join(studies) or "no study"
        raise StoreError(f"{name} holds {held}, but not the study {study!r}.")


def _check_copy(source: Path, study: str) -> None:
    tables = ["--table=study", "--table=alembic_version"]
    try:
        written = _run("pg_restore", None, ["--data-only", *tables, "--file=-", str(source)])
    except StoreError as error:
        raise StoreError(
            f"{source.name} is not a backup of a PostgreSQL database: {error}."
        ) from error
    held: dict[str, list[str]] = {}
    for match in COPY.finditer(written):
        wanted = "identifier" if match[1] == "study" else "version_num"
        held[match[1]] = _column(written[match.end() :], match[2], wanted)
    if not held.get("alembic_version"):
        raise StoreError(f"{source.name} is a database, but not one of mixtrial's.")
    check_holds(source.name, held["alembic_version"][0], held.get("study", []), study)


def _column(rows: str, header: str, name: str) -> list[str]:
    """Values of one column in the rows after a COPY statement, up to their end mark."""
    place = header.split(", ").index(name)
    lines = rows.partition("\\.\n")[0].splitlines()
    return [line.split("\t")[place] for line in lines]


def _set_aside(engine: Engine, force: bool) -> str | None:
    """Move the old tables into a separate schema."""
    with engine.begin() as connection:
        present = _tables(connection, None)
        if not present:
            return None
        if not force:
            raise StoreError(
                "The database holds an archive already. The option --force moves the archive aside."
            )
        _wait_until_alone(connection)
        aside = f"{ASIDE}{datetime.now(UTC):%Y%m%dt%H%M%S%f}z"
        connection.execute(text(f"CREATE SCHEMA {aside}"))
        for table in present:
            connection.execute(text(f"ALTER TABLE {table} SET SCHEMA {aside}"))
    return aside


def _take_back(engine: Engine, aside: str) -> None:
    with engine.begin() as connection:
        here = connection.scalar(text("SELECT current_schema()"))
        for table in _tables(connection, aside):
            connection.execute(text(f'ALTER TABLE {aside}.{table} SET SCHEMA "{here}"'))
        connection.execute(text(f"DROP SCHEMA {aside}"))


def _tables(connection: Connection, schema: str | None) -> list[str]:
    return [name for name in inspect(connection).get_table_names(schema) if name in OURS]


def _wait_until_alone(connection: Connection) -> None:
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    deadline = time.monotonic() + LEAVING_S
    while connection.scalar(others):
        if time.monotonic() > deadline:
            raise StoreError("A server has the database open; stop it first.")
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))
        time.sleep(0.1)


def _run(program: str, url: URL | None, options: list[str]) -> str:
    """Run a program of PostgreSQL; the password is passed to it in an environment variable."""
    found = shutil.which(program)
    if found is None:
        raise StoreError(f"{program} is not installed; it is needed to copy a PostgreSQL database.")
    environment, address = dict(os.environ), []
    if url is not None:
        plain = URL.create(  # ``url.set(password=None)`` would not remove the password
            "postgresql", url.username, None, url.host, url.port, url.database, url.query
        ).render_as_string(hide_password=False)
        address = [f"--dbname={plain}"]
        if url.password is not None:
            environment["PGPASSWORD"] = str(url.password)
    done = subprocess.run(
        [found, *address, *options],
        env=environment, capture_output=True, text=True, timeout=PROGRAM_TIMEOUT_S, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise StoreError(f"{program} failed: {last[0]}.")
    return done.stdout
