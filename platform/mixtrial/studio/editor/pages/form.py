"""Input for drawing a field: the document, its values and faults, and the storing of a value.

Conventions
-----------
A widget's key has the form's generation in it. Everything that a user types is stored in the
document by a callback function. If the document is changed otherwise than by a widget (by undo, by
moving an entry, or by replacing the text), the generation number changes, and every widget is
filled from the document again.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from mixtrial.language.spoken import told
from mixtrial.studio.editor.document.document import StudyDocument
from mixtrial.studio.editor.document.spans import EditError, value_at
from mixtrial.studio.editor.fields.departures import Departures
from mixtrial.studio.editor.fields.field import Field
from mixtrial.studio.editor.fields.study_fields import path_of
from stimuli.loading.load import StudyFault
from stimuli.standards.check import Departure
from stimuli.study_keys.yaml_source import Place

SAID = "editor-said"
GENERATION = "editor-generation"

NAME = "name"
"""Key that a plain word in place of an entry stands for."""


@dataclass(frozen=True, slots=True)
class Form:
    """A document of a study file, as drawn in one run.

    ``defaults`` are the texts of the document's language. ``departures`` are the document's
    departures from the recommendations.
    """

    document: StudyDocument
    values: Any
    faults: Sequence[StudyFault]
    defaults: Mapping[str, Any]
    names: Mapping[str, Sequence[str]]
    departures: Departures = field(default_factory=dict)

    def key(self, place: Place, what: str = "") -> str:
        """Key of the widget for the value at the path ``place``."""
        generation = st.session_state.get(GENERATION, 0)
        return "-".join(map(str, ("ed", generation, *place, what)))

    def value(self, place: Place) -> Any:
        """Value at the path ``place``; an entry that is only a word has this word as its name."""
        holder = value_at(self.values, place[:-1])
        if isinstance(holder, str) and place[-1] == NAME:
            return holder
        return value_at(self.values, place)

    def faults_at(self, place: Place) -> list[StudyFault]:
        """Faults at exactly the path ``place``."""
        return [fault for fault in self.faults if fault.place == place]

    def faults_below(self, place: Place) -> list[StudyFault]:
        """Faults at the path ``place`` or below it."""
        return [fault for fault in self.faults if fault.place[: len(place)] == place]

    def strays(self, place: Place, fields: Sequence[Field]) -> list[StudyFault]:
        """Faults of those keys in a group that have no field."""
        known = {each.key for each in fields}
        below = self.faults_below(place)
        return [f for f in below if f.place == place or f.place[len(place)] not in known]

    def put(self, place: Place, value: Any) -> None:
        """Set a value; None removes the key.

        An entry that is only a word becomes a mapping if another key is set.
        """
        holder = value_at(self.document.values, place[:-1])
        if isinstance(holder, str) and place[1:]:
            whole = value if place[-1] == NAME else {NAME: holder, place[-1]: value}
            attempt(lambda: None if value is None else self.document.set(place[:-1], whole))
        elif value is None:
            attempt(lambda: self.document.remove(place))
        else:
            attempt(lambda: self.document.set(place, value))

    def change(self, action: Callable[[], None]) -> None:
        """Change the document and let all widgets show the document again."""
        attempt(action)
        renew()


def attempt(action: Callable[[], object]) -> bool:
    """Do an action, show any fault on the page, and return whether the action was done."""
    try:
        action()
    except EditError as error:
        say(str(error))
        return False
    return True


def say(sentence: str) -> None:
    """Show a sentence the next time the page is drawn."""
    st.session_state[SAID] = sentence


def renew() -> None:
    """Let every widget show the present document."""
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1


def draw_faults(faults: Sequence[StudyFault]) -> None:
    """Draw the faults of a field beside the field."""
    for fault in faults:
        st.html(
            f'<p class="ed-fault" role="alert">{html.escape(as_sentence(told(fault.sentence)))}</p>'
        )


def draw_departures(form: Form, place: Place) -> None:
    """Draw a key's departure from the recommendations: not a fault, but it will be reported."""
    if any(isinstance(part, int) for part in place):
        return
    for each in form.departures.get(path_of(place), ()):
        st.html(f'<p class="ed-departs">{departure_html(each)}</p>')


def departure_html(departure: Departure) -> str:
    """HTML of a departure: the deviation, the requirement, the reason, and the source."""
    where = f"{departure.recommendation}, {departure.clause}"
    asked = f"{told('Asked for:')} {told(departure.asks)}"
    why = f"{told('Why:')} {told(departure.reason)} ({where})"
    return (
        f"<b>{told(departure.severity.capitalize())}</b> "
        f"{html.escape(as_sentence(_found(departure.found)))} "
        f"<small>{html.escape(f'{asked}. {why}.')}</small>"
    )


def _found(text: str) -> str:
    """The departure in words, after the name of its part if there are several parts."""
    part, _, rest = text.partition(": ")
    said = told(text)
    return f"{part}: {told(rest)}" if said == text and rest else said


def as_sentence(text: str) -> str:
    """A message with a full stop, and with a capital unless it begins with a key."""
    ended = "" if text.endswith((".", "?", "!")) else "."
    is_key = "_" in text.partition(" ")[0]
    return f"{text[:1] if is_key else text[:1].upper()}{text[1:]}{ended}"
