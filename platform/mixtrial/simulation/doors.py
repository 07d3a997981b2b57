"""Answers of the routes for simulated participants: the server writes them, and bots read them.

Conventions
-----------
Each record is the JSON object of one door of :mod:`mixtrial.routes.researcher.simulation`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CameIn:
    """Of the first door: who came in, and the study that the server serves."""

    token: str
    index: int
    study_fingerprint: str


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """A page of the plan; ``audio`` are tokens of the rated slots, then of the references.

    There are none while the answers before have yet to settle what is on the page.
    """

    index: int
    phase: str
    song: str
    part: str
    type: str
    systems: tuple[str, ...]
    references: tuple[str, ...]
    audio: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedPages:
    """Of the questionnaire's door and the plan's: the pages as far as they are settled."""

    pages: tuple[PlannedPage, ...]


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """Of a page's door: how the saves to come are numbered."""

    epoch: int
    seq: int


@dataclass(frozen=True, slots=True)
class Finished:
    """Of the last door."""

    completion_code: str
