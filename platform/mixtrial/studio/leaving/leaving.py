"""Marks on a page for a script, which hides the page after a click that leads to another page.

Conventions
-----------
A button that leads to another page has a key that begins with ``to-``. Each page, and each section
of the editor, is drawn at its own place (:mod:`mixtrial.dashboard.switching`). Streamlit's buttons
have no state that a style sheet could use. A script records the click on a button, independently of
the server. If the server's run ends with the same page, the script shows the hidden page again.
"""

from __future__ import annotations

import streamlit as st

COMPONENT_NAME = "mixtrial.leaving"
RUNS = "studio-runs"


def draw_end() -> None:
    """Mark the end of a run with its number, and load the script."""
    runs = st.session_state[RUNS] = st.session_state.get(RUNS, 0) + 1
    with st.container(key="sx-end"):
        st.html(f'<i class="sx-drawn" data-run="{runs}"></i>')
        component = st.components.v2.component(COMPONENT_NAME, js="leaving.js", html="<div></div>")
        component(key="leaving")
