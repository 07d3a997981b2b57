"""Test whether the database stores saves."""

from __future__ import annotations

import logging
import sqlite3
import time

from sqlalchemy import Engine

from db.records.errors import StoreUnavailableError
from db.save_watch import SaveWatch
from db.store.transactions import Transactions

PROBES = {"sqlite": "PRAGMA user_version = 1", "postgresql": "SELECT txid_current()"}
"""Commits that add no row. SQLite writes the head of the file's first page; PostgreSQL issues a
transaction number."""

PROOF_S = 1.0
"""A commit proves that the next commit will succeed only if it is more recent than this time in
s."""

logger = logging.getLogger(__name__)


class Readiness(Transactions):
    """Tests whether saves are stored in the right file."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._watch = SaveWatch(self.check_saving, lambda: self._committed_at)

    def close(self) -> None:
        """Close the connections."""
        self._watch.close()
        super().close()

    def watch_saving(self) -> None:
        """Test once per second whether saves are stored, and log failures."""
        self._watch.start()

    def saving_fault(self) -> str | None:
        """Reason (at most 1 s old) why saves are not stored; None if saves are stored."""
        return self._watch.fault()

    def check_saving(self) -> None:
        """Return without an error if a commit has just been written to the right file or server.

        If the name of the database no longer refers to the opened file, answers saved into the
        opened file are moved to the right file.

        Raises
        ------
        StoreUnavailableError
            Saves cannot be stored at the moment; the log states the cause.
        """
        try:
            with self._in_plain_words():
                self._check_name()
        except StoreUnavailableError:
            self._keep_what_is_there()
            raise
        if time.monotonic() - self._committed_at >= PROOF_S:
            with self._committing() as connection:
                connection.exec_driver_sql(PROBES[connection.dialect.name])

    def _keep_what_is_there(self) -> None:
        if self._named_file is None:
            return
        try:
            with self._turn:
                rescued = self._named_file.keep()
        except (sqlite3.Error, OSError) as error:
            # the cause can be a full disk; the next check tries to write again
            self._note_failure(error)
            return
        if rescued is not None:
            logger.error("what was saved until then is in %s", rescued)
