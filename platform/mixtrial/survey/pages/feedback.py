"""Feedback after the practice page: the participant's use of the scale.

The feedback is shown once and not stored.

The feedback describes only the spread of the ratings and missing ratings, not the quality of the
ratings.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.visits.between import ScaleUse, feedback_due
from mixtrial.visits.screens import progress_share
from mixtrial.visits.visit import Visit
from stimuli.study.study import Study

LITTLE = 0.25
"""Of the scale; ratings that lie closer together than this use little of it."""


def feedback_wanted(visit: Visit) -> tuple[ScaleUse, ...]:
    """Feedback to show before the current page; empty if there is none or it has been shown."""
    return () if st.session_state.get(_key(visit)) else feedback_due(visit)


def draw_feedback(visit: Visit, uses: Sequence[ScaleUse]) -> None:
    """Draw the participant's use of the scale."""
    study, text = visit.installation.study, visit.locale.text
    draw_frame(visit.locale, study.title, text("practice"), progress_share(visit.participant))
    draw_heading(text("feedback_heading"), text("feedback_lead"))
    with card("feedback"):
        for use in uses:
            of = {"low": use.values[0], "high": use.values[-1]}
            of |= {"minimum": use.scale.minimum, "maximum": use.scale.maximum}
            ends = {end: visit.locale.number(value) for end, value in of.items()}
            words = text("feedback_range", **ends)
            st.html(_strip(_label_of(study, use.attribute), words, use))
        if any(use.spread < LITTLE for use in uses):
            st.html(f'<p class="mx-note">{html.escape(text("feedback_little"))}</p>')
        onwards = text("continue") if study.parts else text("feedback_continue")
        if st.button(onwards, type="primary"):
            st.session_state[_key(visit)] = True
            st.rerun()


def _strip(label: str, words: str, use: ScaleUse) -> str:
    """HTML of one attribute: a bar for the scale, a mark for each rating, and a description."""
    marks = "".join(f'<i style="left:{100 * share:.1f}%"></i>' for share in use.shares)
    first, last = html.escape(use.scale.words[0]), html.escape(use.scale.words[-1])
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
