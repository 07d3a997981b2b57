"""The end: thanks, the completion code, and the way back to where the participant came from."""

from __future__ import annotations

import streamlit as st

from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.survey.visit import Visit


def draw_thanks(visit: Visit) -> None:
    """Draw the thanks; the code is made at the first drawing and stays."""
    study = visit.here.study
    code = visit.participant.completion_code or visit.here.store.finish(visit.token)
    draw_frame(study.title, "Finished", 1.0)
    draw_heading("That was the last song", study.thanks)
    with card("code"):
        if study.completion_code is not None:
            st.html('<p class="mx-label">Your completion code</p>')
            st.code(study.completion_code, language=None)
        if study.completion_redirect is not None:
            st.link_button("Complete the study", study.completion_redirect, type="primary")
        st.html('<p class="mx-label">Your personal code</p>')
        st.code(code, language=None)
        st.html(
            '<p class="mx-note">Keep it if you like: with this code the researchers can find and '
            "delete your answers. You may close this page now.</p>"
        )
