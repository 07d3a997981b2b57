"""The pages behind the server's doors: the survey at ``/``, the dashboard at ``/admin``."""

import streamlit as st


def survey() -> None:
    """Draw the participant's page."""
    from mixtrial.survey.router import render_survey

    render_survey()


def admin() -> None:
    """Draw the researcher's page; it guards itself."""
    from mixtrial.dashboard.router import render_dashboard

    render_dashboard()


st.set_page_config(
    page_title="Listening test",
    page_icon="🎧",
    layout="wide",
    initial_sidebar_state="collapsed",
)
pages = [
    st.Page(survey, title="Listening test", default=True),
    st.Page(admin, title="Dashboard", url_path="admin"),
]
st.navigation(pages, position="hidden").run()
