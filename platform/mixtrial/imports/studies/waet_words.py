"""Keys of WAET that mixtrial does not have, each with the reason."""

from __future__ import annotations

from collections.abc import Sequence

from mixtrial.imports.reading.guarded_xml import XmlElement
from mixtrial.imports.reading.notes import Notes
from stimuli.study_keys.faults import nearest_in_brackets

_SILENCE = "stimuli are cut by excerpt, and get no silence"
_PLAYS = "how often a stimulus is played is not limited; plays are recorded"
_LABELS = "stimuli are always called by letters or numbers of our own"

LOST_OF_THE_SETUP = {
    "projectReturn": "answers are stored by mixtrial's own server",
    "returnURL": "it is no link that the last page can offer",
    "sampleRate": "each song is played at the rate of its files",
    "crossFade": "stimuli are switched with a fade of 5 ms",
    "randomiseAxisOrder": "questions come in the order of the file",
    "preSilence": _SILENCE,
    "postSilence": _SILENCE,
    "playOne": "another stimulus can be chosen at any time",
    "minNumberPlays": _PLAYS,
    "maxNumberPlays": _PLAYS,
    "minWait": "nobody is made to wait",
    "name": "the setup is called by the title",
    "testTitle": "the title is the name of the file",
    "xmlns:xsi": "it names the schema",
    "xsi:noNamespaceSchemaLocation": "it names the schema, which is not read",
}
LOST_OF_A_PAGE = {
    **LOST_OF_THE_SETUP,
    "label": _LABELS,
    "labelStart": _LABELS,
    "loudness": "all pages are brought to one loudness, that of the setup",
    "poolSize": "all stimuli of a page are heard by everybody",
    "alwaysInclude": "which pages somebody gets is balanced over participants",
    "position": "the places of pages are balanced over participants",
    "restrictMovement": "a slider can be moved at any time",
}
LOST_OF_A_STIMULUS = {
    "label": _LABELS,
    "marker": "no value of a stimulus is asked for; see the report's screening instead",
    "loudness": "stimuli of a page are brought to one loudness",
    "alwaysInclude": "all stimuli of a page are heard by everybody",
    "preSilence": _SILENCE,
    "postSilence": _SILENCE,
    "startTime": "cut the file, or give the song an excerpt",
    "stopTime": "cut the file, or give the song an excerpt",
    "sampleRate": "each song is played at the rate of its files",
    "image": "pages show no pictures",
    "minNumberPlays": _PLAYS,
    "maxNumberPlays": _PLAYS,
}
LOST_OF_AN_ITEM = {
    "min": "how many are chosen is not limited",
    "max": "how many are chosen is not limited",
    "boxsize": "a text has one size of field",
    "randomise": "choices come in the order of the file",
    "step": "any number may be given",
    "value": "no answer is given beforehand",
    "url": "pages show no video",
}
ALWAYS_SHOWN = ("playhead", "page-count", "volume")
"""Elements that WAET shows on request, and our pages always."""
NOT_HERE = {
    "timeline": "no page of mixtrial asks for comments along the time",
}
"""Interfaces without a counterpart."""


def tell_unknown(notes: Notes, element: XmlElement, known: Sequence[str]) -> None:
    """Add notes on the children of an element that are not known."""
    for child in element.children:
        if child.name not in known:
            hint = nearest_in_brackets(child.name, known)
            notes.lost(child.line, f"{child.name} in {element.name}: not taken{hint}")
