"""Errors of the database; each error has a sentence for users.

The errors are in a separate module, so that code can catch them without importing a database.
"""

from __future__ import annotations


class StoreError(ValueError):
    """A request that the database cannot fulfil; the message is one sentence for users."""


class StoreUnavailableError(StoreError):
    """The database cannot be read or written at the moment; a later attempt can succeed."""


class UnknownParticipantError(StoreError):
    """No participant has this token."""


class StudyFullError(StoreError):
    """The study already has its maximum number of participants."""
