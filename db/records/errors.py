"""Errors of the archive, each with a sentence for the user.

The error classes are in this module so that they can be caught without importing a database.
"""

from __future__ import annotations


class StoreError(ValueError):
    """A request that the archive cannot fulfil; the message is one sentence for the user."""


class StoreUnavailableError(StoreError):
    """The database cannot be read or written at present; trying again may help."""


class UnknownParticipantError(StoreError):
    """No participant has this token."""


class StudyFullError(StoreError):
    """All places of a study are taken."""
