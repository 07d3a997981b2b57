"""Somebody does not want to take part: a polite end, and a way back."""

from __future__ import annotations

import html

import streamlit as st

from db.records import Participant
from mixtrial.server.installation import Installation
from mixtrial.server.locale import locale_of
from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.survey.pages.welcome import consent_version


def draw_refused(here: Installation, participant: Participant | None) -> None:
    """Draw the end without taking part."""
    locale = locale_of(here.study.language)
    draw_frame(locale, here.study.title, "", 0.0)
    draw_heading(locale.text("refused"), locale.text("refused_lead"))
    with card("refused"):
        st.html(f'<p class="mx-note">{html.escape(locale.text("refused_note"))}</p>')
        changed_mind = st.button(locale.text("refused_return"))
    if not changed_mind:
        return
    st.session_state.pop("declined", None)
    if participant is not None:
        here.store.record_consent(participant.token, consent_version(here.study), accepted=True)
    st.rerun()
