"""Limits on participants and time: the key ``admission``.

Conventions
-----------
A day is over at midnight, UTC. Participants who have already begun are not affected by the limits.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from stimuli.study_keys.keys import FilledText, StudyKeys, Whole

MOST_PLACES = 1_000_000


def _day(told: str) -> str:
    """Return a day in the form of the study file; raise ``ValueError`` for any other text."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", told):
            raise ValueError
        date.fromisoformat(told)
    except ValueError:
        raise ValueError(
            f"The key closes must be a day such as 2027-03-31, not {told!r}."
        ) from None
    return told


class Admission(StudyKeys):
    """Total number of places, and the last day for new participants; None means no limit."""

    capacity: Annotated[Whole, Field(ge=1, le=MOST_PLACES)] | None = None
    closes: Annotated[FilledText, AfterValidator(_day)] | None = None

    @property
    def last_day(self) -> date | None:
        """The last day on which a participant can begin; None without a last day."""
        return None if self.closes is None else date.fromisoformat(self.closes)

    def is_over(self, moment: datetime) -> bool:
        """Whether a time is after the last day."""
        return self.last_day is not None and moment.astimezone(UTC).date() > self.last_day
