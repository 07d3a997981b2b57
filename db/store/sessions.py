"""Sessions of the dashboard, and attempts to sign in, stored together for all servers.

Addresses, cookies and accounts are stored as digests, so that they cannot be read in a copy of the
database.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select

from db.models import SecretRow, SessionRow, SignInRow
from db.store.transactions import Transactions
from db.writing.registration import now


class Sessions(Transactions):
    """Attempts to enter the password, and sessions that begin when somebody signs in."""

    def take_sign_in(self, who: str, most: int, since: datetime) -> int | None:
        """Count an attempt to sign in; None if ``who`` made ``most`` attempts since a given time.

        Even if many servers ask at the same time, at most ``most`` attempts are allowed, because
        all servers wait for the same row of the database.
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
        """Remove a successful attempt to sign in from the count."""
        with self._writing() as session:
            session.execute(delete(SignInRow).where(SignInRow.id == number))

    def begin_session(self, cookie_digest: str, account: str, ends_at: datetime) -> None:
        """Store a new session after a sign-in; delete sessions that have ended."""
        with self._writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.ends_at <= now()))
            session.add(SessionRow(cookie_digest=cookie_digest, account=account, ends_at=ends_at))

    def has_session(self, cookie_digest: str) -> bool:
        """Whether a cookie belongs to a session in which somebody is signed in."""
        with self._reading() as session:
            found = session.get(SessionRow, cookie_digest)
            return found is not None and found.ends_at > now()

    def end_sessions(self, cookie_digest: str) -> None:
        """Sign out: end all sessions of the account to which this cookie belongs."""
        with self._writing() as session:
            account = select(SessionRow.account).where(SessionRow.cookie_digest == cookie_digest)
            session.execute(
                delete(SessionRow)
                .where(SessionRow.account.in_(account))
                .execution_options(synchronize_session=False)
            )
