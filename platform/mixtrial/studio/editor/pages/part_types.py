"""Page types of parts with their pictures and descriptions, and the length of a session."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from mixtrial.dashboard.frame import draw_figures
from mixtrial.language.spoken import told
from mixtrial.studio.editor.fields.meanings import type_in_a_line, type_in_full
from mixtrial.studio.editor.fields.study_fields import TYPE
from mixtrial.studio.editor.pages.entries import add_entry, fresh, title_of
from mixtrial.studio.editor.pages.form import NAME, Form
from mixtrial.studio.editor.pictures.pictures import picture_html
from stimuli.design.session_length import session_length
from stimuli.page_types.registry import page_types
from stimuli.study.study import Study
from stimuli.study_keys.yaml_source import Place

A_ROW = 3
"""Number of page types side by side."""


def draw_part_type(entry: Any) -> None:
    """Draw the page type of a part: its picture and its description."""
    kind = str(entry.get(TYPE)) if isinstance(entry, Mapping) else ""
    if kind in page_types():
        picture = picture_html(kind, told(f"A page of the type {kind}"))
        if picture:
            st.html(picture)
        st.caption(f"**{_sentence(kind)}**")
        st.caption(type_in_full(kind))


def draw_new_part(form: Form, place: Place, entries: Sequence[Any]) -> None:
    """Draw the names of the page types that a new part can have, and on request their pictures."""
    key = form.key(place, "new-type")

    def add(kind: str) -> None:
        taken = [title_of(each, 0) for each in entries]
        named = {NAME: fresh(kind, taken)} if kind in taken else {}
        add_entry(form, place, {TYPE: kind, **named})

    st.selectbox(
        told("Add a part of type"), page_types(), index=None, key=key,
        on_change=lambda: add(st.session_state[key]),
        format_func=lambda kind: f"{kind} – {told(type_in_a_line(kind))}",
        placeholder=told("Choose a page type"),
    )  # fmt: skip
    if st.toggle(
        told("Show what each page type looks like"), value=not entries, key="ed-see-types"
    ):
        for row in range(0, len(page_types()), A_ROW):
            kinds = [*page_types()][row : row + A_ROW]
            for column, kind in zip(st.columns(A_ROW), kinds, strict=False):
                with column:
                    _draw_choice(form, place, kind, add)


def _draw_choice(form: Form, place: Place, kind: str, add: Callable[[str], None]) -> None:
    with st.container(key=form.key(place, f"see-{kind}")):
        st.html(
            f"{picture_html(kind, told(f'A page of the type {kind}'))}"
            f'<p class="ed-type"><b>{html.escape(kind)}</b> {html.escape(_sentence(kind))}</p>'
        )
        st.button(
            told(f"Add {kind}"), key=form.key(place, f"add-{kind}"), on_click=add, args=(kind,)
        )


def _sentence(kind: str) -> str:
    line = told(type_in_a_line(kind))
    return f"{line[:1].upper()}{line[1:]}"


def draw_session(study: Study | None) -> None:
    """Draw the length of one participant's session, or a sentence if the study cannot be read."""
    if study is None:
        st.caption(told("The length of a session is shown when nothing is left to correct."))
        return
    length = session_length(study)
    minutes = "–" if length.duration_s is None else f"{length.duration_s / 60:.0f} min"
    draw_figures(
        [
            (str(length.n_pages), "Pages", "of one participant, practice included"),
            (str(length.n_ratings), "Answers", "asked of one participant"),
            (minutes, "Session", "an estimate, each stimulus heard once"),
        ]
    )
