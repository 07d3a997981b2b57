"""An adaptive staircase track: pages of one song; each page depends on earlier answers.

In most plans, all stimuli are known at enrolment. For a staircase track, only the stimuli of its
first page are known at enrolment. The transaction that closes a page of a staircase track also
determines the stimuli of the next page. When the staircase track ends, its remaining pages are
removed from the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from db.records.participation import AssignedSlot, PageToSave


@dataclass(frozen=True, slots=True)
class TrackChoice:
    """Closed page of a staircase track: its rated systems, and the position of the chosen one."""

    systems: tuple[str, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class Track:
    """Data that determine the next page of a staircase track.

    ``plan_index`` and ``plan_group`` determine the random numbers of the participant's plan.
    ``choices`` are in the order of the pages on which they were made.
    """

    plan_index: int
    plan_group: str | None
    song: str
    replicate: int
    choices: tuple[TrackChoice, ...]


Chooser = Callable[[Track], tuple[AssignedSlot, ...] | None]
"""Function that returns the slots of a track's next page; None if the staircase track is over."""

Follow = Callable[[PageToSave], Chooser | None]
"""Function that is called when a page is closed. It returns the function that chooses the next
page, or None if the plan was complete before."""
