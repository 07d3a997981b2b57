"""What a report must know of participants: the questions they answered, and where they stopped.

Questions are plain JSON, so that they can lie in an archive: {key, label, kind, choices}. Answers
stay where they are, in the table of participants.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd

from analysis.report.sections.sample import LEFT_OUT, AskedQuestion, plain_key
from db.records.steps import Step
from mixtrial.participation.standard_questions import ready_made
from mixtrial.server.language import locale_of
from stimuli.study.study import Study
from stimuli.study_keys.questionnaires import Question

HEADPHONES = {
    "key": "headphones_passed",
    "label": "Headphone check passed",
    "kind": "choice",
    "choices": {"yes": "yes", "no": "no"},
}
UNSAID = "prefers not to say"
PLACES = {
    Step.CONSENT: "the consent text",
    Step.QUESTIONNAIRE: "the questions about themselves",
    Step.VOLUME: "the volume page",
    Step.TRAINING: "the training page",
    Step.RATING: "a rating page",
    Step.THANKS: "the last page",
    Step.REFUSED: "a declined consent",
    Step.WITHDRAWN: "a withdrawal",
}
"""Where somebody stands who did not finish, in words."""


def asked_questions(study: Study) -> list[dict[str, Any]]:
    """Questions of a study in the order in which participants meet them."""
    found = [
        {
            "key": "device",
            "label": "Listening device",
            "kind": "choice",
            "choices": {device.name: _short(device.label) for device in study.devices},
        }
    ]
    ready = _ready_made(study)
    found += [ready[name] for name in dict.fromkeys(study.ask)]
    if study.headphones.test != "none":
        found.append(HEADPHONES)
    for questionnaire in study.questionnaires:
        again = " (each time it was asked)" if questionnaire.after_pages == "each" else ""
        found += [
            {**_asked(question), "key": f"{questionnaire.name}.{question.name}",
             "label": question.label + again}
            for question in questionnaire.questions
        ]  # fmt: skip
    return found


def _ready_made(study: Study) -> dict[str, dict[str, Any]]:
    if not study.ask:
        return {}
    questions = ready_made(locale_of(study.language))
    return {name: {**_asked(question), "key": name} for name, question in questions.items()}


def _asked(question: Question) -> dict[str, Any]:
    """Label, kind and choices of a question; a scale is a choice among its points."""
    kind = {"scale": "choice"}.get(question.type, question.type)
    choices = {choice.name: _short(choice.label) for choice in question.choices}
    if question.type == "scale":
        choices = {str(point): str(point) for point in question.points}
        ends = (
            (question.points[0], question.low_label),
            (question.points[-1], question.high_label),
        )
        choices |= {str(point): f"{point} ({label})" for point, label in ends if label}
    if question.prefer_not_to_say:
        choices[question.possible[-1]] = UNSAID
    return {"label": question.label, "kind": kind, "choices": choices}


def _short(label: str) -> str:
    """A label up to the colon, where its explanation begins."""
    return label.replace("\N{FULLWIDTH COLON}", ":").split(":")[0].strip()


def questions_of(facts: Iterable[Mapping[str, Any]]) -> tuple[AskedQuestion, ...]:
    """Questions as the analysis takes them."""
    return tuple(
        AskedQuestion(entry["key"], entry["label"], entry["kind"], dict(entry["choices"]))
        for entry in facts
    )


def flow_facts(people: pd.DataFrame, invited: int | None, kept: Collection[str]) -> dict[str, Any]:
    """How many came how far, and where those stand who did not finish.

    Parameters
    ----------
    people
        The table of participants; the columns may be texts, as an archive has them.
    invited
        How many were invited; None: not known.
    kept
        Kinds of participants that the report is about.
    """
    own = people[people["participant_kind"].isin(kept)] if kept else people
    finished = own["finished_at"].astype(str) != ""
    stopped = own.loc[~finished, "step"].value_counts()
    return {
        "invited": invited,
        "enrolled": len(own),
        "consented": int((own["consented"].astype(str) == "True").sum()),
        "finished": int(finished.sum()),
        "stopped": {words: int(stopped[step]) for step, words in PLACES.items() if step in stopped},
    }


def without_words(people: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Table of participants whose written answers are left out; that there was one stays known."""
    written = {entry["key"] for entry in asked_questions(study) if entry["kind"] == "text"}

    def silent(cell: str) -> str:
        answers = json.loads(cell) if cell else {}
        said = {key for key in answers if plain_key(key) in written}
        kept = {key: LEFT_OUT if key in said else answer for key, answer in answers.items()}
        return json.dumps(kept, sort_keys=True, ensure_ascii=False) if kept else ""

    return people.assign(answers=people["answers"].map(silent))
