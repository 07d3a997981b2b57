"""Marks on the page for the script that takes a page away with the press that leads from it.

Conventions
-----------
A button that leads to another page has a key that begins with ``to-``. Each page, and each section
of the editor, has a place of its own (:mod:`mixtrial.dashboard.switching`). A button of Streamlit's
has no state of its own that a style sheet could go by, so a script notes the press, whatever the
server does. It shows a place again that a run of the server has left there to its end.
"""

from __future__ import annotations

import streamlit as st

COMPONENT_NAME = "mixtrial.leaving"
RUNS = "studio-runs"


def draw_end() -> None:
    """Mark the end of a run, by its number, and load the script."""
    runs = st.session_state[RUNS] = st.session_state.get(RUNS, 0) + 1
    with st.container(key="sx-end"):
        st.html(f'<i class="sx-drawn" data-run="{runs}"></i>')
        component = st.components.v2.component(COMPONENT_NAME, js="leaving.js", html="<div></div>")
        component(key="leaving")
