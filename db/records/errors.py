"""Errors of the database; each error has a sentence for the user.

The error classes are in a separate module, so that they can be caught without importing a database.
"""

from __future__ import annotations


class StoreError(ValueError):
    """A request that the database cannot fulfil; the message is one sentence for the user."""


class StoreUnavailableError(StoreError):
    """The database cannot be read or written at present, but a later try may succeed."""


class UnknownParticipantError(StoreError):
    """No participant has this token."""


class StudyFullError(StoreError):
    """The study already has its largest number of participants."""
