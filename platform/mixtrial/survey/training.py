"""The practice page: a page like the others, whose ratings stay out of the analysis."""

from __future__ import annotations

from mixtrial.survey.flow import progress_share
from mixtrial.survey.frame import draw_frame, draw_heading
from mixtrial.survey.rating import draw_page_player
from mixtrial.survey.visit import Visit


def draw_training(visit: Visit) -> None:
    """Draw the practice page."""
    participant, study = visit.participant, visit.here.study
    draw_frame(study.title, "Practice", progress_share(participant))
    draw_heading(
        "Practice",
        "Press a letter to hear a mix, and move its slider to rate it. All mixes play in time: "
        "switch as often as you like. Use the whole scale. These ratings do not count.",
    )
    draw_page_player(visit)
