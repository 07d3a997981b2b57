"""One key of a study file as a widget, by its kind; a line below the widget shows its fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import streamlit as st
import yaml

from mixtrial.language.spoken import told as in_language
from mixtrial.studio.editor.fields.field import LONG, Field, Kind
from mixtrial.studio.editor.fields.meanings import meaning_of
from mixtrial.studio.editor.fields.study_fields import path_of
from mixtrial.studio.editor.pages.form import Form, draw_departures, draw_faults
from stimuli.study_keys.yaml_source import Place, PlainLoader

MORE_LINES_PX = 130
ROWS = "One per line, names separated by commas."
WORDS_BY_VALUE = "One per line: a value of the scale, a colon and its word, or only the words."
FILES_BY_NAME = "One per line: a name, a colon and a file."


def draw_widget(form: Form, place: Place, field: Field) -> None:
    """Draw a key that has no keys below it."""
    with st.container(gap="xxsmall"):
        WIDGETS[field.kind](form, place, field)
        draw_faults(form.faults_below(place))
        draw_departures(form, place)


def label_of(form: Form, place: Place, field: Field) -> str:
    """Label above a widget; it is marked if the key is required in its group."""
    is_needed = len(place) == 1 or form.value(place[:-1]) is not None
    label = in_language(field.label)
    return f"{label} *" if field.is_required and is_needed else label


def help_of(place: Place) -> str | None:
    """Documentation of a key, with its name as in the file."""
    path = path_of(place)
    meaning = meaning_of(path)
    told = f"`{path[-1]}`: {meaning.text}" if meaning.text else f"`{path[-1]}`"
    return f"{told}\n\n{in_language('Left out:')} {meaning.default}" if meaning.default else told


def default_of(form: Form, place: Place, field: Field) -> str:
    """Default of a key in words."""
    if len(place) == 1 and isinstance(form.defaults.get(field.key), str):
        return str(form.defaults[field.key])
    if isinstance(field.default, bool | int | float):
        return _in_words(field.default)
    told = meaning_of(path_of(place)).default.replace("`", "").strip("[]")
    if not told and field.default not in (None, "", [], {}):
        told = _in_words(field.default)
    if re.fullmatch(r"\(?needed\)?|\w+ needed", told):
        return ""
    # A choice is a word of the study file and is not translated.
    return told if field.kind == "choice" else in_language(told)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _in_words(value: Any) -> str:
    """A value as a reader sees it; :func:`_shown` gives the value as it is in the file."""
    return in_language(_shown(value)) if isinstance(value, bool) else _shown(value)


def _text(form: Form, place: Place, field: Field) -> None:
    value, key = form.value(place), form.key(place)
    shown = "" if value is None else str(value).strip()
    default, label = default_of(form, place, field), label_of(form, place, field)
    with_names = form.names.get(field.key)
    if with_names and not isinstance(value, bool):
        _name(form, place, field, with_names)
        return
    # The kind of field is decided only once, because replacing the field while a user types would
    # lose the cursor.
    is_long = field.is_long or len(shown) > LONG or "\n" in shown
    if st.session_state.setdefault(f"{key}-is-long", is_long):
        st.text_area(
            label, value=shown, key=key, placeholder=default, help=help_of(place),
            height=MORE_LINES_PX, on_change=_take, args=(form, place, key, _as_text),
        )  # fmt: skip
    else:
        st.text_input(
            label, value=shown, key=key, placeholder=default, help=help_of(place),
            live=True, on_change=_take, args=(form, place, key, _as_text),
        )  # fmt: skip


def _name(form: Form, place: Place, field: Field, names: Any) -> None:
    """A name of something in the study: an existing name or a new name."""
    value, key = form.value(place), form.key(place)
    options = [*dict.fromkeys((*names, *([str(value)] if value is not None else [])))]
    st.selectbox(
        label_of(form, place, field), options,
        index=None if value is None else options.index(str(value)), key=key,
        placeholder=default_of(form, place, field), help=help_of(place),
        accept_new_options=True, on_change=_take, args=(form, place, key, _as_text),
    )  # fmt: skip


def _scalar(form: Form, place: Place, field: Field) -> None:
    value, key = form.value(place), form.key(place)
    st.text_input(
        label_of(form, place, field), value="" if value is None else _shown(value), key=key,
        placeholder=default_of(form, place, field), help=help_of(place), live=True,
        on_change=_take, args=(form, place, key, as_scalar),
    )  # fmt: skip


def _choice(form: Form, place: Place, field: Field) -> None:
    value, key = form.value(place), form.key(place)
    options: list[Any] = [True, False] if field.kind == "flag" else [*field.options]
    if value is not None and value not in options:
        options.append(value)
    default = default_of(form, place, field)

    def shown(option: Any) -> str:
        if option is None:
            return f"{in_language('left out:')} {default}" if default else in_language("not chosen")
        return _in_words(option)

    options = [None, *options]
    st.selectbox(
        label_of(form, place, field), options, index=options.index(value), key=key,
        format_func=shown, help=help_of(place),
        on_change=_take, args=(form, place, key, lambda chosen: chosen),
    )  # fmt: skip


def _words(form: Form, place: Place, field: Field) -> None:
    value, key = form.value(place), form.key(place)
    chosen = [*map(str, value)] if isinstance(value, list) else []
    names = form.names.get(field.key, ())
    options = [*dict.fromkeys((*map(str, field.options), *names, *chosen))]
    is_free = not field.options

    def taken(words: Any) -> Any:
        kept = [word if field.holds_texts else as_scalar(word) for word in words]
        # An empty list is kept if the default is not empty, because an empty list means "none".
        return kept or ([] if field.default else None)

    st.multiselect(
        label_of(form, place, field), options, default=chosen, key=key, help=help_of(place),
        placeholder=default_of(form, place, field) or in_language("none"),
        accept_new_options=is_free, on_change=_take, args=(form, place, key, taken),
    )  # fmt: skip
    if value == [] and field.default:
        st.button(
            in_language("Use the default"), key=form.key(place, "default"), type="tertiary",
            on_click=lambda: form.change(lambda: form.document.remove(place)),
        )  # fmt: skip


def _rows(form: Form, place: Place, field: Field) -> None:
    value, key = form.value(place), form.key(place)
    rows = value if isinstance(value, list) else [value] if value is not None else []
    lines = [", ".join(map(str, row)) if isinstance(row, list) else str(row) for row in rows]
    st.text_area(
        label_of(form, place, field), value="\n".join(lines), key=key, height=MORE_LINES_PX,
        placeholder=default_of(form, place, field),
        help=f"{help_of(place)}\n\n{in_language(ROWS)}",
        on_change=_take, args=(form, place, key, as_rows),
    )  # fmt: skip


def _by_name(form: Form, place: Place, field: Field) -> None:
    value, key = form.value(place), form.key(place)
    lines: list[str] = []
    if isinstance(value, Mapping):
        lines = [f"{_shown(name)}: {told}" for name, told in value.items()]
    elif isinstance(value, list):
        lines = [*map(str, value)]
    what = WORDS_BY_VALUE if field.may_be_list else FILES_BY_NAME
    st.text_area(
        label_of(form, place, field), value="\n".join(lines), key=key, height=MORE_LINES_PX,
        placeholder=default_of(form, place, field),
        help=f"{help_of(place)}\n\n{in_language(what)}",
        on_change=_take, args=(form, place, key, lambda text: as_named(text, field.may_be_list)),
    )  # fmt: skip


def _take(form: Form, place: Place, key: str, as_value: Callable[[Any], Any]) -> None:
    """Put the value of a widget into the document; an empty widget removes the key."""
    told = st.session_state[key]
    value = None if told is None else as_value(told)
    old = form.value(place)
    if value != (old.strip() if isinstance(old, str) else old) or type(value) is not type(old):
        form.put(place, value)


def _as_text(told: str) -> str | None:
    return told.strip() or None


def as_scalar(told: Any) -> Any:
    """A number or truth value if the text is one, otherwise the text; None if the text is empty."""
    text = str(told).strip()
    try:
        value = yaml.load(text, Loader=PlainLoader)
    except (yaml.YAMLError, ValueError):
        return text or None
    return value if isinstance(value, bool | int | float) else text or None


def as_rows(told: str) -> Any:
    """Lists of words, one list per line; a single line without a comma stays one word."""
    lines = [line.strip() for line in told.split("\n") if line.strip()]
    if len(lines) == 1 and "," not in lines[0]:
        return lines[0]
    return [[word.strip() for word in line.split(",") if word.strip()] for line in lines] or None


def as_named(told: str, may_be_list: bool) -> Any:
    """Values by name, from lines with colons; from lines without any colon, a list if allowed."""
    lines = [line.strip() for line in told.split("\n") if line.strip()]
    pairs = [re.match(r"([^:]+):\s*(.*)", line) for line in lines]
    if may_be_list and not any(pairs):
        return lines or None
    named = {
        as_scalar(pair[1]) if may_be_list else pair[1].strip(): pair[2]
        for line, found in zip(lines, pairs, strict=True)
        for pair in [found or (line, line, "")]
    }
    return named or None


Widget: TypeAlias = Callable[[Form, Place, Field], None]
WIDGETS: Mapping[Kind, Widget] = {
    "text": _text, "scalar": _scalar, "flag": _choice, "choice": _choice, "words": _words,
    "rows": _rows, "by_name": _by_name,
}  # fmt: skip
