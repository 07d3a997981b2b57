"""Form of the answers that the server's routes send to simulated participants.

Conventions
-----------
Each record is the JSON object of one route of :mod:`mixtrial.routes.researcher.simulation`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CameIn:
    """Answer of the first route: the new participant, and the study that the server serves."""

    token: str
    index: int
    study_fingerprint: str


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """A page of the plan; ``audio`` are the tokens of the rated stimuli, then of the references.

    ``audio`` is empty until earlier answers have determined the page.
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
    """Answer of the routes for the questionnaire and the plan: the pages planned so far."""

    pages: tuple[PlannedPage, ...]


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """Answer of a page's route: the numbers ``epoch`` and ``seq`` for saving the page."""

    epoch: int
    seq: int


@dataclass(frozen=True, slots=True)
class Finished:
    """Answer of the last route: the completion code."""

    completion_code: str
