"""A new study: from uploaded files, from another tool's study, or from a template."""

from __future__ import annotations

import streamlit as st

from mixtrial.dashboard.frame import card
from mixtrial.language.spoken import told
from mixtrial.studies.changes import new_study
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.studio.pages.frame import draw_top, draw_way_back, go_to, tried
from mixtrial.studio.running import Studio
from stimuli.first_study.study_text import template_names

OWN_FILES = "files that I upload"
OTHER_TOOL = "a study of another tool"
LEAD = (
    "The names of files determine the recording and the system of each. A study of "
    "another tool needs its settings and its sound. A template is a commented study "
    "file for a usual kind of test."
)


def draw_new(studio: Studio) -> None:
    """Draw the form for a new study, and create the study."""
    draw_way_back()
    draw_top("Studio", told("New study"))
    with (
        card("new", "What is it called, and what is it made of?", LEAD),
        st.form("new-study", border=False),
    ):
        title = st.text_input(
            told("Title"), max_chars=200, placeholder=told("Which codec sounds best?")
        )
        made_of = st.selectbox(
            told("Made of"),
            [OWN_FILES, OTHER_TOOL, *(f"template {n}" for n in template_names())],
            format_func=told,
        )
        is_wanted = st.form_submit_button(told("Make the study"), type="primary", key="to-made")
    if is_wanted:
        is_template = made_of not in (OWN_FILES, OTHER_TOOL)
        template = made_of.removeprefix("template ") if is_template else None
        is_import = made_of == OTHER_TOOL
        made: list[StudyFolder] = []
        if tried(
            lambda: made.append(new_study(studio.folder, title, template, is_import=is_import))
        ):
            go_to(study=made[0].name)
        st.rerun()
