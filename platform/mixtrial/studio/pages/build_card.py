"""The build of a study: its start, its progress, its cancelling.

The build of a study continues while nobody watches it.
"""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.dashboard.frame import card
from mixtrial.language.spoken import told
from mixtrial.server.page_guard import guarded
from mixtrial.studies.listing import DRAFT, ListedStudy
from mixtrial.studio.children.builds import Build
from mixtrial.studio.pages.frame import draw_sentence, tried
from mixtrial.studio.running import Studio

LEAD = "The stimuli are rendered, made equally loud, and given names that reveal nothing."
REFRESH_S = 1.0


def draw_build(studio: Studio, study: ListedStudy) -> None:
    """Draw the progress of the build, and the possible actions."""
    with card("build", "Build", LEAD):
        build = studio.builds.of(study.folder)
        if build is not None and not build.is_over:
            _draw_progress(studio, study, build)
            return
        if build is not None:
            draw_sentence(build.fault or build.said)
        is_draft = study.state == DRAFT
        label = "Build the study" if is_draft else "Build it again"
        if st.button(told(label), type="primary" if is_draft else "secondary", key="build"):
            # A running server would continue to use the files of the last build.
            studio.servers.stop(study.folder)
            tried(lambda: studio.builds.start(study.folder))
            st.rerun()


@st.fragment(run_every=REFRESH_S)
def _draw_progress(studio: Studio, study: ListedStudy, build: Build) -> None:
    """Draw the progress again every second, and the whole page at the end."""
    with guarded("studio"):
        if build.is_over:
            st.rerun()
        said = f"{build.done:.0f} of {build.total:.0f}" if build.total else "reading the files"
        parts = [told(part) for part in (said, build.left, build.text) if part]
        st.progress(build.share)
        st.html(f'<p class="dx-note" role="status">{html.escape(", ".join(parts))}</p>')
        if st.button(told("Cancel"), key="cancel-build"):
            studio.builds.cancel(study.folder)
            st.rerun()
