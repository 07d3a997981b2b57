"""Writing of SQLite's commits to the disk within a second; saves need not wait for the disk.

With ``synchronous=NORMAL``, a commit always survives a crash of the server. A commit survives a
power cut only after the operating system has written it to the disk, some 30 s later. With
``synchronous=FULL``, each commit waits for the disk and takes 3 ms. With ``synchronous=NORMAL``, a
commit takes 0.4 ms. A separate thread therefore writes the write-ahead log to the disk (``fsync``),
at most once per second and for all commits together. After a power cut, SQLite reads the log up to
its last complete commit. A power cut can only lose the commits of the last second, and never
damages the file (https://sqlite.org/wal.html, https://sqlite.org/fileformat2.html#walformat).
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Event, Lock, Thread

INTERVAL_S = 1.0

logger = logging.getLogger(__name__)


class WalSync:
    """A thread that writes a database's write-ahead log to the disk, at most once per second.

    The thread starts at the first commit, and sleeps while there is no new commit.
    """

    def __init__(self, database: Path) -> None:
        self._log = database.with_name(f"{database.name}-wal")
        self._committed, self._closed = Event(), Event()
        self._thread: Thread | None = None
        self._starting = Lock()

    def note_commit(self) -> None:
        """Note that a transaction was committed and must be written to the disk."""
        self._committed.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None and not self._closed.is_set():
                    self._thread = Thread(target=self._work, name="wal-sync", daemon=True)
                    self._thread.start()

    def close(self) -> None:
        """End the thread; all commits are then on the disk."""
        self._closed.set()
        self._committed.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._closed.is_set():
            self._committed.wait()
            self._committed.clear()
            self._sync()
            self._closed.wait(INTERVAL_S)
        self._sync()

    def _sync(self) -> None:
        try:
            descriptor = os.open(self._log, os.O_RDWR)
        except FileNotFoundError:
            # without a log file there is nothing to sync; SQLite itself syncs the database file
            return
        except OSError:
            logger.exception("the write-ahead log cannot be opened")
            return
        try:
            os.fsync(descriptor)
        except OSError:
            logger.exception("the disk does not take the write-ahead log")
        finally:
            os.close(descriptor)
