"""A running study in the database: its counts, versions and log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from db.records.steps import Phase


@dataclass(frozen=True, slots=True)
class PageCount:
    """For the page with this index: how many participants have opened it, and have closed it."""

    page_index: int
    phase: Phase
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class StudyCounts:
    """Counts for a running study, with or without simulated participants."""

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
    """An action of a researcher that the report must mention, such as unblinding."""

    kind: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """Results that a researcher has seen: means, figures, answers or a report.

    ``kind`` is the kind of results. ``n_listeners`` is the number of real participants.
    ``is_blind`` states whether letters replaced the names of the systems. ``status`` is the status
    of the study: open, paused or closed.
    """

    kind: str
    n_listeners: int
    is_blind: bool
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StudyVersion:
    """A version of a study file: its fingerprint, and the time when it was first used."""

    fingerprint: str
    registered_at: datetime
