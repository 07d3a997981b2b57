"""An adaptive staircase track: pages of one song; each page depends on earlier answers.

Most plans have all their stimuli at enrolment. A staircase track has the stimuli of only its first
page at enrolment. The transaction that closes a page of a staircase track determines the stimuli of
the next page. If the staircase track is over, its remaining pages are removed from the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from db.records.participation import AssignedSlot, PageToSave


@dataclass(frozen=True, slots=True)
class TrackChoice:
    """A closed page of a staircase track: systems of rated slots, position of the chosen slot."""

    systems: tuple[str, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class Track:
    """Data from which the next page of a staircase track is determined.

    ``plan_index`` and ``plan_group`` identify the random numbers of the participant's plan.
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
