"""The practice page: a page like the others, whose ratings stay out of the analysis."""

from __future__ import annotations

from collections.abc import Callable

from mixtrial.survey.frame import draw_frame, draw_heading
from mixtrial.survey.pages.rating import draw_page_player
from mixtrial.survey.screens import progress_share
from mixtrial.survey.visit import Visit
from stimuli.page_types.base import Part

WITH_SLIDERS = ("attributes", "multi_stimulus")
"""Page types with a slider for each mix, unless words are offered instead."""


def draw_training(visit: Visit) -> None:
    """Draw the practice page."""
    text, title = visit.locale.text, visit.here.study.title
    draw_frame(visit.locale, title, text("practice"), progress_share(visit.participant))
    page = visit.participant.pages[visit.participant.page_index]
    part = visit.here.study.part(page.part)
    draw_heading(text("practice"), lead_of(part, text))
    draw_page_player(visit)


def lead_of(part: Part, text: Callable[[str], str]) -> str:
    """The sentence above the practice page of a part; ``text`` gives a key's words.

    Whoever rates against a reference is told that it also stands among the stimuli, as ITU-R
    BS.1534-3 has it (Attachment 1): one of them gets 100.
    """
    if part.type == "mushra":
        return text("practice_lead_mushra")
    is_worded = part.options.browser_options().get("scale") == "labels"
    has_sliders = part.type in WITH_SLIDERS and not is_worded
    return text("practice_lead") if has_sliders else text("practice_lead_other")
