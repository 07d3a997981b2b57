"""The end: thanks, the completion code, and the way back to where the participant came from."""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.survey.contact import draw_contact
from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.survey.screens import has_page_a_song
from mixtrial.survey.visit import Visit
from stimuli.study_keys.completion_link import filled_link


def draw_thanks(visit: Visit) -> None:
    """Draw the thanks; the code is made at the first drawing and stays."""
    study = visit.here.study
    code = visit.participant.completion_code or visit.here.store.finish(visit.token)
    text = visit.locale.text
    draw_frame(visit.locale, study.title, text("finished"), 1.0)
    counts_songs = has_page_a_song(visit.participant.pages)
    draw_heading(text("finished_heading") if counts_songs else text("finished_pages"), study.thanks)
    may_leave = draw_contact(visit)
    with card("code"):
        if study.completion_code is not None and may_leave:
            _label(text("completion_code"))
            st.code(study.completion_code, language=None)
        if study.completion_redirect is not None and may_leave:
            link = filled_link(study.completion_redirect, visit.participant.answers)
            st.link_button(text("completion_link"), link, type="primary")
        _label(text("personal_code"))
        st.code(code, language=None)
        st.html(f'<p class="mx-note">{html.escape(text("personal_code_note"))}</p>')


def _label(text: str) -> None:
    st.html(f'<p class="mx-label">{html.escape(text)}</p>')
