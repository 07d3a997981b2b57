"""Transactions for reading and writing the database; all methods of the store use them.

Each part of the store (:mod:`db.store.studies`, :mod:`db.store.enrolment`,
:mod:`db.store.progress`, :mod:`db.store.contacts`, :mod:`db.store.pages`, :mod:`db.store.tables`,
:mod:`db.store.sessions`, :mod:`db.store.collected`, :mod:`db.store.readiness`) is a subclass of
:class:`Transactions`. :class:`db.store.store.Store` combines all these parts.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock, local

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from db.engine import writing_engine
from db.models import ParticipantRow, StudyRow
from db.named_file import LostFileError, NamedFile
from db.reading.participants import participant_row
from db.records.errors import StoreError, StoreUnavailableError, UnknownParticipantError
from db.wal_sync import WalSync

LOG_AGAIN_S = 10.0
"""Time in s before the same cause of an error is logged again. While saves fail, each cause is
logged only once."""

logger = logging.getLogger(__name__)


class Transactions:
    """The connections to a database; several threads can share them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing_engine = writing_engine(engine)
        # A process that writes to SQLite tries again and again until the database is free. Some
        # processes must wait for seconds until the database is free. Threads of one process wait
        # for a lock instead of trying again and again.
        is_sqlite = engine.dialect.name == "sqlite"
        self._turn: AbstractContextManager[object] = Lock() if is_sqlite else nullcontext()
        self._shared = local()
        self._told: dict[str, float] = {}
        self._is_failing = False
        self._committed_at = -math.inf
        file = engine.url.database if is_sqlite else None
        path = Path(file) if file and file != ":memory:" else None
        self._wal_sync = WalSync(path) if path else None
        self._named_file = NamedFile(path, engine) if path else None

    def close(self) -> None:
        """Close the connections."""
        if self._wal_sync is not None:
            self._wal_sync.close()
        if self._named_file is not None:
            self._named_file.close()
        self._engine.dispose()

    @property
    def place(self) -> str:
        """The database's URL, without a password."""
        if self._named_file is not None:
            return f"sqlite:///{self._engine.url.database}"
        return self._engine.url.render_as_string(hide_password=True)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self._in_plain_words(), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with (
            self._turn,
            self._in_plain_words(),
            self._into_named_file(),
            Session(self._writing_engine) as session,
            session.begin(),
        ):
            yield session
        self._note_commit()

    @contextmanager
    def _into_named_file(self) -> Iterator[None]:
        """Check that the commits in the block are in the file that has the database's name."""
        self._check_name()
        yield
        self._check_name()
        self._committed_at, self._is_failing = time.monotonic(), False

    def _check_name(self) -> None:
        if self._named_file is not None:
            self._named_file.check()

    @contextmanager
    def _in_plain_words(self) -> Iterator[None]:
        """Convert a database error to a message for users, unless a constraint was violated."""
        try:
            yield
        except IntegrityError:
            raise
        except (DBAPIError, PoolTimeoutError, LostFileError) as error:
            self._note_failure(error)
            raise StoreUnavailableError(
                "The database cannot be reached at the moment. Please try again."
            ) from error

    def _note_failure(self, error: Exception) -> None:
        """Log the cause of the error for the operator; browsers try again in the meantime."""
        # After an error, earlier commits do not show that the next commit will succeed.
        self._committed_at = -math.inf
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = str(cause).strip().partition("\n")[0]
        told_s = time.monotonic() - self._told.get(reason, -math.inf)
        if told_s < LOG_AGAIN_S or (self._is_failing and reason in self._told):
            return
        self._told[reason], self._is_failing = time.monotonic(), True
        logger.error("the database cannot be used: %s", reason)

    # The most frequent statements run without an ORM session, because a session would take half of
    # their time.

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        with self._in_plain_words(), self._engine.begin() as connection:
            yield connection

    @property
    def has_one_writer(self) -> bool:
        """Whether each write must wait for the previous write, as with SQLite."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def together(self) -> Iterator[None]:
        """Combine all saves that this thread makes in the block into one transaction.

        The saves are written at the end of the block. If an exception occurs, no save is stored.
        The block must contain no other writing.
        """
        with self._saving() as connection:
            self._shared.connection = connection
            try:
                yield
            finally:
                self._shared.connection = None

    @contextmanager
    def _saving(self) -> Iterator[Connection]:
        shared: Connection | None = getattr(self._shared, "connection", None)
        if shared is not None:
            yield shared
            return
        with self._committing() as connection:
            yield connection
        self._note_commit()

    @contextmanager
    def _committing(self) -> Iterator[Connection]:
        with (
            self._turn,
            self._in_plain_words(),
            self._into_named_file(),
            self._writing_engine.begin() as connection,
        ):
            yield connection

    def _forget_deleted(self) -> None:
        """Write SQLite's log into the database file, so that neither file contains deleted data.

        If another process is reading, the log contains the deleted data until the log is next
        written into the file.
        """
        if self._named_file is not None:
            with self._turn:
                self._named_file.fold_log()

    def _note_commit(self) -> None:
        if self._wal_sync is not None:
            self._wal_sync.note_commit()


def study_of(session: Session, identifier: str) -> StudyRow:
    """The row of a study; ``StoreError`` if the study does not exist."""
    row = session.scalar(select(StudyRow).where(StudyRow.identifier == identifier))
    if row is None:
        raise StoreError(f"The database does not hold a study {identifier!r}.")
    return row


def participant_of(session: Session, token: str) -> ParticipantRow:
    """The participant's row for a token; ``UnknownParticipantError`` for an unknown token."""
    row = participant_row(session, token)
    if row is None:
        raise UnknownParticipantError("This link does not belong to any participant.")
    return row
