"""Reliable copies of the database, made while the server runs and checked before use.

A copy of an SQLite database is a single file, made by ``VACUUM INTO`` inside one reading
transaction. The copy contains every save that was acknowledged before the copy began. The copy
contains no deleted data, so the data of withdrawn participants are not in it. Databases of
PostgreSQL are copied and restored by PostgreSQL's own programs (:mod:`db.copies.postgresql`).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from db.copies import postgresql
from db.copies.postgresql import check_holds
from db.engine import BUSY_TIMEOUT_MS
from db.records.errors import StoreError
from db.whole_files import written_whole

SQLITE_HEADER = b"SQLite format 3\0"


def back_up(url: str, out: Path) -> int:
    """Copy the archive at ``url`` into the file ``out``, check it, and return its size in bytes.

    The file of the copy is either complete or does not exist. An older copy with the same name is
    replaced.

    Raises
    ------
    StoreError
        The archive does not exist, the copy cannot be made or fails its check, or ``out`` is the
        archive itself.
    """
    parsed = _parsed(url)
    if not out.parent.is_dir():
        raise StoreError(f"There is no folder {out.parent} for {out.name}.")
    if out.is_dir():
        raise StoreError(f"{out} is a folder; give the name of a file to write.")
    with written_whole(out) as part:
        if parsed.get_backend_name() == "sqlite":
            _copy_sqlite(_existing_file(parsed, out), part)
        else:
            postgresql.dump(parsed, part)
        _flush(part)
    return out.stat().st_size


def restore(url: str, source: Path, study: str, force: bool = False) -> Path | str | None:
    """Restore a copy as the database at ``url``.

    Parameters
    ----------
    url
        URL of the database.
    source
        A copy made by :func:`back_up`.
    study
        Identifier of the study that the copy must contain.
    force
        If True, an existing archive is moved to another name and replaced.

    Returns
    -------
    Path, str or None
        New place of the earlier database: a file, or the name of a schema of the PostgreSQL
        database; None if there was no earlier database.

    Raises
    ------
    StoreError
        The copy is damaged, or comes from another study or from a newer version of mixtrial. There
        is already an archive, and ``force`` is False. A server has the archive open.
    """
    parsed = _parsed(url)
    if not source.is_file():
        raise StoreError(f"There is no backup {source}.")
    if parsed.get_backend_name() != "sqlite":
        return postgresql.bring_back(parsed, source, study, force)
    place = _file(parsed)
    check_copy(source, study)
    if not place.parent.is_dir():
        raise StoreError(f"There is no folder {place.parent} for the database.")
    with written_whole(place) as part:
        _copy_sqlite(source, part)
        return _set_aside(place, force) if place.exists() else None


def check_copy(path: Path, study: str) -> None:
    """Raise ``StoreError`` unless ``path`` is an intact SQLite archive that contains the study."""
    with path.open("rb") as file:
        if file.read(len(SQLITE_HEADER)) != SQLITE_HEADER:
            raise StoreError(f"{path.name} is not a backup of an SQLite archive.")
    try:
        with closing(_opened(path)) as connection:
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            if faults != ["ok"] or connection.execute("PRAGMA foreign_key_check").fetchone():
                raise StoreError(f"{path.name} is damaged; take another backup.")
            tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
            names = {row[0] for row in connection.execute(tables)}
            if not {"alembic_version", "study", "rating"} <= names:
                raise StoreError(f"{path.name} is a database, but not one of mixtrial's.")
            [version] = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            studies = [row[0] for row in connection.execute("SELECT identifier FROM study")]
    except sqlite3.Error as error:
        raise StoreError(f"{path.name} is damaged ({error}); take another backup.") from error
    check_holds(path.name, version, studies, study)


def _copy_sqlite(source: Path, copy: Path) -> None:
    try:
        with closing(_opened(source)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        with closing(_opened(copy)) as connection:
            [state] = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{source.name} cannot be copied: {error}.") from error
    if state != "ok":
        raise StoreError(f"{source.name} is damaged: {state}.")


def _opened(path: Path) -> sqlite3.Connection:
    """Open a file and its SQLite write-ahead log for reading."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_MS / 1000)
    connection.isolation_level = None
    return connection


def _set_aside(place: Path, force: bool) -> Path:
    """Rename the existing archive after checking that nobody has opened it."""
    if not force:
        raise StoreError(
            f"There is a database already: {place}. The option --force moves this database aside."
        )
    try:
        with closing(sqlite3.connect(place, timeout=1.0)) as connection:
            # Only the last open connection to an SQLite database can leave write-ahead mode.
            # On leaving write-ahead mode, SQLite writes the write-ahead log into the database file.
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError as error:
        raise StoreError("A server has the database open; stop it first.") from error
    except sqlite3.DatabaseError:
        # the database is too damaged to be opened; this can be the reason for restoring a backup
        pass
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = place.with_name(f"{place.stem}.before-{moment}{place.suffix}")
    for ending in ("-wal", "-shm"):
        companion = place.with_name(place.name + ending)
        if companion.exists():
            companion.replace(aside.with_name(aside.name + ending))
    place.replace(aside)
    return aside


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise StoreError(
            f"{url!r} is not a database URL such as sqlite:///study.sqlite."
        ) from error


def _file(url: URL) -> Path:
    if url.database in (None, "", ":memory:"):
        raise StoreError("A database in memory cannot be copied.")
    return Path(str(url.database))


def _existing_file(url: URL, out: Path) -> Path:
    place = _file(url)
    if not place.is_file():
        raise StoreError(f"There is no database {place}; nobody has taken part yet.")
    if out.resolve() == place.resolve():
        raise StoreError(f"{out} is the database itself; write the backup to another file.")
    return place


def _flush(path: Path) -> None:
    """Write the file's content to the disk before the file gets its final name."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
