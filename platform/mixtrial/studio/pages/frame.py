"""Parts common to the studio's pages: the head, sentences, and what is done with its fault told."""

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
    """Draw what the studio adds to the dashboard's style sheet."""
    st.html(f"<style>{STYLE.read_text(encoding='utf-8')}</style>")


def draw_top(over: str, title: str, pills: str = "") -> None:
    """Draw the head of a page, and what is to be said of what was done before."""
    draw_head(over, title, pills, dict(st.query_params))
    said = st.session_state.pop(SAID, None)
    if said:
        draw_sentence(said)


def draw_way_back() -> None:
    """Draw the way back to the list."""
    if st.button(told("All studies"), icon=":material/arrow_back:", key="to-list"):
        go_to()


def draw_sentence(sentence: str) -> None:
    """Draw a sentence that says what became of something."""
    ended = "" if sentence.endswith((".", "?", "!")) else "."
    text = html.escape(told(f"{sentence[:1].upper()}{sentence[1:]}{ended}"))
    st.html(f'<p class="dx-note dx-flag" role="status">{text}</p>')


def state_pill(state: str) -> str:
    """HTML of a study's state."""
    return pill(state, TONES.get(state, "warn"))


def go_to(**query: str) -> None:
    """Go to another of the studio's pages."""
    st.query_params.clear()
    st.query_params.update(query)
    st.rerun()


def tried(action: Callable[[], object], said: str = "") -> bool:
    """Do something; whatever is wrong with it is said on the page that follows.

    Returns
    -------
    bool
        Whether it was done.
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
    """Sentences about something that went wrong."""
    if isinstance(error, OSError) and error.strerror:
        return f"it could not be written: {error.strerror.lower()}"
    return str(error)


def who_came(study: ListedStudy) -> str:
    """How many have come and finished, in words."""
    if not study.enrolled:
        return told("nobody has taken part")
    return told(f"{study.finished} finished of {study.enrolled} who came")


def ago(moment: datetime) -> str:
    """How long ago something was, in words."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            n = int(seconds // size)
            return told(f"{counted(n, word)} ago")
    return told("just now")
