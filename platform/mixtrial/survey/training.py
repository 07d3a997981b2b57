"""The practice page: a page like the others, whose ratings stay out of the analysis."""

from __future__ import annotations

from mixtrial.survey.flow import progress_share
from mixtrial.survey.frame import draw_frame, draw_heading
from mixtrial.survey.rating import draw_page_player
from mixtrial.survey.visit import Visit

WITH_SLIDERS = ("attributes", "multi_stimulus", "mushra")
"""Page types with a slider for each mix, unless words are offered instead."""


def draw_training(visit: Visit) -> None:
    """Draw the practice page."""
    text, title = visit.locale.text, visit.here.study.title
    draw_frame(visit.locale, title, text("practice"), progress_share(visit.participant))
    page = visit.participant.pages[visit.participant.page_index]
    part = visit.here.study.part(page.part)
    has_sliders = (
        part.type in WITH_SLIDERS and part.options.browser_options().get("scale") != "labels"
    )
    lead = text("practice_lead") if has_sliders else text("practice_lead_other")
    draw_heading(text("practice"), lead)
    draw_page_player(visit)
