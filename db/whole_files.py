"""Files with participants' data; they are complete or absent, and only the owner can read them.

The files are written under a temporary name; they are renamed when they are complete.
``make_private`` protects a database. A database is changed all the time, so it cannot be written
under another name and then renamed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE = 0o600
"""File mode with which only the owner of a file can read and write it."""

EVERYBODY = 0o007


def make_private(database: Path) -> None:
    """Protect an SQLite database and its log from other accounts; create a missing database.

    SQLite gives its log the file mode of the database. If somebody has given a group access,
    the group keeps this access.
    """
    with suppress(OSError):  # if the file cannot be created, SQLite reports the error later
        database.touch(PRIVATE, exist_ok=False)
    for path in (database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))):
        with suppress(OSError):
            if path.stat().st_mode & EVERYBODY:
                path.chmod(PRIVATE)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Temporary name of an empty file beside ``path``; if an error occurs, the file is deleted."""
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    part.unlink(missing_ok=True)
    part.touch(PRIVATE, exist_ok=False)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
