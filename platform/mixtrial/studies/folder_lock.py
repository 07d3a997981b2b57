"""A lock that allows only one studio at a time for a folder.

The lock is SQLite's own lock on a small file. The operating system releases the lock when the
process ends, for any reason and on every system. A process number in a file would not be a safe
lock, because the number could later belong to another process. A file beside the lock names the
studio that holds the lock, for the message to a second studio.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from db.whole_files import written_whole
from mixtrial.server.settings import SettingsError

STUDIO_FOLDER = ".studio"
"""Files of the studio itself in a folder of studies."""


class FolderLock:
    """A lock on a folder, which is held as soon as this object is created."""

    def __init__(self, folder: Path, address: str) -> None:
        """Take the lock; ``SettingsError`` if another studio holds it."""
        own = folder / STUDIO_FOLDER
        own.mkdir(mode=0o700, exist_ok=True)
        holder = own / "holder.txt"
        self._held = sqlite3.connect(own / "lock.sqlite", timeout=0.0, check_same_thread=False)
        self._held.isolation_level = None
        try:
            self._held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            self._held.close()
            raise SettingsError(
                f"{folder} is open in another studio{_told(holder)}; use that studio, or stop it."
            ) from None
        with written_whole(holder) as part:
            part.write_text(f"{address} (process {os.getpid()})", encoding="utf-8")

    def release(self) -> None:
        """Let it go."""
        self._held.close()


def _told(holder: Path) -> str:
    with suppress(OSError):
        return f", {holder.read_text(encoding='utf-8')[:200]}"
    return ""
