"""The server's pages: the survey at ``/``, the dashboard at ``/admin``."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

ENTRY = Path(__file__).with_name("entry.py")
"""The script that Streamlit runs at each visit."""


def draw_pages() -> None:
    """Draw the requested page."""
    st.set_page_config(
        page_title="Listening test",
        page_icon="🎧",
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    pages = [
        st.Page(_survey, title="Listening test", default=True),
        st.Page(_admin, title="Dashboard", url_path="admin"),
    ]
    st.navigation(pages, position="hidden").run()


def _survey() -> None:
    from mixtrial.survey.router import render_survey

    render_survey()


def _admin() -> None:
    render_dashboard, _ = dashboard()
    render_dashboard()


def dashboard() -> tuple[Callable[[], None], Callable[[str | None], None]]:
    """Functions that draw the dashboard and prepare its data; they are loaded at first use."""
    from mixtrial.dashboard.router import read_ahead, render_dashboard

    return render_dashboard, read_ahead
