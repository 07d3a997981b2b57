"""Screen and progress of a participant, as pure functions.

Conventions
-----------
Their position is a :class:`db.records.steps.Step`, which also defines the order of steps.
``screen_for`` chooses the screen. This module stores nothing and shows nothing by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from db.records.participation import Page, Participant
from db.records.steps import Step


class Screen(StrEnum):
    """Screens that the survey can draw."""

    WELCOME = "welcome"
    QUESTIONNAIRE = "questionnaire"
    VOLUME = "volume"
    TRAINING = "training"
    RATING = "rating"
    THANKS = "thanks"
    REFUSED = "refused"
    UNKNOWN_LINK = "unknown_link"
    EXPIRED_LINK = "expired_link"
    NOT_BUILT = "not_built"


SCREENS: dict[Step, Screen] = {
    Step.CONSENT: Screen.WELCOME,
    Step.QUESTIONNAIRE: Screen.QUESTIONNAIRE,
    Step.VOLUME: Screen.VOLUME,
    Step.TRAINING: Screen.TRAINING,
    Step.RATING: Screen.RATING,
    Step.THANKS: Screen.THANKS,
    Step.REFUSED: Screen.REFUSED,
    Step.WITHDRAWN: Screen.UNKNOWN_LINK,
}

RATED = (Screen.TRAINING, Screen.RATING)
"""Screens that show a page of the player."""

SHARES: dict[Step, float] = {Step.QUESTIONNAIRE: 1 / 3, Step.VOLUME: 2 / 3}
"""How much of what comes before the first page lies behind; of other steps nothing."""


def screen_for(
    participant: Participant | None, has_token: bool, is_built: bool, is_expired: bool = False
) -> Screen:
    """Screen for a participant who opens the survey.

    Parameters
    ----------
    participant
        Participant who has the link; None if there is no such participant.
    has_token
        Whether the link names a participant at all.
    is_built
        Whether the study has stimuli.
    is_expired
        Whether the time limit of the participant's link has passed.
    """
    if is_expired:
        return Screen.EXPIRED_LINK
    if participant is None:
        if has_token:
            return Screen.UNKNOWN_LINK
        return Screen.WELCOME if is_built else Screen.NOT_BUILT
    step = participant.step
    return Screen.NOT_BUILT if step.has_sound and not is_built else SCREENS[step]


def progress_share(participant: Participant | None) -> float:
    """Finished share of the session, 0–1; all steps before the first page count as one page."""
    if participant is None:
        return 0.0
    if participant.step.is_finished:
        return 1.0
    # All steps before the first page together are assumed to take as long as one page.
    n_steps = len(participant.pages) + 1
    is_on_page = participant.step.is_on_page
    done = 1 + participant.page_index if is_on_page else SHARES.get(participant.step, 0)
    return done / n_steps


def minutes_left(participant: Participant, page_s: Callable[[Page], float]) -> int:
    """Approximate time for the current and all later pages, in whole minutes.

    ``page_s`` returns the time of a page, in seconds.
    """
    ahead = participant.pages[participant.page_index :]
    return max(1, round(sum(page_s(page) for page in ahead) / 60))


def has_page_a_song(pages: Sequence[Page]) -> bool:
    """Whether each rated page has its own song, so that pages can be counted as songs.

    Pages cannot be counted as songs if a song occurs in several parts, on several pages with blocks
    of its mixes, or on repeated pages.
    """
    songs = [page.song for page in pages if page.phase == "rating"]
    return len(set(songs)) == len(songs)


def may_end_early(pages: Sequence[Page]) -> bool:
    """Whether the number of pages depends on later answers (some pages are not planned yet)."""
    return any(not page.slots for page in pages)


def like_settled(pages: Sequence[Page], page: Page) -> Page:
    """The page; if it is not planned yet, a planned page of the same part and of similar size."""
    if page.slots:
        return page
    return next((each for each in pages if each.part == page.part and each.slots), page)


def page_before(participant: Participant) -> int | None:
    """Index of the rated page before the current page, if a return is possible; otherwise None.

    It is not possible to return to a practice page or to another part of the study.
    """
    page = participant.page
    if (
        participant.step is not Step.RATING
        or page is None
        or page.phase != "rating"
        or page.index == 0
    ):
        return None
    earlier = participant.pages[page.index - 1]
    return earlier.index if (earlier.phase, earlier.part) == (page.phase, page.part) else None
