"""About the participant: experience, listening device, and what else the study asks everybody."""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.participation.enrolment import answer_questionnaire
from mixtrial.participation.recruitment import recruitment_answers
from mixtrial.participation.standard_questions import ready_made
from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.survey.question_fields import choice_field, draw_fault, draw_question
from mixtrial.survey.screens import progress_share
from mixtrial.survey.visit import Visit


def draw_questionnaire(visit: Visit) -> None:
    """Draw the questions; a complete answer leads on."""
    study, text = visit.installation.study, visit.locale.text
    draw_frame(visit.locale, study.title, text("about_you"), progress_share(visit.participant))
    draw_heading(text("about_you"), text("about_you_lead"))
    questions = ready_made(visit.locale)
    answers: dict[str, str | None] = {}
    is_complete = True
    with card("questionnaire"):
        group = choice_field(text("group_question"), study.groups, "group")
        device = choice_field(text("device_question"), study.devices, "device")
        for name in dict.fromkeys(study.ask):
            answers[name] = draw_question(questions[name], visit.locale, name)
            fault = questions[name].fault(answers[name])
            is_complete = is_complete and fault is None
            if fault == "not_an_answer":
                draw_fault(questions[name], fault, visit.locale)
        is_complete = is_complete and group is not None and device is not None
        if not is_complete:
            st.html(f'<p class="mx-note">{html.escape(text("answer_all"))}</p>')
        going_on = st.button(text("continue"), type="primary", disabled=not is_complete)
    if going_on and group is not None and device is not None:
        given = {name: answer for name, answer in answers.items() if answer is not None}
        together = recruitment_answers(st.query_params) | given
        answer_questionnaire(visit.installation, visit.token, group, device, together)
        st.rerun()
