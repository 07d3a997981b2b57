"""Notice that a study file has changed since the server read it."""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.language.spoken import told
from mixtrial.server.installation import Installation, file_stamp
from stimuli.loading.load import load_study
from stimuli.study.new_version import changes_that_need_a_new_version
from stimuli.study.study import StudyError

FRESH_S = 5.0


def draw_changed_file(installation: Installation) -> None:
    """Draw a notice if the study file has changed since the server started."""
    stamp = file_stamp(installation.settings.study_path)
    if stamp is not None and stamp == installation.study_stamp:
        return
    if said := told(_said(installation)):
        st.html(f'<p class="dx-note dx-flag" role="status">{html.escape(said)}</p>')


def changed_file(installation: Installation) -> str:
    """Text about a changed study file; empty if the file has not changed."""
    try:
        now = load_study(installation.settings.study_path)
    except StudyError as error:
        return f"The study file has changed and cannot be read any more. {error}"
    if now == installation.study:
        return ""
    changes = changes_that_need_a_new_version(installation.study, now)
    if not changes:
        return (
            "The study file has changed. The change takes effect at the next start of the server."
        )
    sentences = "; ".join(change.sentence for change in changes[:3])
    more = f"; and {len(changes) - 3} more" if changes[3:] else ""
    return (
        f"The study file has changed so that this study cannot go on with it: {sentences}{more}. "
        "Take that back before the server is started again, or give the file an identifier and a "
        "folder of its own."
    )


@st.cache_data(
    ttl=FRESH_S,
    show_spinner=False,
    hash_funcs={Installation: lambda each: (str(each.settings.study_path), each.study.fingerprint)},
)
def _said(installation: Installation) -> str:
    return changed_file(installation)
