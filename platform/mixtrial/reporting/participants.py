"""Participants in a report: their answers to questions, and the pages at which they stopped.

The individual answers to questions are only in the table of participants.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from analysis.report.sections.plan import MEASURED
from analysis.report.sections.sample import LEFT_OUT, AskedQuestion, ComersByStage, plain_key
from db.records.steps import Step
from mixtrial.calibration.seat import LASTS, LEVEL_KEY, PREFIX
from mixtrial.imports.exported_tables import is_true
from mixtrial.participation.standard_questions import ready_made
from mixtrial.server.language import LANGUAGE, language_name, study_locale
from stimuli.study.study import Study
from stimuli.study_keys.questionnaires import Question

HEADPHONES = AskedQuestion(
    "headphones_passed", "Headphone check passed", "choice", {"yes": "yes", "no": "no"}
)
CALIBRATED = "calibrated level"
STATED_LEVEL = "listening_level"
"""Key of the level as the study file states it."""
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
"""Stage reached by somebody who did not finish, in words."""


def asked_questions(study: Study) -> tuple[AskedQuestion, ...]:
    """Questions of a study, in the order in which participants see them."""
    devices = {device.name: _short(device.label) for device in study.devices}
    found = [AskedQuestion("device", "Listening device", "choice", devices)]
    if len(study.spoken) > 1:
        names = {code: language_name(study, code) for code in study.spoken}
        found.insert(0, AskedQuestion(LANGUAGE, "Language of the test", "choice", names))
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
    """A question for the analysis; a scale becomes a choice between its points."""
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
    """A label without its explanation, which follows the first colon."""
    return label.replace("\N{FULLWIDTH COLON}", ":").split(":")[0].strip()


def flow_of(people: pd.DataFrame, invited: int | None) -> ComersByStage:
    """Numbers of participants by progress, and the last steps of those who did not finish.

    Parameters
    ----------
    people
        Participants that the report is about; the columns can be of type text, as in an archive.
    invited
        Number of invited people; None if unknown.
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
    """Table of participants in which a note replaces each written answer."""
    written = {question.key for question in asked_questions(study) if question.kind == "text"}

    def silent(cell: str) -> str:
        answers = json.loads(cell) if cell else {}
        said = {key for key in answers if plain_key(key) in written}
        kept = {key: LEFT_OUT if key in said else answer for key, answer in answers.items()}
        return json.dumps(kept, sort_keys=True, ensure_ascii=False) if kept else ""

    return people.assign(answers=people["answers"].map(silent))


def with_calibration(
    conditions: tuple[tuple[str, str, str | None], ...] | None, people: pd.DataFrame | None
) -> tuple[tuple[str, str, str | None], ...] | None:
    """Listening conditions with the levels measured at participants' seats, if any.

    The measured levels are listed after the study file's own text on the level, if there is such a
    text.
    """
    measured = None if people is None else calibrated_level(people)
    if conditions is None or measured is None:
        return conditions
    found: list[tuple[str, str, str | None]] = []
    for key, what, text in conditions:
        if key != STATED_LEVEL or text is not None:
            found.append((key, what, text))
        if key == STATED_LEVEL:
            found.append((MEASURED, CALIBRATED, measured))
    return tuple(found)


def calibrated_level(people: pd.DataFrame) -> str | None:
    """Levels, noise and gain of the calibrated seats that were used; None if there are none."""
    if not {"answers", "consented_at"} <= set(people):
        return None
    answers = [json.loads(cell) if cell else {} for cell in people["answers"]]
    seated = [index for index, said in enumerate(answers) if LEVEL_KEY in said]
    if not seated:
        return None
    told = [answers[index] for index in seated]
    began = _times([str(people["consented_at"].iloc[index]) for index in seated])
    n_late = int((began - _times([said[f"{PREFIX}at"] for said in told]) > LASTS).sum())
    weightings = "/".join(sorted({said[f"{PREFIX}weighting"] for said in told}))
    late = f"; {n_late} of them began more than a day later" if n_late else ""
    return (
        f"{_span(told, 'level_db')} dB({weightings}) with pink noise of "
        f"{_span(told, 'noise_lufs')} LUFS at a gain of {_span(told, 'gain_db')} dB, measured at "
        f"the seats of {len(seated)} of {len(answers)} participants{late}"
    )


def _times(texts: Sequence[str]) -> pd.Series[pd.Timestamp]:
    times = pd.Series(list(texts), dtype=object)
    return pd.to_datetime(times, utc=True, errors="coerce", format="mixed")


def _span(told: Sequence[Mapping[str, str]], name: str) -> str:
    """One number, or the lowest and the highest number."""
    texts = {said[f"{PREFIX}{name}"] for said in told}
    ends = dict.fromkeys((min(texts, key=float), max(texts, key=float)))
    return " to ".join(ends).replace("-", "\N{MINUS SIGN}")
