"""What a study's parts cost a listener: pages, answers and minutes, as far as they are known."""

from __future__ import annotations

import streamlit as st

from mixtrial.dashboard.frame import draw_figures
from stimuli.design.session_length import session_length
from stimuli.study.study import Study


def draw_session(study: Study | None) -> None:
    """Draw the size of one participant's session; a sentence where the study cannot be read."""
    if study is None:
        st.caption("What a session takes is told once nothing is left to mend.")
        return
    length = session_length(study)
    minutes = "–" if length.duration_s is None else f"{length.duration_s / 60:.0f} min"
    draw_figures(
        [
            (str(length.n_pages), "Pages", "of one participant, practice included"),
            (str(length.n_ratings), "Answers", "asked of one participant"),
            (minutes, "Session", "an estimate, each stimulus heard once"),
        ]
    )
