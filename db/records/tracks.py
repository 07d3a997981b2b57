"""An adaptive track: pages of one song in sequence, each determined by the earlier answers.

Most plans are complete at enrolment. On a track only the first page is complete. The transaction
that closes a page of a track determines the stimuli of the next page. If the track is over, the
remaining pages of the track are removed from the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from db.records.participation import AssignedSlot, PageToSave


@dataclass(frozen=True, slots=True)
class TrackChoice:
    """A closed page of a track: systems of the rated slots, and the position of the chosen slot."""

    systems: tuple[str, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class Track:
    """Data for determining the next page of a track.

    ``plan_index`` and ``plan_group`` identify the random draws of the participant's plan;
    ``choices`` are in the order of their pages.
    """

    plan_index: int
    plan_group: str | None
    song: str
    replicate: int
    choices: tuple[TrackChoice, ...]


Chooser = Callable[[Track], tuple[AssignedSlot, ...] | None]
"""Slots of a track's next page; None when the track is over."""

Follow = Callable[[PageToSave], Chooser | None]
"""Called when a page is closed: who settles the next one; None if the plan was complete before."""
