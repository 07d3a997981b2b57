"""A running study as the archive tells of it: its figures, versions and log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from db.records.steps import Phase


@dataclass(frozen=True, slots=True)
class PageCount:
    """How many participants have opened and closed the page with this index."""

    page_index: int
    phase: Phase
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class StudyCounts:
    """The figures of a running study, simulated participants included or not as asked."""

    enrolled: int
    consented: int
    refused: int
    finished: int
    n_ratings: int
    by_step: Mapping[str, int]
    by_group: Mapping[str, int]
    pages: tuple[PageCount, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """Something a researcher did that the report must be able to tell, such as unblinding."""

    kind: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """Means, figures, answers or a report that a researcher saw.

    ``kind`` says of what, ``n_listeners`` of how many real participants, ``is_blind`` whether the
    systems were letters, ``status`` whether the study was open then, paused or closed.
    """

    kind: str
    n_listeners: int
    is_blind: bool
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StudyVersion:
    """A study file as it once stood: its fingerprint, and when it was first seen."""

    fingerprint: str
    registered_at: datetime
