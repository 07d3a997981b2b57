"""Errors of the archive, each with a sentence meant for the user.

They are here so that they can be caught without importing a database.
"""

from __future__ import annotations


class StoreError(ValueError):
    """Something the archive cannot do; the message is one sentence meant for the user."""


class StoreUnavailableError(StoreError):
    """The database cannot be read or written just now; trying again may help."""


class UnknownParticipantError(StoreError):
    """No participant has this token."""


class StudyFullError(StoreError):
    """All places of a study are taken."""
