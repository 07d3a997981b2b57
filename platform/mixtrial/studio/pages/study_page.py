"""One study in the studio: how far it is, and what comes next."""

from __future__ import annotations

import html
from urllib.parse import urlsplit

import streamlit as st

from mixtrial.dashboard.frame import card
from mixtrial.studies.listing import ListedStudy, listed_study
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.studio.children.study_servers import address_of
from mixtrial.studio.pages.frame import draw_head, draw_sentence, draw_way_back, state_pill, tried
from mixtrial.studio.running import Studio


def draw_study(studio: Studio, folder: StudyFolder) -> None:
    """Draw one study."""
    study = listed_study(folder)
    draw_way_back()
    draw_head("Study", study.title, state_pill(study.state))
    if study.fault:
        draw_sentence(f"The study cannot be used as it is: {study.fault}")
    _draw_address(studio, study)


def _draw_address(studio: Studio, study: ListedStudy) -> None:
    """Draw where participants and researchers go, and open or stop the study."""
    folder = study.folder
    is_open = folder.notes().is_open
    with card("address", "Open", "While the study is open, whoever has its link can take part."):
        if is_open:
            link = _whole_address(address_of(folder.name))
            st.html(
                f'<p class="sx-link">Participants: <a href="{link}" target="_blank">{link}</a></p>'
                f'<p class="sx-link">Dashboard: <a href="{link}admin" target="_blank">'
                f"{link}admin</a></p>"
            )
            if st.button("Stop", key="stop"):
                tried(lambda: folder.note(is_open=False), "The study's address answers no more.")
                studio.servers.stop(folder)
                st.rerun()
        elif not study.is_built:
            st.html('<p class="dx-note">It can be opened once it is built.</p>')
        elif st.button("Open the study", type="primary", key="open"):
            tried(lambda: folder.note(is_open=True), "The study is open.")
            st.rerun()


def _whole_address(path: str) -> str:
    page = urlsplit(st.context.url or "")
    return html.escape(f"{page.scheme}://{page.netloc}{path}")
