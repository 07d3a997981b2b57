"""Parts common to the studio's pages: top of the page, messages, actions that report faults."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from analysis.counts import counted
from mixtrial.dashboard.frame import draw_head, pill
from mixtrial.language.spoken import told
from mixtrial.server.settings import SettingsError
from mixtrial.studies.listing import ListedStudy
from stimuli.study.study import StudyError

STYLE = Path(__file__).with_name("studio.css")
SAID = "studio-said"
TONES = {"open": "good", "built": "good", "draft": "quiet", "closed": "quiet", "archived": "quiet"}


def draw_studio_style() -> None:
    """Add the studio's own CSS rules to the page, after the dashboard's style sheet."""
    st.html(f"<style>{STYLE.read_text(encoding='utf-8')}</style>")


def draw_top(over: str, title: str, pills: str = "") -> None:
    """Draw the top of a page, and a sentence about the previous action."""
    draw_head(over, title, pills, dict(st.query_params))
    said = st.session_state.pop(SAID, None)
    if said:
        draw_sentence(said)


def draw_way_back() -> None:
    """Draw the link back to the list."""
    if st.button(told("All studies"), icon=":material/arrow_back:", key="to-list"):
        go_to()


def draw_sentence(sentence: str) -> None:
    """Draw a sentence about the result of an action."""
    ended = "" if sentence.endswith((".", "?", "!")) else "."
    text = html.escape(told(f"{sentence[:1].upper()}{sentence[1:]}{ended}"))
    st.html(f'<p class="dx-note dx-flag" role="status">{text}</p>')


def state_pill(state: str) -> str:
    """HTML of a study's state."""
    return pill(state, TONES.get(state, "warn"))


def go_to(**query: str) -> None:
    """Go to another page of the studio."""
    st.query_params.clear()
    st.query_params.update(query)
    st.rerun()


def tried(action: Callable[[], object], said: str = "") -> bool:
    """Do an action of the studio; if the action fails, the next page shows the fault.

    Returns
    -------
    bool
        Whether the action was done.
    """
    try:
        action()
    except (SettingsError, StudyError, OSError) as error:
        st.session_state[SAID] = sentence_of(error)
        return False
    if said:
        st.session_state[SAID] = said
    return True


def sentence_of(error: Exception) -> str:
    """Sentences about a failure."""
    if isinstance(error, OSError) and error.strerror:
        return f"it could not be written: {error.strerror.lower()}"
    return str(error)


def who_came(study: ListedStudy) -> str:
    """Numbers of participants who came and who finished, in words."""
    if not study.enrolled:
        return told("nobody has taken part")
    return told(f"{study.finished} finished of {study.enrolled} who came")


def ago(moment: datetime) -> str:
    """Time since an event, in words."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            n = int(seconds // size)
            return told(f"{counted(n, word)} ago")
    return told("just now")
