"""The dashboard's cookie: a signed value that ends (``issue_session``, ``is_session_valid``)."""

from __future__ import annotations

import hmac
import secrets
import time

from mixtrial.server.passwords import text_of_bytes

pass

SESSION_COOKIE = "mixtrial_session"
SESSION_DURATION_S = 12 * 3600


def issue_session(secret: bytes, now_s: float | None = None) -> str:
    """Value of a new session cookie: when it ends, a random part, and our signature."""
    moment = time.time() if now_s is None else now_s
    claim = f"{int(moment) + SESSION_DURATION_S}.{secrets.token_urlsafe(16)}"
    return f"{claim}.{_signature(claim, secret)}"


def is_session_valid(cookie: str | None, secret: bytes, now_s: float | None = None) -> bool:
    """Whether a cookie was signed with ``secret`` and has not ended."""
    if not cookie or not cookie.isascii() or cookie.count(".") != 2:
        return False
    claim, _, signature = cookie.rpartition(".")
    if not hmac.compare_digest(_signature(claim, secret), signature):
        return False
    moment = time.time() if now_s is None else now_s
    return moment < int(claim.partition(".")[0])


def _signature(claim: str, secret: bytes) -> str:
    return text_of_bytes(hmac.digest(secret, f"session.{claim}".encode(), "sha256")).rstrip("=")


def opaque_tag(secret: bytes, token: str) -> str:
    """Value that is steady for a token and says nothing of what lies behind it."""
    return hmac.digest(secret, f"tag.{token}".encode(), "sha256")[:16].hex()
