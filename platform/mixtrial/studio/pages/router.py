"""The studio's page: first the check of the sign-in, then the list of studies or one study."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import streamlit as st

from db.records.errors import StoreError
from mixtrial.dashboard.frame import draw_apology, draw_style
from mixtrial.dashboard.signin import draw_door, is_signed_in
from mixtrial.dashboard.switching import draw_skeleton, place_of
from mixtrial.language.spoken import told
from mixtrial.server.page_guard import guarded, has_failed
from mixtrial.server.settings import SettingsError
from mixtrial.studies.study_folder import study_folder
from mixtrial.studio.leaving.leaving import draw_end
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
    """Draw the only page of the studio."""
    st.set_page_config(
        page_title="Studio", page_icon="🎧", layout="wide", initial_sidebar_state="collapsed"
    )
    page = st.Page(_draw, title="Studio", url_path="admin")
    st.navigation(
        [st.Page(_draw_nothing, title="Studio", default=True), page], position="hidden"
    ).run()


def _draw_nothing() -> None:
    """Empty page: the address without a path redirects to the studio."""


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


PLACES = ("list", "new", "study", "edit")
LEAD = "Sign in to make studies, to open them, and to follow them."


def _draw_chosen(studio: Studio) -> None:
    """Draw the page that the address names."""
    page, draw = _page_asked_for(studio)
    draw_skeleton("page")
    with place_of(page, PLACES, "page"):
        draw()
    draw_end()


def _page_asked_for(studio: Studio) -> tuple[str, Callable[[], None]]:
    """Name of the page in the address (one of ``PLACES``), and the function that draws it."""
    name = st.query_params.get("study")
    if st.query_params.get("new") is not None:
        return "new", partial(draw_new, studio)
    if name is None:
        return "list", partial(draw_list, studio)
    try:
        study = study_folder(studio.folder, name)
    except SettingsError as error:
        return "list", partial(_draw_list_instead, studio, str(error))
    if st.query_params.get("edit") is not None and study.study_file.is_file():
        return "edit", partial(draw_edit, study)
    return "study", partial(draw_study, studio, study)


def _draw_list_instead(studio: Studio, why: str) -> None:
    draw_sentence(why)
    draw_list(studio)


@st.fragment(run_every=WATCH_S)
def _watch_session(studio: Studio) -> None:
    """Leave the page if its session was ended elsewhere."""
    with suppress(StoreError):  # after an error, the next refresh tries again
        if not is_signed_in(studio):
            st.rerun()
