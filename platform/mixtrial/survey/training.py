"""The practice page: a page like the others, whose ratings stay out of the analysis."""

from __future__ import annotations

from mixtrial.survey.flow import progress_share
from mixtrial.survey.frame import draw_frame, draw_heading
from mixtrial.survey.rating import draw_page_player
from mixtrial.survey.visit import Visit


def draw_training(visit: Visit) -> None:
    """Draw the practice page."""
    text, title = visit.locale.text, visit.here.study.title
    draw_frame(visit.locale, title, text("practice"), progress_share(visit.participant))
    draw_heading(text("practice"), text("practice_lead"))
    draw_page_player(visit)
