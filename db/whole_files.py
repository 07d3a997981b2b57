"""Files with participants' data: complete or absent, and readable only for their owner.

The files are written under a temporary name, and renamed at the end. ``make_private`` protects a
database, which always changes and cannot be written in this way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE = 0o600
"""Its owner may read and write a file, nobody else."""

EVERYBODY = 0o007


def make_private(database: Path) -> None:
    """Protect an SQLite database and its log from other accounts; create a missing database so.

    SQLite gives its log the same file mode as the database. A group that was given access by hand
    keeps this access.
    """
    with suppress(OSError):  # if the file cannot be created, SQLite reports this later
        database.touch(PRIVATE, exist_ok=False)
    for path in (database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))):
        with suppress(OSError):
            if path.stat().st_mode & EVERYBODY:
                path.chmod(PRIVATE)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Temporary name of an empty file beside ``path``; the file is removed after an error."""
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    part.unlink(missing_ok=True)
    part.touch(PRIVATE, exist_ok=False)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
