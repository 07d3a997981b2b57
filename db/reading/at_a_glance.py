"""How far a study is, read from its database's file by whoever does not serve it.

Nothing is made, brought up to date or locked: the file may be in use, of an older version, or none.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Glance:
    """Status of a study (open, paused, closed), and how many real participants came, finished."""

    status: str
    enrolled: int
    finished: int


def glance_at(path: Path) -> Glance | None:
    """How far the one study of an SQLite file is; None where that cannot be read of it."""
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
