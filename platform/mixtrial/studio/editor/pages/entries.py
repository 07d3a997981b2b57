"""Entries of a list: their names, and new entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from mixtrial.studio.editor.fields.field import Field
from mixtrial.studio.editor.fields.study_fields import TYPE
from mixtrial.studio.editor.pages.form import NAME, Form
from stimuli.study_keys.yaml_source import Place


def title_of(entry: Any, at: int) -> str:
    """Name of an entry of a list."""
    if isinstance(entry, Mapping):
        named = (entry.get(key) for key in (NAME, TYPE, "family_names", "song", "system"))
        return str(next((each for each in named if each), f"entry {at + 1}"))
    return str(entry)


def add_entry(form: Form, place: Place, entry: Any) -> None:
    """Add an entry at the end of a list, and show it."""
    n_entries = len(form.value(place) or ())
    form.change(lambda: form.document.insert((*place, n_entries), entry))
    st.session_state[f"ed-chosen-{'-'.join(map(str, place))}-kept"] = n_entries


def skeleton(field: Field, entries: Sequence[Any]) -> dict[str, object]:
    """A new entry with the keys that an entry needs, to be filled in."""
    entry: dict[str, object] = {}
    for each in field.inner:
        if each.key == NAME and each.kind == "text":
            stem = field.key.removesuffix("s")
            entry[NAME] = fresh(stem, [title_of(other, 0) for other in entries])
        elif each.is_required and each.kind == "choice":
            entry[each.key] = each.options[0]
        elif each.is_required and each.kind == "entries":
            entry[each.key] = [skeleton(each, ())]
        elif (
            each.is_required and each.kind == "text" and each.key in ("label", "question", "title")
        ):
            entry[each.key] = "To be written"
    return entry or {field.inner[0].key: "to_be_written"}


def fresh(stem: str, taken: Sequence[str]) -> str:
    """An unused name, made of the stem and a number."""
    number = len(taken) + 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"
