"""Whether an SQLite archive still is the file that its name stands for.

A program goes on writing into a file that was moved, removed or replaced under it, and into a
write-ahead log that was unlinked; nobody finds what it writes there. So the device and inode behind
both names are noted when the archive is opened, and compared at each save and once a second. One
connection stays open as long as the archive does: the log stays the same file while it is, and
through it what was saved before can be brought to where it is found.

References
----------
https://sqlite.org/howtocorrupt.html, sections 2.5 and 4.2, on why not to write on.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from db.whole_files import written_whole

FOLD_TIMEOUT_MS = 2_000
UNTIL_STARTED = "saves are refused until the server is started again"


class LostFileError(Exception):
    """The archive that is open is not what its name stands for; the message says in what way."""


class NamedFile:
    """The file and the write-ahead log of an archive that has just been opened.

    From here on its engine opens this file alone, and never makes one.
    """

    def __init__(self, database: Path, engine: Engine) -> None:
        self.database = database
        self._log = database.with_name(f"{database.name}-wal")
        self._held: Any = engine.raw_connection()
        self._held.detach()
        self._opened, self._opened_log = _identity(database), _identity(self._log)
        self._is_kept = False
        event.listen(engine, "do_connect", self._open_no_other)

    def close(self) -> None:
        """Close the connection that was kept."""
        self._held.close()

    def check(self) -> None:
        """Raise ``LostFileError`` unless both names still lead to what was opened."""
        found = _identity(self.database)
        if found is None:
            what = {None: "moved or removed", 0: "removed"}.get(self._n_links(), "moved")
            raise LostFileError(f"{self.database} was {what}; saves are refused until it is back")
        if found != self._opened:
            raise LostFileError(f"{self.database} was replaced by another file; {UNTIL_STARTED}")
        if _identity(self._log) != self._opened_log:
            raise LostFileError(f"{self._log} was unlinked; {UNTIL_STARTED}")
        self._is_kept = False

    def fold_log(self) -> bool:
        """Bring the write-ahead log into the file and empty it; False where somebody reads."""
        [[patience_ms]] = self._held.execute("PRAGMA busy_timeout").fetchall()
        self._held.execute(f"PRAGMA busy_timeout = {FOLD_TIMEOUT_MS}")
        try:
            [[is_busy, *_]] = self._held.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError:
            is_busy = True
        self._held.execute(f"PRAGMA busy_timeout = {patience_ms}")
        return not is_busy

    def keep(self) -> Path | None:
        """Bring what was saved to where it is found; a copy's name where one was needed, once.

        The log goes into the file, wherever that is now; where no name at all leads to it any
        more, its content is written into a new one.
        """
        if self._is_kept:
            return None
        is_folded, rescued = self.fold_log(), None
        if self._n_links() == 0:
            inode = self._opened[1] if self._opened else 0  # the name is the same in all processes
            rescued = self.database.with_name(f"{self.database.stem}.rescued-{inode}.sqlite")
            if not rescued.exists():
                with written_whole(rescued) as part:
                    self._held.execute("VACUUM INTO ?", (str(part),))
        self._is_kept = is_folded or rescued is not None
        return rescued

    def _n_links(self) -> int | None:
        """How many names lead to the file that was opened; None where nobody can tell.

        It is looked for among what this process has open (Linux): opening it once more, and
        closing that, would end SQLite's locks.
        """
        descriptors = Path("/proc/self/fd")
        for each in descriptors.iterdir() if descriptors.is_dir() else ():
            try:
                found = each.stat()
            except OSError:
                continue
            if (found.st_dev, found.st_ino) == self._opened:
                return found.st_nlink
        return None

    def _open_no_other(
        self, _dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]
    ) -> None:
        self.check()
        arguments[0], options["uri"] = f"{self.database.resolve().as_uri()}?mode=rw", True


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode behind a name; None where nothing is."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
