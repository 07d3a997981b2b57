"""The component for pages: it posts files to our route and reports when all files have arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from mixtrial.language.spoken import told
from mixtrial.server.public_address import public_address
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.studies.uploads import MAX_FILE_BYTES

COMPONENT_NAME = "mixtrial.uploader"
WORDS = "Drop audio files or a folder here"
TEXTS = (
    "Upload",
    "Choose files",
    "Choose a folder",
    "Replace",
    "Add a file",
    "{n} of {all}: {name}",
    "{n} file taken",
    "{n} files taken",
    "{n} of other kinds left out",
    "{n} refused:",
    "{name} is larger than {most} MiB",
    "{name} was not taken ({status})",
    "{name} could not be sent",
)
"""Texts of the component; its code has them in English."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An uploaded file: its path in the study's folder, and the cell on which it was dropped."""

    path: str
    song: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Cells:
    """HTML of a table in which cells with ``data-song`` and ``data-system`` accept files.

    ``route`` is the route that receives the files of cells; it contains ``{study}``.
    """

    html: str
    route: str


def draw_uploader(
    study: StudyFolder,
    route: str,
    kinds: Sequence[str],
    words: str = WORDS,
    cells: Cells | None = None,
) -> tuple[Taken, ...]:
    """Draw the area on which files are dropped; return the files that have just arrived.

    Parameters
    ----------
    study
        The study of the uploads.
    route
        Route that receives the files, with ``{study}`` in its path.
    kinds
        Endings of the files that are uploaded from a folder; other files in the folder are left
        out.
    words
        Text of the area where files are dropped; without a text, only the table is drawn.
    cells
        A table above it.
    """
    component = st.components.v2.component(
        COMPONENT_NAME, js="uploader.js", css="uploader.css", html="<div></div>"
    )
    data = {
        "url": public_address().outer(route.format(study=study.name)),
        "most_bytes": MAX_FILE_BYTES,
        "kinds": list(kinds),
        "words": words,
        "texts": {text: told(text) for text in TEXTS},
        "table": cells.html if cells else "",
        "cell_url": public_address().outer(cells.route.format(study=study.name)) if cells else "",
    }
    key = f"uploader-{study.name}{'-cells' if cells else ''}"
    result = component(key=key, data=data, on_done_change=lambda: None)
    return tuple(Taken(**each) for each in getattr(result, "done", None) or ())
