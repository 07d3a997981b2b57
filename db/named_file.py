"""Check that the name of an SQLite database still refers to the open file.

A program can continue to write into a database file that was moved, deleted or replaced, or into a
write-ahead log that was deleted. Data written into a moved, deleted or replaced file are lost for
other programs. When the database is opened, the device and inode of the database file and of its
log are stored. At each save and once per second, the stored device and inode are compared with the
current files. One connection to the database stays open while the database is in use. The open
connection keeps the log file, so earlier saves can be written from the log file to the right place.

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
    """The database's name no longer refers to the open file; the message gives the reason."""


class NamedFile:
    """The file and the write-ahead log of an archive that has just been opened.

    After this call, the engine opens only this file, and never creates a file.
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
        """Close the connection that is kept open."""
        self._held.close()

    def check(self) -> None:
        """Raise ``LostFileError`` unless the names of file and log refer to the opened files."""
        # The log file is checked first, but if both files are lost, the loss of the database file
        # is reported.
        found_log, found = _identity(self._log), _identity(self.database)
        if found is None:
            what = {None: "moved or removed", 0: "removed"}.get(self._n_links(), "moved")
            raise LostFileError(f"{self.database} was {what}; saves are refused until it is back.")
        if found != self._opened:
            raise LostFileError(f"{self.database} was replaced by another file; {UNTIL_STARTED}.")
        if found_log != self._opened_log:
            raise LostFileError(f"{self._log} was removed; {UNTIL_STARTED}.")
        self._is_kept = False

    def fold_log(self) -> bool:
        """Write the log into the database file and empty it; False if another process reads."""
        [[patience_ms]] = self._held.execute("PRAGMA busy_timeout").fetchall()
        self._held.execute(f"PRAGMA busy_timeout = {FOLD_TIMEOUT_MS}")
        try:
            [[is_busy, *_]] = self._held.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError:
            is_busy = True
        self._held.execute(f"PRAGMA busy_timeout = {patience_ms}")
        return not is_busy

    def keep(self) -> Path | None:
        """Write the saved data to the right file; return the path of a copy if a copy was needed.

        The log is written into the opened file, even if this file was moved. If the opened file no
        longer has a name, its content is written into a new file.
        """
        if self._is_kept:
            return None
        is_folded, rescued = self.fold_log(), None
        if self._n_links() == 0:
            # the inode number gives the rescued file the same name in all processes
            inode = self._opened[1] if self._opened else 0
            rescued = self.database.with_name(f"{self.database.stem}.rescued-{inode}.sqlite")
            if not rescued.exists():
                with written_whole(rescued) as part:
                    self._held.execute("VACUUM INTO ?", (str(part),))
        self._is_kept = is_folded or rescued is not None
        return rescued

    def _n_links(self) -> int | None:
        """Number of names of the opened file; None if the number is unknown.

        The number is read from the open files of this process (Linux). To find the number, the
        database file itself is not opened, because closing it again would end SQLite's locks.
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
    """Device and inode of the file with a given name; None if there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
