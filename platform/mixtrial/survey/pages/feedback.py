"""After the practice page: how the scale was used there. Shown once, stored nowhere.

Nothing is said of how good the ratings are: only how far they spread, and what was left out.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from db.records.participation import RatingValue
from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.survey.screens import practised_page, progress_share
from mixtrial.survey.visit import Visit
from stimuli.study.study import Study

LITTLE = 25.0
"""Points of 100; ratings that lie closer together than this use little of the scale."""


@dataclass(frozen=True, slots=True)
class ScaleUse:
    """Ratings of one attribute on the practice page, 0–100, lowest first."""

    attribute: str
    values: tuple[float, ...]

    @property
    def spread(self) -> float:
        """Points between the lowest and the highest."""
        return self.values[-1] - self.values[0]


def scale_uses(ratings: Sequence[RatingValue], attributes: Sequence[str]) -> tuple[ScaleUse, ...]:
    """How the scale was used, attribute by attribute; one with fewer than two ratings is left out.

    Parameters
    ----------
    ratings
        Of the practice page.
    attributes
        Their names, in the order of the study.
    """
    uses = []
    for name in attributes:
        values = tuple(sorted(rating.value for rating in ratings if rating.attribute == name))
        if len(values) > 1:
            uses.append(ScaleUse(name, values))
    return tuple(uses)


def feedback_due(visit: Visit) -> tuple[ScaleUse, ...]:
    """What is to be shown before the present page; empty when nothing is, or it was seen."""
    study, participant = visit.installation.study, visit.participant
    practised = practised_page(participant)
    if not study.pages.training_feedback or practised is None:
        return ()
    if st.session_state.get(_key(visit)):
        return ()
    store = visit.installation.store
    if store.page_state(visit.token, participant.page_index, opening=False).epoch > 0:
        return ()
    if not study.part(participant.pages[practised].part).has_ratings:
        return ()
    ratings = store.page_state(visit.token, practised, opening=False).ratings
    return scale_uses(ratings, [attribute.name for attribute in study.attributes])


def draw_feedback(visit: Visit, uses: Sequence[ScaleUse]) -> None:
    """Draw how the scale was used."""
    study, text = visit.installation.study, visit.locale.text
    draw_frame(visit.locale, study.title, text("practice"), progress_share(visit.participant))
    draw_heading(text("feedback_heading"), text("feedback_lead"))
    part = study.part(visit.participant.pages[visit.participant.page_index - 1].part)
    ends = part.scale.words
    with card("feedback"):
        for use in uses:
            low, high = round(use.values[0]), round(use.values[-1])
            words = text("feedback_range", low=low, high=high)
            st.html(_strip(_label_of(study, use.attribute), words, ends, use))
        if any(use.spread < LITTLE for use in uses):
            st.html(f'<p class="mx-note">{html.escape(text("feedback_little"))}</p>')
        onwards = text("continue") if study.parts else text("feedback_continue")
        if st.button(onwards, type="primary"):
            st.session_state[_key(visit)] = True
            st.rerun()


def _strip(label: str, words: str, ends: Sequence[str], use: ScaleUse) -> str:
    """HTML of one attribute: a bar of the scale, a mark for each rating, and the same in words."""
    marks = "".join(f'<i style="left:{value:.1f}%"></i>' for value in use.values)
    first, last = html.escape(ends[0]), html.escape(ends[-1])
    return (
        f'<div class="mx-use"><p><b>{html.escape(label)}</b> <span>{html.escape(words)}</span></p>'
        f'<div class="mx-strip" dir="ltr" aria-hidden="true">{marks}</div>'
        f'<p class="mx-ends" dir="ltr" aria-hidden="true"><span>{first}</span>'
        f"<span>{last}</span></p></div>"
    )


def _label_of(study: Study, name: str) -> str:
    return next(each.shown_label for each in study.attributes if each.name == name)


def _key(visit: Visit) -> str:
    return f"feedback-{visit.token}-{visit.participant.page_index}"
