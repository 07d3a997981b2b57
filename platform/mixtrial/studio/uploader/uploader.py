"""The component as the page uses it: it posts files to our route and says when all are there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mixtrial.server.public_address import public_address
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.studies.uploads import MAX_FILE_BYTES

COMPONENT_NAME = "mixtrial.uploader"
WORDS = "Drop audio files or a folder here"


def draw_uploader(study: StudyFolder, route: str, kinds: Sequence[str], words: str = WORDS) -> bool:
    """Draw where files are dropped; whether some have just come.

    Parameters
    ----------
    study
        The study that they come to.
    route
        Route that takes them, with ``{study}`` in it.
    kinds
        Endings of the files that are taken out of a folder; others in it are left out.
    words
        What stands where they are dropped.
    """
    component = st.components.v2.component(
        COMPONENT_NAME, js="uploader.js", css="uploader.css", html="<div></div>"
    )
    data = {
        "url": public_address().outer(route.format(study=study.name)),
        "most_bytes": MAX_FILE_BYTES,
        "kinds": list(kinds),
        "words": words,
    }
    result = component(key=f"uploader-{study.name}", data=data, on_done_change=lambda: None)
    return getattr(result, "done", None) is not None
