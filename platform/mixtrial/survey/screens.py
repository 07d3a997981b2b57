"""Where a participant stands, and so what they are shown: a pure state machine.

Conventions
-----------
A step is what the database keeps (``db.records.Step``). ``next_step`` says where an event leads;
``screen_for`` says what is drawn. Nothing here draws or stores.

Notes
-----
::

    consent ── agreed ──> questionnaire ── answered ──> volume ── volume_set ──> first page
       └── declined ──> refused                             page ── page_saved ──> next page
                                                            last page ── page_saved ──> thanks
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from db.records import Page, PageKind, Participant, Step


class Happening(StrEnum):
    """What a participant can do that leads on."""

    AGREED = "agreed"
    DECLINED = "declined"
    ANSWERED = "answered"
    VOLUME_SET = "volume_set"
    PAGE_SAVED = "page_saved"


class Screen(StrEnum):
    """What can be drawn."""

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
    "consent": Screen.WELCOME,
    "questionnaire": Screen.QUESTIONNAIRE,
    "volume": Screen.VOLUME,
    "training": Screen.TRAINING,
    "rating": Screen.RATING,
    "thanks": Screen.THANKS,
    "refused": Screen.REFUSED,
    "withdrawn": Screen.UNKNOWN_LINK,
}

_BEFORE_PAGES: dict[tuple[Step, Happening], Step] = {
    ("consent", Happening.AGREED): "questionnaire",
    ("consent", Happening.DECLINED): "refused",
    ("refused", Happening.AGREED): "questionnaire",
    ("questionnaire", Happening.ANSWERED): "volume",
}


def next_step(step: Step, happening: Happening, kinds_ahead: Sequence[PageKind]) -> Step:
    """Step after something happened; a happening out of place leads nowhere.

    Parameters
    ----------
    step
        Where the participant stands.
    happening
        What they did.
    kinds_ahead
        Kinds of the pages after the present one; of all pages while none is open.
    """
    if (step, happening) in _BEFORE_PAGES:
        return _BEFORE_PAGES[step, happening]
    leads_to_page = (step == "volume" and happening is Happening.VOLUME_SET) or (
        step in ("training", "rating") and happening is Happening.PAGE_SAVED
    )
    if not leads_to_page:
        return step
    return kinds_ahead[0] if kinds_ahead else "thanks"


def screen_for(
    participant: Participant | None, has_token: bool, is_built: bool, is_expired: bool = False
) -> Screen:
    """What is drawn for somebody who opens the survey.

    Parameters
    ----------
    participant
        Who the link belongs to; None when nobody.
    has_token
        Whether the link names somebody at all.
    is_built
        Whether there is anything to hear.
    is_expired
        Whether the participant's time is over.
    """
    if is_expired:
        return Screen.EXPIRED_LINK
    if participant is None:
        if has_token:
            return Screen.UNKNOWN_LINK
        return Screen.WELCOME if is_built else Screen.NOT_BUILT
    screen = SCREENS[participant.step]
    needs_sound = screen in (Screen.VOLUME, Screen.TRAINING, Screen.RATING)
    return Screen.NOT_BUILT if needs_sound and not is_built else screen


def progress_share(participant: Participant | None) -> float:
    """Share of the way behind the participant, 0–1: three short steps, then page by page."""
    if participant is None or participant.step in ("consent", "refused", "withdrawn"):
        return 0.0
    if participant.step == "thanks":
        return 1.0
    # A page takes as long as all that comes before the first.
    n_steps = len(participant.pages) + 1
    before = {"questionnaire": 1 / 3, "volume": 2 / 3}
    done = before.get(participant.step, 1 + participant.page_index)
    return done / n_steps


def minutes_left(participant: Participant, page_s: Callable[[Page], float]) -> int:
    """Rough time that the present and all later pages take, in whole minutes.

    ``page_s`` gives what a page takes, in seconds.
    """
    ahead = participant.pages[participant.page_index :]
    return max(1, round(sum(page_s(page) for page in ahead) / 60))


def is_break_due(participant: Participant, break_after: int) -> bool:
    """Whether the present page comes after a multiple of ``break_after`` rated ones.

    0 is never; the practice page counts for nothing.
    """
    page = participant.page
    if break_after == 0 or participant.step != "rating" or page is None or page.kind != "rating":
        return False
    n_done = page_number(participant.pages, page.index)[0] - 1
    return n_done > 0 and n_done % break_after == 0


def page_number(pages: Sequence[Page], index: int) -> tuple[int, int]:
    """Number of a page among those of its kind, and how many there are: (2, 6)."""
    kind = pages[index].kind
    alike = [page.index for page in pages if page.kind == kind]
    return alike.index(index) + 1, len(alike)


def has_page_a_song(pages: Sequence[Page]) -> bool:
    """Whether each rated page has a song of its own, so that counting pages counts songs.

    It has not where a song comes in several parts, in blocks of its mixes, or again.
    """
    songs = [page.song for page in pages if page.kind == "rating"]
    return len(set(songs)) == len(songs)


def page_before(participant: Participant) -> int | None:
    """Index of the rated page to which one can go back from the present one; None for none.

    The way back ends at a practice page, and where another part of the study begins.
    """
    page = participant.page
    if participant.step != "rating" or page is None or page.kind != "rating" or page.index == 0:
        return None
    earlier = participant.pages[page.index - 1]
    return earlier.index if (earlier.kind, earlier.part) == (page.kind, page.part) else None


def practised_page(participant: Participant) -> int | None:
    """Index of the practice page that was completed just before the present one; None for none."""
    index = participant.page_index
    if participant.step != "rating" or index == 0:
        return None
    return index - 1 if participant.pages[index - 1].kind == "training" else None
