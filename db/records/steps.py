"""The steps of a participant through a study, with their order and their properties.

The order of steps is the only state machine of the program; it has no side effects. The database
code follows the order of steps in :mod:`db.store.progress`, :mod:`db.store.pages` and
:mod:`db.writing.page_turning`. The survey shows its screens in the same order
(``mixtrial.survey.screens``). Code other than the database and the survey uses only the properties
of a step.

Notes
-----
::

    consent ── agreed ──> questionnaire ── answered ──> volume ── volume set ──> first page
       └── declined ──> refused ── agreed ──> questionnaire

    page ── completed ──> next page, after the last one thanks
    page ── went back ──> the rated page that was opened again
    any but refused and withdrawn ── ended ──> thanks
    any ── withdrew ──> withdrawn

For a page, the step is the phase of the page: ``training`` or ``rating``. An event that is not
possible in a step, such as a form sent twice, changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

Phase = Literal["training", "rating"]


class Happening(StrEnum):
    """Events that lead a participant to another step."""

    AGREED = "agreed"
    DECLINED = "declined"
    ANSWERED = "answered"
    VOLUME_SET = "volume set"
    COMPLETED = "completed"
    WENT_BACK = "went back"
    ENDED = "ended"
    WITHDREW = "withdrew"


class Step(StrEnum):
    """Step of a participant; the database and the exports use its text value."""

    CONSENT = "consent"
    QUESTIONNAIRE = "questionnaire"
    VOLUME = "volume"
    TRAINING = "training"
    RATING = "rating"
    THANKS = "thanks"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def is_on_page(self) -> bool:
        """Whether the participant is on a practice page or a rated page."""
        return self in (Step.TRAINING, Step.RATING)

    @property
    def has_sound(self) -> bool:
        """Whether a sound of the study can be played."""
        return self is Step.VOLUME or self.is_on_page

    @property
    def is_finished(self) -> bool:
        """Whether the participant has reached the end of the session."""
        return self is Step.THANKS

    @property
    def has_reached_pages(self) -> bool:
        """Whether the participant has reached the first page, or a later step."""
        return self.is_on_page or self.is_finished

    @property
    def has_left(self) -> bool:
        """Whether the participant does not take part, so that somebody else can get the plan."""
        return self in (Step.REFUSED, Step.WITHDRAWN)

    @property
    def is_under_way(self) -> bool:
        """Whether the participant has begun and has neither finished nor left."""
        return not (self.is_finished or self.has_left)

    def after(self, happening: Happening, page: Phase | None = None) -> Step:
        """Step after an event; it stays the same if the event has no effect.

        Parameters
        ----------
        happening
            The event, an action of the participant.
        page
            Kind of the next page, for an event that leads to a page. If ``page`` is None, there is
            no next page.
        """
        if (self, happening) in _LEADS_TO_PAGE:
            return Step.THANKS if page is None else Step(page)
        return _LEADS_TO.get((self, happening), self)


LEFT = tuple(step for step in Step if step.has_left)
UNDER_WAY = tuple(step for step in Step if step.is_under_way)
ON_PAGE = tuple(step for step in Step if step.is_on_page)
"""The steps of each kind, for queries about a whole column of steps."""

_LEADS_TO: Mapping[tuple[Step, Happening], Step] = {
    (Step.CONSENT, Happening.AGREED): Step.QUESTIONNAIRE,
    (Step.CONSENT, Happening.DECLINED): Step.REFUSED,
    (Step.REFUSED, Happening.AGREED): Step.QUESTIONNAIRE,
    (Step.QUESTIONNAIRE, Happening.ANSWERED): Step.VOLUME,
    **{(step, Happening.WENT_BACK): Step.RATING for step in ON_PAGE},
    **{(step, Happening.ENDED): Step.THANKS for step in UNDER_WAY},
    **{(step, Happening.WITHDREW): Step.WITHDRAWN for step in Step},
}

_LEADS_TO_PAGE = frozenset(
    {
        (Step.VOLUME, Happening.VOLUME_SET),
        *((step, Happening.COMPLETED) for step in ON_PAGE),
    }
)
