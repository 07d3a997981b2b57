"""Position of a page among all pages, and the break or feedback that comes with the page."""

from __future__ import annotations

from collections.abc import Sequence

from db.records.participation import Page, Participant
from db.records.steps import Step


def page_number(pages: Sequence[Page], index: int) -> tuple[int, int]:
    """Number of a page within its phase, and number of pages of the phase, such as (2, 6)."""
    phase = pages[index].phase
    alike = [page.index for page in pages if page.phase == phase]
    return alike.index(index) + 1, len(alike)


def is_break_due(participant: Participant, break_after: int) -> bool:
    """Whether the number of rated pages before the current page is a multiple of ``break_after``.

    The practice page is not counted. There is no break before the first rated page. There is no
    break at all if ``break_after`` is 0.
    """
    page = participant.page
    if (
        break_after == 0
        or participant.step is not Step.RATING
        or page is None
        or page.phase != "rating"
    ):
        return False
    n_done = page_number(participant.pages, page.index)[0] - 1
    return n_done > 0 and n_done % break_after == 0


def practised_page(participant: Participant) -> int | None:
    """Index of the practice page that directly precedes the current page; None if there is none."""
    index = participant.page_index
    if participant.step is not Step.RATING or index == 0:
        return None
    return index - 1 if participant.pages[index - 1].phase == "training" else None
