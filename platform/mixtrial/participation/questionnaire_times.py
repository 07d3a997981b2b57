"""Moments at which a study shows its own questionnaires, found from the plan and the answers.

Conventions
-----------
Answers are stored under ``questionnaire.question``, or ``questionnaire.3.question`` for one that
comes after every page, here the third. The time at which a questionnaire was submitted is stored
under ``answered_at``. Only the entry ``answered_at`` shows that a questionnaire was submitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db.records.participation import Participant
from db.records.steps import Step
from stimuli.study.study import Study
from stimuli.study_keys.questionnaires import ANSWERED_AT, ASKED_OF_ALL, Questionnaire


@dataclass(frozen=True, slots=True)
class Occasion:
    """A questionnaire at one position in a study; the keys of its answers begin with ``prefix``."""

    questionnaire: Questionnaire
    prefix: str

    def key(self, name: str) -> str:
        """Key under which the answer to a question is stored."""
        return f"{self.prefix}.{name}"

    def given(self, participant: Participant) -> dict[str, str]:
        """Answers given so far, by the names of their questions; group and device are included."""
        known = {name: getattr(participant, name) or "" for name in ASKED_OF_ALL}
        for question in self.questionnaire.questions:
            answer = participant.answers.get(self.key(question.name))
            if answer is not None:
                known[question.name] = answer
        return known

    def is_over(self, participant: Participant) -> bool:
        """Whether the questionnaire was submitted, or has no questions for this participant."""
        if self.key(ANSWERED_AT) in participant.answers:
            return True
        known = self.given(participant)
        return not any(each.is_asked(known) for each in self.questionnaire.questions)


def due_occasion(study: Study, participant: Participant) -> Occasion | None:
    """Questionnaire to show now, before the volume page, the current page or the thanks.

    If a questionnaire should follow a page that the study does not have, the questionnaire is shown
    before the thanks.
    """
    return next(
        (each for each in _reached(study, participant) if not each.is_over(participant)), None
    )


def n_rated(participant: Participant) -> int:
    """Number of rated pages that a participant has finished."""
    is_done = participant.step.is_finished
    return sum(
        page.phase == "rating" and (is_done or page.index < participant.page_index)
        for page in participant.pages
    )


def _reached(study: Study, participant: Participant) -> list[Occasion]:
    """Questionnaires that a participant has reached, in order."""
    if participant.step is Step.VOLUME:
        return [Occasion(each, each.name) for each in study.questionnaires if each.when == "before"]
    if not participant.step.has_reached_pages:
        return []
    n_done, is_end = n_rated(participant), participant.step.is_finished
    between = []
    for each in study.questionnaires:
        if each.when != "between":
            continue
        if each.after_pages == "each":
            between += [Occasion(each, f"{each.name}.{n_done}")] if n_done else []
        elif each.after_pages is not None and (n_done >= each.after_pages or is_end):
            between.append(Occasion(each, each.name))
    after = [Occasion(each, each.name) for each in study.questionnaires if each.when == "after"]
    return between + (after if is_end else [])


def checked_answers(
    occasion: Occasion, known: Mapping[str, str], typed: Mapping[str, str | None]
) -> tuple[dict[str, str | None], dict[str, str]]:
    """Stored form of the answers to a questionnaire, and faults of the answers.

    Parameters
    ----------
    occasion
        The questionnaire, and its position in the study.
    known
        Group and device.
    typed
        Answers by the names of their questions.

    Returns
    -------
    dict
        Answers by their keys; the value None means that the stored answer is no longer valid and is
        removed.
    dict
        Faults of the answers, by the names of the questions; empty if there are no faults.
    """
    stored: dict[str, str | None] = {}
    faults: dict[str, str] = {}
    so_far = dict(known)
    for question in occasion.questionnaire.questions:
        answer = typed.get(question.name) if question.is_asked(so_far) else None
        if question.is_asked(so_far):
            fault = question.fault(answer)
            if fault is not None:
                faults[question.name] = fault
                answer = None
            so_far[question.name] = answer or ""
        filled = question.kept(answer) if answer and answer.strip() else None
        stored[occasion.key(question.name)] = filled
    return stored, faults
