"""Somebody does not want to take part: a polite end, and a way back."""

from __future__ import annotations

import streamlit as st

from db.records import Participant
from mixtrial.installation import Installation
from mixtrial.survey.consent import consent_version
from mixtrial.survey.frame import card, draw_frame, draw_heading


def draw_refused(here: Installation, participant: Participant | None) -> None:
    """Draw the end without taking part."""
    draw_frame(here.study.title, "", 0.0)
    draw_heading(
        "Thank you for your interest", "You have chosen not to take part, and that is fine."
    )
    with card("refused"):
        st.html('<p class="mx-note">No answers were stored. You may close this page.</p>')
        changed_mind = st.button("I would like to take part after all")
    if not changed_mind:
        return
    st.session_state.pop("declined", None)
    if participant is not None:
        here.store.record_consent(participant.token, consent_version(here.study), accepted=True)
    st.rerun()
