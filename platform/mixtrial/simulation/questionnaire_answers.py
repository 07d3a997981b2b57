"""Simulated participants' answers about themselves: possible answers, drawn at random.

The answers have no meaning. With simulated answers, a report, a dashboard and an export can be
tried before real participants come. A free text is left empty unless the question requires it.
"""

from __future__ import annotations

import numpy as np

from mixtrial.participation.standard_questions import ready_made
from mixtrial.server.language import study_locale
from stimuli.study.study import Study
from stimuli.study_keys.questionnaires import PREFER_NOT_TO_SAY, Question

STREAM = 0x5341
"""Keeps these draws apart from others of the same seed."""
WRITTEN = "written by a simulated participant"
UNSAID_SHARE = 0.05
YEARS_MEAN = 8.0


def simulated_answers(study: Study, index: int, group: str, device: str) -> dict[str, str]:
    """Answers of a participant to all questions of the study, by their keys.

    Parameters
    ----------
    study
        Ready-made questions and questionnaires are answered. A questionnaire that follows every
        page is answered only once, as after the first page.
    index
        Of the participant.
    group, device
        Earlier answers of the participant, on which questions can depend.
    """
    random = np.random.default_rng([study.seed, STREAM, index])
    known = ready_made(study_locale(study))
    answers: dict[str, str] = {
        name: _drawn(known[name], random) for name in dict.fromkeys(study.ask)
    }
    for questionnaire in study.questionnaires:
        prefix = questionnaire.name + (".1" if questionnaire.after_pages == "each" else "")
        so_far = {"group": group, "device": device}
        for question in questionnaire.questions:
            if question.is_asked(so_far):
                answer = _drawn(question, random)
                so_far[question.name] = answers[f"{prefix}.{question.name}"] = answer
    return {key: answer for key, answer in answers.items() if answer}


def _drawn(question: Question, random: np.random.Generator) -> str:
    if question.type == "text":
        return WRITTEN if question.required else ""
    if question.type == "number":
        return _number(question, random)
    unsaid = question.prefer_not_to_say and random.random() < UNSAID_SHARE
    said = [name for name in question.possible if name != PREFER_NOT_TO_SAY]
    if unsaid or not said:
        return PREFER_NOT_TO_SAY
    if question.type == "multiple":
        return " ".join(name for name in said if random.random() < 0.5) or said[0]
    return said[int(random.integers(len(said)))]


def _number(question: Question, random: np.random.Generator) -> str:
    low = 0.0 if question.minimum is None else float(question.minimum)
    high = low + 100.0 if question.maximum is None else float(question.maximum)
    value = min(high, low + random.exponential(min(YEARS_MEAN, (high - low) / 2)))
    return f"{value:.{question.decimals}f}"
