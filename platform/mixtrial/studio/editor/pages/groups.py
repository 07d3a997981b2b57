"""Fields for groups and lists of groups: one entry at a time, or one line per small entry."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import streamlit as st

from mixtrial.language.spoken import told as in_language
from mixtrial.studio.editor.fields.field import Field
from mixtrial.studio.editor.fields.meanings import meaning_of
from mixtrial.studio.editor.fields.study_fields import PARTS, fields_at, path_of
from mixtrial.studio.editor.pages.entries import add_entry, skeleton, title_of
from mixtrial.studio.editor.pages.form import NAME, Form, draw_departures, draw_faults
from mixtrial.studio.editor.pages.part_types import draw_new_part, draw_part_type
from mixtrial.studio.editor.pages.widgets import draw_widget
from stimuli.study_keys.yaml_source import Place

SMALL = 3
"""As many keys fit on a line."""


def draw_fields(form: Form, place: Place, fields: Sequence[Field]) -> None:
    """Draw the keys of a group."""
    draw_departures(form, place)
    draw_faults([] if not place else form.strays(place, fields))
    for field in fields:
        draw_field(form, (*place, field.key), field)


def draw_field(form: Form, place: Place, field: Field) -> None:
    """Draw a key, with all keys below it."""
    if field.kind == "group":
        _draw_group(form, place, field)
    elif field.kind == "entries":
        _draw_entries(form, place, field)
    else:
        draw_widget(form, place, field)


def _draw_group(form: Form, place: Place, field: Field) -> None:
    is_alone = len(place) == 1
    below = form.faults_below(place)
    told = meaning_of(path_of(place)).text
    with st.container(key=form.key(place, "group")):
        if is_alone:
            _draw_heading(in_language(field.label), told)
            draw_fields(form, place, field.inner)
            return
        is_there = form.value(place) is not None
        with st.expander(
            in_language(field.label), expanded=bool(below) or is_there, key=form.key(place, "box")
        ):
            st.caption(told)
            draw_fields(form, place, field.inner)


def _draw_heading(title: str, told: str = "") -> None:
    st.html(f'<h3 class="ed-heading">{html.escape(title)}</h3>')
    if told:
        st.caption(f"{told[:1].upper()}{told[1:]}.")


def _draw_entries(form: Form, place: Place, field: Field) -> None:
    entries = form.value(place)
    entries = entries if isinstance(entries, list) else []
    with st.container(key=form.key(place, "list")):
        _draw_heading(in_language(field.label), meaning_of(path_of(place)).text)
        draw_faults(form.faults_at(place))
        draw_departures(form, place)
        is_small = len(field.inner) <= SMALL and all(each.kind == "text" for each in field.inner)
        if entries and is_small:
            for at in range(len(entries)):
                _draw_line(form, (*place, at), field.inner)
        elif entries:
            _draw_chosen(form, place, field, entries)
        else:
            _draw_default(form, place, field)
        _draw_more(form, place, field, entries)


def _draw_line(form: Form, place: Place, fields: Sequence[Field]) -> None:
    """Draw the keys of a small entry side by side."""
    widths = [1, *([2] * (len(fields) - 1)), 0.4]
    *cells, last = st.columns(widths, vertical_alignment="bottom", gap="small")
    for cell, field in zip(cells, fields, strict=True):
        with cell:
            draw_widget(form, (*place, field.key), field)
    draw_faults(form.strays(place, fields))
    last.button(
        in_language("Remove"), key=form.key(place, "remove"), type="tertiary",
        on_click=lambda: form.change(lambda: form.document.remove(place)),
    )  # fmt: skip


def _draw_chosen(form: Form, place: Place, field: Field, entries: Sequence[Any]) -> None:
    """Draw the names of all entries, and the keys of the chosen entry."""
    wrong = {at for at in range(len(entries)) if form.faults_below((*place, at))}
    key = f"ed-chosen-{'-'.join(map(str, place))}"
    kept = st.session_state.get(f"{key}-kept", min(wrong, default=0))
    kept = kept if kept is not None and kept < len(entries) else len(entries) - 1

    def title(at: int) -> str:
        return ("⚠ " if at in wrong else "") + title_of(entries[at], at)

    chosen = st.pills(
        in_language(field.label), range(len(entries)), default=kept, format_func=title,
        required=True, key=form.key(place, "chosen"), label_visibility="collapsed",
    )  # fmt: skip
    at = kept if chosen is None else chosen
    st.session_state[f"{key}-kept"] = at
    inner = (*place, at)
    with st.container(border=True, key=form.key(inner, "entry")):
        if place == (PARTS,):
            draw_part_type(entries[at])
        draw_fields(form, inner, fields_at(inner, form.values) or field.inner)
        _draw_moves(form, inner, len(entries), f"{key}-kept")


def _draw_moves(form: Form, place: Place, n_entries: int, kept: str) -> None:
    position = int(place[-1])

    def move(to: int) -> None:
        form.change(lambda: form.document.move(place, to))
        st.session_state[kept] = to

    def remove() -> None:
        form.change(lambda: form.document.remove(place))
        st.session_state[kept] = max(position - 1, 0)

    with st.container(horizontal=True, gap="small"):
        st.button(in_language("Move up"), key=form.key(place, "up"), disabled=position == 0,
                  on_click=move, args=(position - 1,))  # fmt: skip
        st.button(in_language("Move down"), key=form.key(place, "down"),
                  disabled=position + 1 == n_entries, on_click=move,
                  args=(position + 1,))  # fmt: skip
        st.button(in_language("Remove"), key=form.key(place, "remove"), on_click=remove)


def _draw_default(form: Form, place: Place, field: Field) -> None:
    """Draw the default of an absent list; offer to write the default into the study file."""
    default = form.defaults.get(field.key) if len(place) == 1 else None
    if not isinstance(default, tuple | list) or not default:
        told = meaning_of(path_of(place)).default.replace("`", "")
        if told and told not in ("needed", "(needed)"):
            st.caption(f"{in_language('Left out:')} {told}.")
        return
    names = ", ".join(str(each.get("label", each.get(NAME))) for each in default)
    st.caption(f"{in_language('Left out:')} {names}.")
    st.button(
        in_language("Write these out to change them"), key=form.key(place, "write-out"),
        on_click=lambda: form.change(
            lambda: form.document.set(place, [dict(each) for each in default])
        ),
    )  # fmt: skip


def _draw_more(form: Form, place: Place, field: Field, entries: Sequence[Any]) -> None:
    if place == (PARTS,):
        draw_new_part(form, place, entries)
        return
    one = field.label.lower().removesuffix("s") if field.key.endswith("s") else "entry"
    words = " ".join(("add", "an" if one[:1] in "aeiou" else "a", one)).capitalize()
    add = in_language("add one")
    label = words if add == "add one" else f"{in_language(field.label)}: {add}"
    st.button(
        label, key=form.key(place, "add"),
        icon=":material/add:", on_click=add_entry, args=(form, place, skeleton(field, entries)),
    )  # fmt: skip
