"""Sign-in to the dashboard: a signed cookie, and the cookie's session in the database.

A forged cookie is detected by its signature, without a query of the database. The database holds
the sessions that were ended. The database contains only digests of cookies, so that a copy of the
database does not allow a sign-in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from datetime import UTC, datetime
from typing import Protocol

from db.store.store import Store
from mixtrial.server.passwords import text_of_bytes

SESSION_COOKIE = "mixtrial_session"
SESSION_DURATION_S = 12 * 3600
PASSWORD_ACCOUNT = "password"
"""The account of all who know the dashboard's password."""


class KeySettings(Protocol):
    """Secrets of a sign-in: the hash of its password, and the key that signs its cookies."""

    @property
    def admin_password_hash(self) -> str | None:
        """Scrypt hash of the password; None if no password is set."""

    @property
    def secret(self) -> bytes:
        """Key that signs the cookies."""


class Door(Protocol):
    """Program to sign in to: a study's dashboard (an ``Installation``), or the studio."""

    @property
    def settings(self) -> KeySettings:
        """Its key."""

    @property
    def sessions(self) -> Store:
        """The store of signed-in sessions."""


def begin_session(door: Door, account: str = PASSWORD_ACCOUNT) -> str:
    """Sign a person in; return the value of the person's cookie."""
    cookie = issue_session(door.settings.secret)
    ends_at = datetime.fromtimestamp(_end_s(cookie), UTC)
    door.sessions.begin_session(_digest(cookie), _digest(account), ends_at)
    return cookie


def is_signed_in(door: Door, cookie: str | None) -> bool:
    """Whether a cookie is ours, and its session has neither expired nor been ended."""
    if not cookie or not is_genuine(cookie, door.settings.secret):
        return False
    return door.sessions.has_session(_digest(cookie))


def end_sessions(door: Door, cookie: str | None) -> None:
    """End the session of a cookie, and all other sessions of the same account."""
    if cookie and is_genuine(cookie, door.settings.secret):
        door.sessions.end_sessions(_digest(cookie))


def issue_session(secret: bytes, now_s: float | None = None) -> str:
    """Value of a new session cookie: the time of its end, a random part, and our signature."""
    moment = time.time() if now_s is None else now_s
    claim = f"{int(moment) + SESSION_DURATION_S}.{secrets.token_urlsafe(16)}"
    return f"{claim}.{_signature(claim, secret)}"


def is_genuine(cookie: str, secret: bytes, now_s: float | None = None) -> bool:
    """Whether a cookie was signed with ``secret`` and has not expired."""
    if not cookie.isascii() or cookie.count(".") != 2:
        return False
    claim, _, signature = cookie.rpartition(".")
    if not hmac.compare_digest(_signature(claim, secret), signature):
        return False
    moment = time.time() if now_s is None else now_s
    return moment < _end_s(cookie)


def _end_s(cookie: str) -> int:
    return int(cookie.partition(".")[0])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _signature(claim: str, secret: bytes) -> str:
    return text_of_bytes(hmac.digest(secret, f"session.{claim}".encode(), "sha256")).rstrip("=")


def opaque_tag(secret: bytes, token: str) -> str:
    """Tag of a token, always the same; it reveals nothing about what the token stands for."""
    return hmac.digest(secret, f"tag.{token}".encode(), "sha256")[:16].hex()


def heard_tag(key: bytes, song: str, system: str) -> str:
    """Name of a stimulus in an address; the secret ``key`` hides the song and the system."""
    return opaque_tag(key, f"heard.{song}/{system}")
