"""Ready-made questions: years of experience, age, known hearing loss."""

from __future__ import annotations

from mixtrial.server.language import Locale
from stimuli.study_keys.keys import AnswerOption
from stimuli.study_keys.questionnaires import Question


def ready_made(locale: Locale) -> dict[str, Question]:
    """Ready-made questions, by their names in the study file."""
    text = locale.text
    ages = [AnswerOption(name="under-18", label=text("age_under", age=18))]
    for low, high in ((18, 24), (25, 34), (35, 44), (45, 54), (55, 64)):
        ages.append(
            AnswerOption(name=f"{low}-{high}", label=text("age_between", low=low, high=high))
        )
    ages.append(AnswerOption(name="65-or-older", label=text("age_over", age=65)))
    hearing = [
        AnswerOption(name="none", label=text("hearing_none")),
        AnswerOption(name="slight", label=text("hearing_slight")),
        AnswerOption(name="considerable", label=text("hearing_considerable")),
        AnswerOption(name="unknown", label=text("hearing_unknown")),
    ]
    return {
        "years": Question(
            name="years", type="number", label=text("years_question"), required=False,
            minimum=0, maximum=80,
        ),
        "age": Question(
            name="age", type="choice", label=text("age_question"), choices=tuple(ages),
            prefer_not_to_say=True,
        ),
        "hearing": Question(
            name="hearing", type="choice", label=text("hearing_question"), choices=tuple(hearing),
            prefer_not_to_say=True,
        ),
    }  # fmt: skip
