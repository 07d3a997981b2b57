"""Sessions that another tool's front end posted, as the database stores and returns them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Kept(Enum):
    """Outcome of a posted session; in each case the session is now in the database."""

    NEW = "new"
    AGAIN = "again"
    OTHER_VERSION = "other version"


@dataclass(frozen=True, slots=True)
class CollectedSession:
    """A session as posted.

    Attributes
    ----------
    test, session
        Names of the test and of the session in the other tool's front end.
    digest
        SHA-256 of the session's content in a canonical form, as hexadecimal digits.
    content
        The unchanged JSON of the session, in UTF-8.
    received_at
        Time at which the session first arrived.
    version
        Version of the session: 1 for the first content with this name, 2 for the next content.
    """

    test: str
    session: str
    digest: str
    content: bytes
    received_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class UnreadableBody:
    """A posted message that is not a valid session: its bytes, the reason, its first date."""

    body: bytes
    reason: str
    received_at: datetime
