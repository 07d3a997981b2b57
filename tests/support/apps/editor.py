"""The studio's editor of one study file alone, without a sign-in: for its own tests."""

import os
from pathlib import Path

import streamlit as st

from mixtrial.dashboard.frame import draw_style
from mixtrial.studio.editor.pages.editor_page import draw_editor

st.set_page_config(page_title="Editor", layout="wide")
draw_style()
draw_editor(Path(os.environ["EDITED_STUDY"]), has_begun=bool(os.environ.get("STUDY_HAS_BEGUN")))
