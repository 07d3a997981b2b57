"""One study in the studio: its state, and the next step."""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.dashboard.frame import card
from mixtrial.dashboard.participants_link import whole_address
from mixtrial.language.spoken import told
from mixtrial.studies.listing import ARCHIVED, ListedStudy, listed_study
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.studio.children.study_servers import address_of
from mixtrial.studio.pages.build_card import draw_build
from mixtrial.studio.pages.edit_page import draw_way_to_editor
from mixtrial.studio.pages.frame import (
    draw_sentence,
    draw_top,
    draw_way_back,
    state_pill,
    tried,
    who_came,
)
from mixtrial.studio.pages.import_card import draw_import, draw_import_report
from mixtrial.studio.pages.sound_card import draw_sound
from mixtrial.studio.running import Studio
from stimuli.study.blind_header import check_blind
from stimuli.study.manifest import read_manifest


def draw_study(studio: Studio, folder: StudyFolder) -> None:
    """Draw one study, with the next step first."""
    study = listed_study(folder)
    draw_way_back()
    draw_top("Study", study.title, state_pill(study.state))
    if study.state == ARCHIVED:
        draw_sentence("The study is archived; bring it back from the list to go on with it")
        return
    if study.fault:
        draw_sentence(f"{told('The study cannot be used as it is:')} {study.fault}")
    draw_way_to_editor(folder)
    is_open = folder.notes().is_open
    if is_open:
        _draw_open(studio, study)
        return
    if study.is_built:
        _draw_closed(study)
    if folder.study_file.is_file() and not study.fault:
        draw_build(studio, study)
    has_file = folder.study_file.is_file()
    if folder.notes().is_import:
        draw_import_report(folder)
        if not has_file:
            draw_import(study)
        if not has_file or not study.fault:
            return
    if not study.enrolled and (folder.audio.is_dir() or not has_file or study.fault):
        draw_sound(study)


def _draw_closed(study: ListedStudy) -> None:
    lead = "While the study is open, everybody who has its link can take part."
    with card("address", "Open", lead):
        _draw_dashboard_link(study)
        if st.button(told("Open the study"), type="primary", key="open"):
            tried(lambda: _open(study.folder), "The study is open.")
            st.rerun()


def _open(folder: StudyFolder) -> None:
    """Open a study's address, if the study's build can be served."""
    check_blind(read_manifest(folder.build))
    folder.note(is_open=True)


def _draw_open(studio: Studio, study: ListedStudy) -> None:
    """Draw the addresses for participants and researchers, and the button that stops the study."""
    folder = study.folder
    lead = "Everybody who has the link can take part. Pause and close it in its dashboard."
    with card("address", "The study is open", lead):
        link = _link_of(folder)
        st.html(
            f'<p class="sx-link">{told("Participants")}: '
            f'<a href="{link}" target="_blank">{link}</a></p>'
            f'<p class="sx-facts">{who_came(study)}</p>'
        )
        _draw_dashboard_link(study)
        try:
            # This call starts the study's server before the first participant comes.
            studio.servers.port_of(folder)
        except ChildProcessError as error:
            draw_sentence(f"{told('Participants cannot come in:')} {error}")
        if st.button(
            told("Stop"), key="stop", help=told("Its address no longer answers; nothing is lost.")
        ):
            tried(lambda: folder.note(is_open=False), "The study's address no longer answers.")
            studio.servers.stop(folder)
            st.rerun()


def _draw_dashboard_link(study: ListedStudy) -> None:
    """Draw the link to previews and answers for the researcher."""
    link = _link_of(study.folder)
    st.html(
        f'<p class="sx-link">{told("Dashboard, with a preview of each page:")} '
        f'<a href="{link}admin" target="_blank">{link}admin</a></p>'
    )


def _link_of(folder: StudyFolder) -> str:
    """Escaped address of a study; only its path if the browser does not report the server."""
    path = address_of(folder.name)
    return html.escape(whole_address(path) or path)
