"""Answers of participants, each in its own column, in a fixed order; meanings of the columns.

Conventions
-----------
The name of a column is the key of its answer: ``years``, or ``background.plays`` for the question
``plays`` of the questionnaire ``background``. Cells of answers are texts; an empty cell means that
the question was not answered. The column ``answers`` holds all answers as JSON, with every
character unchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import pandas as pd

from mixtrial.server.language import LANGUAGE, study_locale
from stimuli.study.study import Study
from stimuli.study_keys.questionnaires import ANSWERED_AT, Question, Questionnaire
from stimuli.study_keys.recruiting.recruitment import PROLIFIC

_MEANINGS = {
    LANGUAGE: ("text", "language in which the participant took the test"),
    "years": ("years", "experience with mixing or music production, as stated"),
    "age": ("text", "age bracket, as stated"),
    "hearing": ("text", "known hearing loss, as stated"),
    "headphones_passed": ("yes or no", "whether the headphone check was passed"),
    "headphones_test": ("text", "test of the headphone check"),
    "headphones_trials": ("count", "trials of an attempt"),
    "headphones_needed": ("count", "right answers that passed an attempt"),
    "headphones_attempts": ("count", "attempts that were allowed"),
    "headphones_gate": ("text", "what followed from failing: flag or required"),
    "calibration_level_db": ("dB SPL", "level of pink noise, measured at the participant's seat"),
    "calibration_weighting": ("A, C or Z", "frequency weighting of that level"),
    "calibration_gain_db": (
        "dB",
        "digital gain of the seat, out of the participant's reach",
    ),
    "calibration_noise_lufs": ("LUFS", "loudness of the pink noise (ITU-R BS.1770)"),
    "calibration_seat": ("text", "name of the seat or room"),
    "calibration_at": ("time, UTC", "when the level was typed in"),
}
_ATTEMPT = re.compile(r"headphones_(right|given)_(\d+)")


def with_answer_columns(participants: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return the table of participants with one column per question, in the study's order.

    Parameters
    ----------
    participants
        Table of participants, as ``Store.participants`` returns it.
    study
        The columns of the study's questions come first, even if a question was not asked. Columns
        of other answers come after the columns of the study's questions, sorted by name.
    """
    given = [json.loads(cell) if cell else {} for cell in participants["answers"]]
    named = {key for answers in given for key in answers}
    columns = [*_asked(study, named), *sorted(named - set(_asked(study, named)))]
    cells = {column: [answers.get(column, "") for answers in given] for column in columns}
    return pd.concat(
        [participants, pd.DataFrame(cells, index=participants.index, columns=columns)], axis=1
    )


def with_language(rows: pd.DataFrame, participants: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return rows of participants; add the column `language` if the study has several languages.

    Parameters
    ----------
    rows
        Ratings, or another table with the column participant.
    participants
        Table of participants, as ``Store.participants`` returns it.
    study
        Participants without a stored language, such as simulated participants, have the language of
        the study file.
    """
    if len(study.spoken) == 1:
        return rows
    given = zip(participants["participant"], participants["answers"], strict=True)
    spoken = {name: json.loads(cell).get(LANGUAGE) for name, cell in given if cell}
    return rows.assign(
        **{LANGUAGE: [spoken.get(name) or study.language for name in rows["participant"]]}
    )


def answer_meanings(study: Study, columns: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Unit and meaning of each column that holds answers."""
    meanings = {
        answer: ("text", f"{name} of the link")
        for name, answer in {**PROLIFIC.places, **study.recruitment.places}.items()
        if answer in set(columns)
    }
    for column in columns:
        own = _own_meaning(study, column)
        attempt = _ATTEMPT.fullmatch(column)
        if own is not None:
            meanings[column] = own
        elif column in _MEANINGS:
            meanings[column] = _MEANINGS[column]
        elif attempt is not None:
            which, number = attempt.groups()
            words = f"{which} sounds of attempt {number} of the headphone check, trial by trial"
            meanings[column] = ("numbers from 1", words)
    return meanings


def _asked(study: Study, named: set[str]) -> list[str]:
    """Keys of the study's own questions; questions after each page have one key per page."""
    spoken = [LANGUAGE] if len(study.spoken) > 1 else []
    keys: list[str] = [*spoken, *dict.fromkeys(study.ask)]
    for questionnaire in study.questionnaires:
        for prefix in _prefixes(questionnaire, named):
            names = [question.name for question in questionnaire.questions]
            keys += [f"{prefix}.{name}" for name in (*names, ANSWERED_AT)]
    return keys


def _prefixes(questionnaire: Questionnaire, named: set[str]) -> list[str]:
    if questionnaire.after_pages != "each":
        return [questionnaire.name]
    pattern = re.compile(re.escape(questionnaire.name) + r"\.(\d+)\.")
    pages = {int(found[1]) for key in named if (found := pattern.match(key))}
    return [f"{questionnaire.name}.{page}" for page in sorted(pages)]


def _own_meaning(study: Study, column: str) -> tuple[str, str] | None:
    """Unit and meaning of an answer to a questionnaire of the study."""
    parts = column.split(".")
    for questionnaire in study.questionnaires:
        if parts[0] != questionnaire.name or len(parts) not in (2, 3):
            continue
        place = f" after page {parts[1]}" if len(parts) == 3 else ""
        if parts[-1] == ANSWERED_AT:
            return "time, UTC", f"when the questionnaire {parts[0]} was handed in{place}"
        for question in questionnaire.questions:
            if question.name == parts[-1]:
                return _unit(question), f"{question.label}{_choices(question, study)}{place}"
    return None


def _unit(question: Question) -> str:
    if question.type == "number":
        return question.unit or "number"
    if question.type == "scale":
        return f"points, {question.points[0]}-{question.points[-1]}"
    return {"choice": "text", "multiple": "texts", "text": "text"}[question.type]


def _choices(question: Question, study: Study) -> str:
    """Return the possible answers with their labels, in brackets."""
    unsaid = study_locale(study).text("prefer_not_to_say")
    labels = {choice.name: choice.label for choice in question.choices}
    ends = {
        str(question.points[0]): question.low_label,
        str(question.points[-1]): question.high_label,
    }
    words = [
        f"{name}: {labels.get(name) or ends.get(name) or unsaid}"
        for name in question.possible
        if question.type != "scale" or ends.get(name) or not name.lstrip("-").isdecimal()
    ]
    return f" ({'; '.join(words)})" if words else ""
