"""A break between two songs, as often as the study demands; participants can go on at once."""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.participation.page_order import page_number
from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.visits.between import break_due
from mixtrial.visits.screens import has_page_a_song, progress_share
from mixtrial.visits.visit import Visit


def is_resting(visit: Visit) -> bool:
    """Whether there is a break before the current page that the participant has not ended yet."""
    return not st.session_state.get(_key(visit)) and break_due(visit)


def draw_break(visit: Visit) -> None:
    """Draw the break."""
    participant, text = visit.participant, visit.locale.text
    number, count = page_number(participant.pages, participant.page_index)
    title = visit.installation.study.title
    draw_frame(visit.locale, title, text("break"), progress_share(participant))
    draw_heading(text("break_heading"), text("break_lead"))
    with card("break"):
        if has_page_a_song(participant.pages):
            place = text("break_place", done=number - 1, count=count)
        else:
            place = text("break_pages", done=number - 1, count=count)
        st.html(f'<p class="mx-label">{html.escape(place)}</p>')
        if st.button(text("continue"), type="primary"):
            st.session_state[_key(visit)] = True
            st.rerun()


def _key(visit: Visit) -> str:
    return f"rested-{visit.token}-{visit.participant.page_index}"
