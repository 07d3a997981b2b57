"""Summary of each collected session, without ratings or names of systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from db.store.store import Store
from mixtrial.imports.webmushra.posted_session import session_of_text
from mixtrial.imports.webmushra.session_tables import rows_of


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """One version of a collected session.

    Attributes
    ----------
    test, session, version, received_at
        As in :class:`db.records.collected.CollectedSession`.
    sha256
        SHA-256 of the session's content.
    n_pages
        Number of the session's trials.
    answers
        For each page type, the number of the session's answers in the table of this type.
    in_no_table
        Phrases that describe those parts of the session that are in none of the tables.
    """

    test: str
    session: str
    version: int
    received_at: datetime
    sha256: str
    n_pages: int
    answers: Mapping[str, int]
    in_no_table: str


def sessions_seen(store: Store, test: str | None = None) -> list[SessionSeen]:
    """All versions of all sessions, of one test or of all tests, in the order of arrival."""
    found = []
    for each in store.collected_sessions():
        if test in (None, each.test):
            posted = session_of_text(each.content.decode("utf-8"))
            # The answers are counted without a table, because a table of many questions would be
            # large.
            rows = rows_of(posted)
            answers = {name: len(cells) for name, cells in rows.cells.items()}
            found.append(
                SessionSeen(
                    each.test, each.session, each.version, each.received_at, each.digest,
                    len(posted.trials), answers, "; ".join(one.what for one in rows.left),
                )
            )  # fmt: skip
    return found
