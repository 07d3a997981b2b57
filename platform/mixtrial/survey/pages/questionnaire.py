"""Questions about the participant: experience, listening device, and other general questions."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from mixtrial.participation.enrolment import answer_questionnaire
from mixtrial.participation.recruitment import recruitment_answers
from mixtrial.participation.standard_questions import ready_made
from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.survey.question_fields import (
    choice_field,
    draw_fault,
    draw_missing,
    draw_open_questions,
    draw_question,
)
from mixtrial.visits.screens import progress_share
from mixtrial.visits.visit import Visit
from stimuli.study_keys.questionnaires import ASKED_OF_ALL, Fault, Question


def draw_questionnaire(visit: Visit) -> None:
    """Draw the questions; go on after complete answers, else show which answers are missing."""
    text = visit.locale.text
    draw_frame(
        visit.locale,
        visit.installation.study.title,
        text("about_you"),
        progress_share(visit.participant),
    )
    draw_heading(text("about_you"), text("about_you_lead"))
    known = ready_made(visit.locale)
    questions: dict[str, Question] = {
        name: known[name] for name in dict.fromkeys(visit.installation.study.ask)
    }
    faults: Mapping[str, Fault] = st.session_state.get(_faults_key(visit), {})
    with card("questionnaire"), st.form("about-you", border=False, enter_to_submit=False):
        answers = _of_all(visit, faults) | _of_study(visit, questions, faults)
        if faults:
            draw_open_questions(visit.locale)
        going_on = st.form_submit_button(text("continue"), type="primary")
    if going_on:
        _hand_in(visit, questions, answers)


def _of_all(visit: Visit, faults: Mapping[str, Fault]) -> dict[str, str | None]:
    """Show the questions that every study asks (group, device), and return the answers."""
    study, text, answers = visit.installation.study, visit.locale.text, {}
    asked = {
        "group": (text("group_question"), study.groups),
        "device": (text("device_question"), study.devices),
    }
    for name, (question, choices) in asked.items():
        answers[name] = choice_field(question, choices, name)
        if name in faults:
            draw_missing(visit.locale)
    return answers


def _of_study(
    visit: Visit, questions: Mapping[str, Question], faults: Mapping[str, Fault]
) -> dict[str, str | None]:
    answers = {}
    for name, question in questions.items():
        answers[name] = draw_question(question, visit.locale, name)
        if name in faults:
            draw_fault(question, faults[name], visit.locale)
    return answers


def _hand_in(
    visit: Visit, questions: Mapping[str, Question], answers: Mapping[str, str | None]
) -> None:
    """Store the answers if they are complete; otherwise note which answers are missing."""
    faults: dict[str, Fault] = {name: "missing" for name in ASKED_OF_ALL if not answers[name]}
    for name, question in questions.items():
        if fault := question.fault(answers[name]):
            faults[name] = fault
    group, device = (answers[name] for name in ASKED_OF_ALL)
    if group and device and not faults:
        kept = {name: each.kept(answers[name]) for name, each in questions.items()}
        given = {name: answer for name, answer in kept.items() if answer and answer.strip()}
        sent_by = recruitment_answers(visit.installation.study.recruitment, st.query_params)
        together = sent_by | given
        answer_questionnaire(visit.installation, visit.token, group, device, together)
    st.session_state[_faults_key(visit)] = faults
    st.rerun()


def _faults_key(visit: Visit) -> str:
    return f"faults-about-you-{visit.token[:8]}"
