"""A study's file in the editor."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from mixtrial.language.spoken import told
from mixtrial.studies.changes import new_version
from mixtrial.studies.listing import listed_study
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.studio.editor.pages.editor_page import draw_editor
from mixtrial.studio.pages.frame import draw_top, go_to, tried


def draw_edit(folder: StudyFolder) -> None:
    """Draw the editor of a study, with a link back to the study."""
    if st.button(told("Back to the study"), icon=":material/arrow_back:", key="to-study"):
        go_to(study=folder.name)
    study = listed_study(folder)
    draw_top("Edit", study.title)

    def make(title: str, text_of: Callable[[str], str]) -> None:
        made: list[StudyFolder] = []
        said = "This is the new version. Build and open it, and pause the former one."
        if tried(lambda: made.append(new_version(folder, title, text_of)), said):
            go_to(study=made[0].name)
        st.rerun()

    draw_editor(folder.study_file, has_begun=study.enrolled > 0, on_new_version=make)


def draw_way_to_editor(folder: StudyFolder) -> None:
    """Draw the button that opens the editor, if there is a file to edit."""
    if folder.study_file.is_file() and st.button(
        told("Edit"), key="to-edit", icon=":material/edit:"
    ):
        go_to(study=folder.name, edit="")
