"""A check, once per second, whether saves are stored; requests do not wait for the check.

This module does not write into the database: it calls a test such as
:meth:`db.store.readiness.Readiness.check_saving`. The test logs the beginning of a failure only
once. This module logs the end of a failure.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread

from db.records.errors import StoreUnavailableError

INTERVAL_S = 1.0
SILENT_S = 3.0
"""If the database has not stored a commit for this time in s, saves count as not stored."""

logger = logging.getLogger(__name__)


class SaveWatch:
    """Result of the last check whether saves are stored.

    If the thread does not run, requests make the check themselves, at most once per second.

    Parameters
    ----------
    check
        Function that returns without an error when a save would be stored now. If a save would
        fail, the function raises ``StoreUnavailableError``.
    last_commit_s
        Time of the last successful check, on the monotonic clock.
    """

    def __init__(self, check: Callable[[], None], last_commit_s: Callable[[], float]) -> None:
        self._check, self._last_commit_s = check, last_commit_s
        self._fault: str | None = None
        self._looked_s = self._proved_s = float("-inf")
        self._looking, self._closed = Lock(), Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Start the thread that checks once per second whether saves are stored."""
        self._look()
        self._thread = Thread(target=self._work, name="save-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def fault(self) -> str | None:
        """Sentence with the reason why saves are not stored now; None if they are stored."""
        if self._thread is None and time.monotonic() - self._looked_s >= INTERVAL_S:
            self._look()
        proved_s = max(self._proved_s, self._last_commit_s())
        if self._fault is None and time.monotonic() - proved_s > SILENT_S:
            return "the database does not answer"
        return self._fault

    def _work(self) -> None:
        while not self._closed.wait(INTERVAL_S):
            self._look()

    def _look(self) -> None:
        with self._looking:
            self._looked_s = time.monotonic()
            try:
                self._check()
            except StoreUnavailableError as error:
                self._fault = str(error)
                return
            if self._fault is not None:
                logger.warning("the database can be used again: saves are stored")
            self._fault, self._proved_s = None, time.monotonic()
