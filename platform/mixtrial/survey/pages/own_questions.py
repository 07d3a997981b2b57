"""A study's own questionnaire on one page: drawn, checked, and stored with the participant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import streamlit as st

from mixtrial.participation.questionnaire_times import Occasion, checked_answers
from mixtrial.survey.frame import card, draw_frame, draw_heading, draw_paragraphs
from mixtrial.survey.question_fields import draw_fault, draw_open_questions, draw_question
from mixtrial.visits.screens import progress_share
from mixtrial.visits.visit import Visit
from stimuli.study_keys.questionnaires import ANSWERED_AT, ASKED_OF_ALL


def draw_own_questions(visit: Visit, occasion: Occasion) -> None:
    """Draw a questionnaire; go on after complete answers, else show which answers are missing."""
    questionnaire, text = occasion.questionnaire, visit.locale.text
    share = _share(visit)
    draw_frame(visit.locale, visit.installation.study.title, text("questions"), share)
    draw_heading(questionnaire.title)
    with card("questions"):
        if questionnaire.text:
            draw_paragraphs(questionnaire.text)
        faults = st.session_state.get(_faults_key(visit, occasion), {})
        with _form(visit, occasion):
            typed = _draw_fields(visit, occasion, faults)
            if faults:
                draw_open_questions(visit.locale)
            submit = st.button if questionnaire.is_branching else st.form_submit_button
            going_on = submit(text("continue"), type="primary")
    if going_on:
        _hand_in(visit, occasion, typed)


@contextmanager
def _form(visit: Visit, occasion: Occasion) -> Iterator[None]:
    """One form sends all answers; if an answer decides what is asked, each is sent separately."""
    if occasion.questionnaire.is_branching:
        yield
        return
    with st.form(_key(visit, occasion), border=False, enter_to_submit=False):
        yield


def _draw_fields(visit: Visit, occasion: Occasion, faults: dict[str, str]) -> dict[str, str | None]:
    given = occasion.given(visit.participant)
    known = {name: given[name] for name in ASKED_OF_ALL}
    typed: dict[str, str | None] = {}
    for question in occasion.questionnaire.questions:
        if not question.is_asked(known):
            continue
        key = f"{_key(visit, occasion)}-{question.name}"
        typed[question.name] = draw_question(question, visit.locale, key, given.get(question.name))
        known[question.name] = typed[question.name] or ""
        if question.name in faults:
            draw_fault(question, faults[question.name], visit.locale)
    return typed


def _hand_in(visit: Visit, occasion: Occasion, typed: dict[str, str | None]) -> None:
    """Store the answers; complete answers are stored with their time, and not changed later."""
    now = visit.installation.store.find_participant(visit.token)
    if now is None or occasion.is_over(now):
        st.rerun()  # another tab has stored the answers
    given = occasion.given(visit.participant)
    known = {name: given[name] for name in ASKED_OF_ALL}
    answers, faults = checked_answers(occasion, known, typed)
    if not faults:
        answers[occasion.key(ANSWERED_AT)] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    visit.installation.store.record_answers(visit.token, answers)
    st.session_state[_faults_key(visit, occasion)] = faults
    st.rerun()


def _share(visit: Visit) -> float:
    """Share of the session that is finished; less than 1 while questions at the end are open."""
    share = progress_share(visit.participant)
    return share if share < 1.0 else 1.0 - 0.5 / (len(visit.participant.pages) + 1)


def _key(visit: Visit, occasion: Occasion) -> str:
    return f"questions-{visit.token[:8]}-{occasion.prefix}"


def _faults_key(visit: Visit, occasion: Occasion) -> str:
    return f"faults-{_key(visit, occasion)}"
