"""The studio's page: the guard first, then the list of studies or one of them."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from db.records.errors import StoreError
from mixtrial.dashboard.frame import draw_apology, draw_style
from mixtrial.dashboard.signin import draw_door, is_signed_in
from mixtrial.language.spoken import told
from mixtrial.server.page_guard import guarded, has_failed
from mixtrial.server.settings import SettingsError
from mixtrial.studies.study_folder import study_folder
from mixtrial.studio.pages.edit_page import draw_edit
from mixtrial.studio.pages.frame import draw_sentence, draw_studio_style
from mixtrial.studio.pages.list_page import draw_list
from mixtrial.studio.pages.new_page import draw_new
from mixtrial.studio.pages.study_page import draw_study
from mixtrial.studio.running import Studio, current_studio

PAGES = "studio"
WATCH_S = 5.0
APOLOGY = "Nothing stored is lost or changed. The studio's log says what happened."


def draw_pages() -> None:
    """Draw the one page that the studio has."""
    st.set_page_config(
        page_title="Studio", page_icon="🎧", layout="wide", initial_sidebar_state="collapsed"
    )
    page = st.Page(_draw, title="Studio", url_path="admin")
    st.navigation(
        [st.Page(_draw_nothing, title="Studio", default=True), page], position="hidden"
    ).run()


def _draw_nothing() -> None:
    """Nobody comes here: the address without a path leads on to the studio."""


def _draw() -> None:
    draw_style()
    draw_studio_style()
    if has_failed(PAGES):
        draw_apology(PAGES, APOLOGY, "Go to the list of studies")
        return
    with guarded(PAGES):
        studio = current_studio()
        if not is_signed_in(studio):
            has_password = studio.settings.admin_password_hash is not None
            draw_door("Studio", told("Listening tests"), LEAD, has_password)
            st.stop()
        _watch_session(studio)
        _draw_chosen(studio)


LEAD = "Sign in to make studies, to open them, and to follow them."


def _draw_chosen(studio: Studio) -> None:
    """Draw the page of the address."""
    name = st.query_params.get("study")
    if st.query_params.get("new") is not None:
        draw_new(studio)
        return
    if name is None:
        draw_list(studio)
        return
    try:
        study = study_folder(studio.folder, name)
    except SettingsError as error:
        draw_sentence(str(error))
        draw_list(studio)
        return
    if st.query_params.get("edit") is not None and study.study_file.is_file():
        draw_edit(study)
    else:
        draw_study(studio, study)


@st.fragment(run_every=WATCH_S)
def _watch_session(studio: Studio) -> None:
    """Leave the page once the session was ended elsewhere."""
    with suppress(StoreError):  # the next refresh asks again
        if not is_signed_in(studio):
            st.rerun()
