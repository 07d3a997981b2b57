"""The component as the page uses it: it posts files to our route and says when all are there."""

from __future__ import annotations

import streamlit as st

from mixtrial.server.public_address import public_address
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.studies.uploads import MAX_FILE_BYTES
from mixtrial.studio.upload_routes import FILES

COMPONENT_NAME = "mixtrial.uploader"


def draw_uploader(study: StudyFolder) -> bool:
    """Draw where files are dropped; whether some have just come."""
    component = st.components.v2.component(
        COMPONENT_NAME, js="uploader.js", css="uploader.css", html="<div></div>"
    )
    data = {
        "url": public_address().outer(FILES.format(study=study.name)),
        "most_bytes": MAX_FILE_BYTES,
    }
    result = component(key=f"uploader-{study.name}", data=data, on_done_change=lambda: None)
    return getattr(result, "done", None) is not None
