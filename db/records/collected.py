"""Sessions that another tool's front end posted, as the archive stores and returns them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Kept(Enum):
    """Outcome of posting a session; in each case the session is now in the archive."""

    NEW = "new"
    AGAIN = "again"
    OTHER_VERSION = "other version"


@dataclass(frozen=True, slots=True)
class CollectedSession:
    """A session as posted.

    Attributes
    ----------
    test, session
        Names of test and session in the other tool's front end.
    digest
        SHA-256 of the session's content in a canonical form, as hexadecimal digits.
    content
        The unchanged JSON of the session, in UTF-8.
    received_at
        Time at which the session first arrived.
    version
        Version of the session: 1 for the first with this name, 2 for the next with other content.
    """

    test: str
    session: str
    digest: str
    content: bytes
    received_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class UnreadableBody:
    """A message that was posted as a session but is none: its bytes, the reason, its first date."""

    body: bytes
    reason: str
    received_at: datetime
