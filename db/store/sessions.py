"""Sessions of the dashboard, and attempts to sign in, stored for all servers together.

Addresses, cookies and accounts are stored as digests, so that a copy of the database does not
reveal them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select

from db.models import SecretRow, SessionRow, SignInRow
from db.store.transactions import Transactions
from db.writing.registration import now


class Sessions(Transactions):
    """Attempts to enter the password, and sessions that begin with a sign-in."""

    def take_sign_in(self, who: str, most: int, since: datetime) -> int | None:
        """Count an attempt to sign in; None if ``who`` has had ``most`` since a given time.

        At most ``most`` attempts are allowed, even if many servers ask at once, because all servers
        wait for the same row of the database.
        """
        with self._writing() as session:
            session.scalar(select(SecretRow.name).limit(1).with_for_update())
            session.execute(delete(SignInRow).where(SignInRow.tried_at <= since))
            tried = select(func.count()).select_from(SignInRow).where(SignInRow.who == who)
            if (session.scalar(tried) or 0) >= most:
                return None
            row = SignInRow(who=who, tried_at=now())
            session.add(row)
            session.flush()
            return row.id

    def give_back_sign_in(self, number: int) -> None:
        """Remove an attempt from the count, because it did not fail."""
        with self._writing() as session:
            session.execute(delete(SignInRow).where(SignInRow.id == number))

    def begin_session(self, cookie_digest: str, account: str, ends_at: datetime) -> None:
        """Store a sign-in; delete sessions that have ended."""
        with self._writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.ends_at <= now()))
            session.add(SessionRow(cookie_digest=cookie_digest, account=account, ends_at=ends_at))

    def has_session(self, cookie_digest: str) -> bool:
        """Whether a cookie belongs to a session that is signed in."""
        with self._reading() as session:
            found = session.get(SessionRow, cookie_digest)
            return found is not None and found.ends_at > now()

    def end_sessions(self, cookie_digest: str) -> None:
        """Sign out: all sessions of the account of this cookie end."""
        with self._writing() as session:
            account = select(SessionRow.account).where(SessionRow.cookie_digest == cookie_digest)
            session.execute(
                delete(SessionRow)
                .where(SessionRow.account.in_(account))
                .execution_options(synchronize_session=False)
            )
