"""webMUSHRA's questionnaires; its keys that mixtrial does not have, each with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pydantic import ValidationError

from db.records.scale import DECIMALS
from mixtrial.imports.reading.lenient_yaml import Entry
from mixtrial.imports.reading.notes import Keys, shown
from mixtrial.imports.studies.gathered import Gathered, choice_keys, ends_of
from mixtrial.imports.studies.imported_study import (
    Asked,
    ChoiceKeys,
    PageOptions,
    QuestionKeys,
    QuestionnaireKeys,
    RangeKeys,
)
from mixtrial.imports.studies.naming import Naming
from stimuli.study_keys.questionnaires import ASKED_OF_ALL
from stimuli.study_keys.rated_scale import FEWEST_LABELS, MOST_LABELS, Range

REFERENCE = "reference"
_SHARES = {"ended": 1.0, "processUpdate": 0.05}
"""Share of a recording that has to be heard, by a word of the key ``mustPlayback``."""

NOT_HERE = {
    "spatial": "no page of mixtrial asks where a sound comes from",
}
"""Page types of webMUSHRA without a counterpart."""

_NO_WAVEFORM = "pages show no waveform, which could tell stimuli apart"
LOST = {
    "bufferSize": "the browser's own player needs none",
    "stopOnErrors": "a page whose sound cannot be loaded is never shown",
    "remoteService": "answers are stored by mixtrial's own server",
    "showWaveform": _NO_WAVEFORM,
    "randomize": "the order of stimuli is always balanced over participants",
    "showConditionNames": "tests are blind; no names are shown",
    "strict": "mixtrial check says where a test departs from the recommendation",
    "maxStimuli": "all stimuli of a page are heard by everybody",
    "stimulus": "the volume is set to a recording of the test",
    "defaultVolume": "the volume is the listener's own",
    "showResults": "results are not shown to participants",
    "writeResults": "answers are always stored, each as it is given",
    "showErrors": "a page that cannot be stored says so, and tries again",
    "createAnchor35": "the tool ignores it on this page",
    "createAnchor70": "the tool ignores it on this page",
}
"""Keys of a configuration and its pages, and why they have no counterpart."""

_NO_PICTURE = "a response is a word; pictures are not shown"
LOST_OF_A_RESPONSE = dict.fromkeys(("img", "imgSelected", "imgHigherResponseSelected"), _NO_PICTURE)
_LOST_OF_A_QUESTION = {"default": "no answer is given beforehand"}

_TYPES = {"text": "text", "long_text": "text", "number": "number", "likert": "choice"}


def must_listen(gathered: Gathered, entry: Entry | None) -> PageOptions:
    """The key ``must_listen`` of a page; empty if the page does not require listening."""
    if entry is None:
        return {}
    if entry.text not in _SHARES:
        gathered.notes.lost(
            entry.line, f"mustPlayback ({shown(entry)}): neither of {', '.join(_SHARES)}"
        )
        return {}
    share = _SHARES[entry.text]
    gathered.notes.taken(entry.line, f"mustPlayback is must_listen: {share:g}")
    return {"must_listen": share}


def beside_reference(gathered: Gathered, files: dict[str, Path], line: int) -> dict[str, Path]:
    """Files by system; no system can have the name of the reference."""
    if REFERENCE not in files:
        return files
    own = f"{REFERENCE} stimulus"
    while own in files:
        own += " 2"
    gathered.notes.assumed(line, f"the stimulus {REFERENCE} is called {own}, beside the reference")
    return {own if name == REFERENCE else name: path for name, path in files.items()}


def questionnaire(gathered: Gathered, entry: Entry) -> list[QuestionnaireKeys]:
    """A questionnaire after the pages; none if there are no questions."""
    names = Naming((*ASKED_OF_ALL, "answered_at"), "question")
    asked = [_question(gathered, each, names) for each in entry.items]
    questions = [question for question in asked if question is not None]
    if not questions:
        return []
    gathered.notes.assumed(entry.line, "the questionnaire has the heading Questions")
    return [{"name": "after", "when": "after", "title": "Questions", "questions": questions}]


def _question(gathered: Gathered, entry: Entry, names: Naming) -> QuestionKeys | None:
    keys = Keys(entry, gathered.notes, _LOST_OF_A_QUESTION)
    kind, name, label = keys.get("type"), keys.get("name"), keys.get("label")
    word = kind.text if kind else ""
    if word not in _TYPES:
        gathered.notes.lost(entry.line, f"a question of the type {word!r}")
        return None
    theirs = name.text if name else ""
    own = names.of(theirs, f"{theirs}\0{id(entry)}")
    if own != theirs:
        gathered.notes.assumed(entry.line, f"the question {theirs!r} is called {own}")
    words = gathered.words(label.text, label.line) if label else own
    question: QuestionKeys = {"name": own, "type": _TYPES[word], "label": words or own}
    if keys.flag("optional", "required: false"):
        question["required"] = False
    if word == "number":
        question |= _ends(gathered, keys)
    response = keys.get("response") if word == "likert" else None
    if response is not None:
        question |= choice_keys(_choices(gathered, response))
    gathered.notes.taken(name.line if name else entry.line, f"the question {own}")
    keys.close()
    return question


def _ends(gathered: Gathered, keys: Keys) -> QuestionKeys:
    """Smallest and largest number of a question, if both are numbers in ascending order."""
    low, high = (_number(gathered, keys.get(theirs), theirs) for theirs in ("min", "max"))
    if low is not None and high is not None and low >= high:
        gathered.notes.lost(keys.line, "min and max: the least number is not below the greatest")
        return {}
    return ends_of(low, high)


def _number(gathered: Gathered, entry: Entry | None, theirs: str) -> float | None:
    if entry is not None and entry.number is None:
        gathered.notes.lost(entry.line, f"{theirs} ({shown(entry)}): no number")
    return entry.number if entry else None


def _choices(gathered: Gathered, response: Entry) -> list[ChoiceKeys]:
    names = Naming(("prefer_not_to_say",), "choice")
    choices: list[ChoiceKeys] = []
    for number, entry in enumerate(response.items):
        keys = Keys(entry, gathered.notes, LOST_OF_A_RESPONSE)
        value, label = keys.get("value"), keys.get("label")
        own = names.of(value.text if value else "", str(number))
        words = gathered.words(label.text, entry.line) if label else ""
        choices.append({"name": own, "label": words or (value.text if value else own)})
        keys.close()
    return choices


def scale_of_responses(
    gathered: Gathered, scale: tuple[Entry, ...], label_of_scale: str, content: str
) -> Asked | None:
    """Responses as a question with words to choose from; None if this is not possible."""
    read = [_response(gathered, entry) for entry in scale]
    if not FEWEST_LABELS <= len(read) <= MOST_LABELS:
        return None
    return Asked("likert", content, label_of_scale, _range_of(gathered, read))


@dataclass(frozen=True, slots=True)
class _Response:
    line: int
    value: str
    number: float | None
    words: str


def _response(gathered: Gathered, entry: Entry) -> _Response:
    keys = Keys(entry, gathered.notes, LOST_OF_A_RESPONSE)
    value, label = keys.get("value"), keys.get("label")
    keys.close()
    text = value.text if value else ""
    words = gathered.words(label.text if label else "", entry.line) or text
    return _Response(entry.line, text, value.number if value else None, words)


def _range_of(gathered: Gathered, read: list[_Response]) -> RangeKeys:
    """Responses at their own values, the lowest first; at 1, 2, … if values cannot be kept."""
    ordered = read
    if all(each.number is not None for each in read):
        ordered = sorted(read, key=lambda each: each.number or 0.0)
    if ordered != read:
        gathered.notes.assumed(read[0].line, "responses stand from the lowest value to the highest")
    values = [each.number for each in ordered if each.number is not None]
    if len(values) == len(read) and _is_scale(values):
        for value, each in zip(values, ordered, strict=True):
            gathered.notes.taken(each.line, f"the response {each.value} is {value:g}")
        return _range(values, ordered)
    for place, each in enumerate(ordered, start=1):
        why = "the values are no numbers of one scale, and are counted from 1"
        gathered.notes.assumed(each.line, f"the response {each.value} is {place}: {why}")
    return _range(range(1, len(read) + 1), ordered)


def _is_scale(values: Sequence[float]) -> bool:
    """Whether a scale of mixtrial can have these values, and each value has few digits."""
    if len(set(values)) < len(values) or any(float(f"{value:g}") != value for value in values):
        return False
    try:
        Range.model_validate(_range(values, ()))
    except ValidationError:
        return False
    return True


def _range(values: Sequence[float], responses: Sequence[_Response]) -> RangeKeys:
    """Keys of a scale: ends, words with their values, and step if the values are evenly spaced."""
    at = [int(value) if float(value).is_integer() else value for value in values]
    steps = {round(high - low, DECIMALS) for low, high in pairwise(at)}
    found: RangeKeys = {"minimum": at[0], "maximum": at[-1]}
    if len(steps) == 1:
        found["step"] = steps.pop()
    labels = {place: each.words or f"{place:g}" for place, each in zip(at, responses, strict=False)}
    if labels:
        found["labels"] = labels
    return found
