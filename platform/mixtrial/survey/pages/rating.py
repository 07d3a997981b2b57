"""The frame of the rated pages: the player requests each page and turns the pages itself."""

from __future__ import annotations

from mixtrial.player.player import draw_player, pages_data
from mixtrial.survey.frame import draw_above
from mixtrial.visits.heading import above_rated_page
from mixtrial.visits.visit import Visit


def draw_rating(visit: Visit) -> None:
    """Draw the heading of the current page, and the player, which also requests the next form."""
    page, study = visit.page, visit.installation.study
    # At each opening of a page, the heading is drawn again, because the player has changed the
    # heading in the browser.
    opening = visit.installation.store.page_state(visit.token, page.index, opening=False).epoch
    draw_above(visit.locale, above_rated_page(visit), f"{page.index}-{opening}")
    texts = visit.locale.player
    draw_player(pages_data(visit.token, page.index, page.page_type, study.language, texts))
