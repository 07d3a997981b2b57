"""Conflict with a file that somebody else has written: both changes side by side, and choices."""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.language.spoken import told
from mixtrial.studio.editor.document.document import StudyDocument
from mixtrial.studio.editor.document.merging import difference
from mixtrial.studio.editor.document.spans import EditError
from mixtrial.studio.editor.pages.form import attempt, renew, say

CHANGED = "Somebody else changed the file since it was read here."


def draw_conflict(document: StudyDocument) -> None:
    """Draw both changes if the file was changed elsewhere while there are unsaved changes here."""
    if not document.is_changed:
        return
    try:
        theirs = document.text_on_disk()
    except EditError as error:
        st.html(f'<p class="ed-fault" role="alert">{html.escape(told(str(error)))}</p>')
        return
    if theirs in (document.base, document.text):
        return
    meeting = document.conflicts(theirs)
    with st.container(key="ed-conflict", border=True):
        st.html(
            f'<p class="ed-fault" role="alert">{told(CHANGED)} '
            f"{html.escape(told(_advice(meeting)))}</p>"
        )
        here, there = st.columns(2)
        with here:
            st.caption(told("Changed here, not saved"))
            st.code(difference(document.base, document.text) or told("nothing"), language="diff")
        with there:
            st.caption(told("Changed in the file"))
            st.code(difference(document.base, theirs) or told("nothing"), language="diff")
        with st.container(horizontal=True, gap="small"):
            if meeting is not None:
                words = "Keep both changes" if not meeting else "Keep both; mine in conflicts"
                st.button(told(words), key="ed-merge", type="primary", on_click=_merge,
                          args=(document, theirs))  # fmt: skip
            st.button(told("Take theirs"), key="ed-theirs", on_click=_take, args=(document, theirs))


def _advice(meeting: list[tuple[int | str, ...]] | None) -> str:
    if meeting is None:
        return (
            "The changes cannot be merged automatically: take theirs, and make yours again. "
            "Undo restores your text."
        )
    if not meeting:
        return "The changes concern different things, so both can be kept."
    places = ", ".join(", ".join(_words(part) for part in place) for place in meeting)
    return f"You both changed {places}."


def _words(part: int | str) -> str:
    return f"entry {part + 1}" if isinstance(part, int) else part


def _merge(document: StudyDocument, theirs: str) -> None:
    if attempt(lambda: document.put_mine_on(theirs)):
        say("your changes are added to theirs; save to write both")
    renew()


def _take(document: StudyDocument, theirs: str) -> None:
    document.take_theirs(theirs)
    say("this is the file as they wrote it; undo restores your text")
    renew()
