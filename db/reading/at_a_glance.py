"""Progress of a study, read from its database file without a server.

Reading the progress does not create, update or lock anything. The database file can be in use, can
have an older version, and can even be another kind of file.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Glance:
    """Status of a study, and the numbers of real participants who have begun and finished."""

    status: str
    enrolled: int
    finished: int


def glance_at(path: Path) -> Glance | None:
    """Progress of the only study of an SQLite file; None if the file cannot be read."""
    if not path.is_file():
        return None
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE_S)) as connection:
            status = connection.execute("SELECT status FROM study ORDER BY id LIMIT 1").fetchone()
            enrolled, finished = connection.execute(
                "SELECT count(*), count(finished_at) FROM participant WHERE kind != 'simulated'"
            ).fetchone()
    except sqlite3.Error:
        return None
    return None if status is None else Glance(str(status[0]), int(enrolled), int(finished))
