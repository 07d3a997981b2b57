"""What a report must know of participants: the questions they answered, and where they stopped.

Answers stay where they are, in the table of participants.
"""

from __future__ import annotations

import json
from typing import Literal

import pandas as pd

from analysis.report.sections.sample import LEFT_OUT, AskedQuestion, ComersByStage, plain_key
from db.records.steps import Step
from mixtrial.imports.exported_tables import is_true
from mixtrial.participation.standard_questions import ready_made
from mixtrial.server.language import study_locale
from stimuli.study.study import Study
from stimuli.study_keys.questionnaires import Question

HEADPHONES = AskedQuestion(
    "headphones_passed", "Headphone check passed", "choice", {"yes": "yes", "no": "no"}
)
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


def asked_questions(study: Study) -> tuple[AskedQuestion, ...]:
    """Questions of a study in the order in which participants meet them."""
    devices = {device.name: _short(device.label) for device in study.devices}
    found = [AskedQuestion("device", "Listening device", "choice", devices)]
    ready = ready_made(study_locale(study)) if study.ask else {}
    found += [_asked(name, ready[name]) for name in dict.fromkeys(study.ask)]
    if study.headphones.test != "none":
        found.append(HEADPHONES)
    for questionnaire in study.questionnaires:
        again = " (each time it was asked)" if questionnaire.after_pages == "each" else ""
        found += [
            _asked(f"{questionnaire.name}.{question.name}", question, again)
            for question in questionnaire.questions
        ]
    return tuple(found)


def _asked(key: str, question: Question, again: str = "") -> AskedQuestion:
    """A question as the analysis takes it; a scale is a choice among its points."""
    kind: Literal["choice", "multiple", "number", "text"]
    kind = "choice" if question.type == "scale" else question.type
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
    return AskedQuestion(key, question.label + again, kind, choices)


def _short(label: str) -> str:
    """A label up to the colon, where its explanation begins."""
    return label.replace("\N{FULLWIDTH COLON}", ":").split(":")[0].strip()


def flow_of(people: pd.DataFrame, invited: int | None) -> ComersByStage:
    """How many came how far, and where those stand who did not finish.

    Parameters
    ----------
    people
        Participants that the report is about; the columns may be texts, as an archive has them.
    invited
        How many were invited; None: not known.
    """
    finished = people["finished_at"].astype(str) != ""
    stopped = people.loc[~finished, "step"].value_counts()
    return ComersByStage(
        enrolled=len(people),
        consented=int(is_true(people["consented"]).sum()),
        finished=int(finished.sum()),
        invited=invited,
        stopped={words: int(stopped[step]) for step, words in PLACES.items() if step in stopped},
    )


def without_words(people: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Table of participants whose written answers are left out; that there was one stays known."""
    written = {question.key for question in asked_questions(study) if question.kind == "text"}

    def silent(cell: str) -> str:
        answers = json.loads(cell) if cell else {}
        said = {key for key in answers if plain_key(key) in written}
        kept = {key: LEFT_OUT if key in said else answer for key, answer in answers.items()}
        return json.dumps(kept, sort_keys=True, ensure_ascii=False) if kept else ""

    return people.assign(answers=people["answers"].map(silent))
