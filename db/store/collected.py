"""Sessions sent by another tool's front end; they are stored unchanged and never replaced.

A session is identified by the name of its test, its own name and the digest of its content. A
session that is sent twice, or sent to two servers at once, is stored only once. A session with the
name of a stored session but with different content is stored as another version.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from db.models import CollectedRow, UnreadableRow
from db.records.collected import CollectedSession, Kept, UnreadableBody
from db.store.transactions import Transactions

MOST_UNREADABLE_BYTES = 64 * 2**20
MOST_UNREADABLE = 10_000
"""Limits on messages that are not sessions, in bytes and in number. Anybody can send such messages,
and many short ones would fill a disk with rows."""


_UNREADABLE = select(
    func.count(), func.coalesce(func.sum(func.length(UnreadableRow.body)), 0)
).select_from(UnreadableRow)


class Collected(Transactions):
    """Sessions that an installation has collected."""

    def keep_session(self, test: str, session: str, digest: str, content: bytes) -> Kept:
        """Add a session, unless the database already contains this session."""
        same = [CollectedRow.test == test, CollectedRow.session == session]
        row = CollectedRow(
            test=test, session=session, digest=digest, content=content, received_at=_now()
        )
        try:
            with self._writing() as here:
                there = set(here.scalars(select(CollectedRow.digest).where(*same)))
                if digest not in there:
                    here.add(row)
        except IntegrityError:  # another server has already stored the session
            return Kept.AGAIN
        if digest in there:
            return Kept.AGAIN
        return Kept.OTHER_VERSION if there else Kept.NEW

    def keep_unreadable(self, body: bytes, reason: str) -> bool:
        """Store an invalid message once; return whether there was space for the message."""
        digest = hashlib.sha256(body).hexdigest()
        row = UnreadableRow(digest=digest, body=body, reason=reason[:500], received_at=_now())
        try:
            with self._writing() as here:
                if here.get(UnreadableRow, digest) is not None:
                    return True
                n, size = here.execute(_UNREADABLE).one()
                has_room = (
                    int(n) < MOST_UNREADABLE and int(size) + len(body) <= MOST_UNREADABLE_BYTES
                )
                if has_room:
                    here.add(row)
        except IntegrityError:
            return True
        return has_room

    def collected_sessions(self) -> list[CollectedSession]:
        """All versions of all sessions, in the order in which they arrived."""
        versions: Counter[tuple[str, str]] = Counter()
        found = []
        with self._reading() as here:
            for row in here.scalars(select(CollectedRow).order_by(CollectedRow.id)):
                versions[row.test, row.session] += 1
                version = versions[row.test, row.session]
                found.append(
                    CollectedSession(
                        row.test, row.session, row.digest, row.content, row.received_at, version
                    )
                )
        return found

    def n_collected(self) -> int:
        """Number of sessions; every version of a session is counted."""
        with self._reading() as here:
            return here.scalar(select(func.count()).select_from(CollectedRow)) or 0

    def n_unreadable(self) -> int:
        """Number of stored messages that are not valid sessions."""
        with self._reading() as here:
            return int(here.execute(_UNREADABLE).one()[0])

    def unreadable_bodies(self) -> list[UnreadableBody]:
        """Messages that are not valid sessions, in the order in which they arrived."""
        with self._reading() as here:
            rows = here.scalars(select(UnreadableRow).order_by(UnreadableRow.received_at))
            return [UnreadableBody(row.body, row.reason, row.received_at) for row in rows]


def _now() -> datetime:
    return datetime.now(UTC)
