"""Expiry of a participant's link, if the study limits the link's time (``pages.link_days``).

The time limit of a link begins at the participant's first consent. A participant who has finished
can still open the last page, which shows the codes. A participant who has not yet consented can
still consent.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from db.records.participation import Participant
from db.records.steps import Step
from stimuli.study.study import Study

LAST_PAGE = timedelta(hours=1)
"""For so long after the end, a page that was open can still be heard and handed in."""


class LinkExpiredError(ValueError):
    """Error for a message that was sent with an expired link; the text is one sentence."""


def has_expired(
    study: Study, participant: Participant, now: datetime, grace: timedelta = timedelta(0)
) -> bool:
    """Whether a participant's link has expired.

    Parameters
    ----------
    study, participant
        The study, whose links may have a time limit, and the participant who has the link.
    now
        The present moment, with its time zone.
    grace
        Additional time, after the link's time limit, during which the link is still accepted.
    """
    days, began, step = study.pages.link_days, participant.agreed_at, participant.step
    if days is None or began is None or step is Step.CONSENT or not step.is_under_way:
        return False
    return now >= began + timedelta(days=days) + grace


def is_cut_off(study: Study, participant: Participant) -> bool:
    """Whether a link expired so long ago that even an open page is no longer served or saved."""
    return has_expired(study, participant, datetime.now(UTC), LAST_PAGE)
