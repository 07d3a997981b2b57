"""Sessions sent by another tool's front end, as the database stores and returns them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Kept(Enum):
    """Outcome of sending a session; whatever the outcome, the session is in the database."""

    NEW = "new"
    AGAIN = "again"
    OTHER_VERSION = "other version"


@dataclass(frozen=True, slots=True)
class CollectedSession:
    """A session as posted.

    Attributes
    ----------
    test, session
        Names of the test and of the session, as the other tool states them.
    digest
        SHA-256 of the session's content in a canonical form, in hexadecimal digits.
    content
        The unchanged JSON of the session, in UTF-8.
    received_at
        Time at which the session arrived for the first time.
    version
        Version of the session: 1 for the first content with this name, 2 for the next different
        content.
    """

    test: str
    session: str
    digest: str
    content: bytes
    received_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class UnreadableBody:
    """A message that is not a valid session: its bytes, the reason, and when it first arrived."""

    body: bytes
    reason: str
    received_at: datetime
