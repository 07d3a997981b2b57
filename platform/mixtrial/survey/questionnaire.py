"""About the participant: experience, listening device, and the years of it if they like."""

from __future__ import annotations

import html
import re

import streamlit as st

from mixtrial.enrolment import answer_questionnaire
from mixtrial.survey.flow import progress_share
from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.survey.recruitment import recruitment_answers
from mixtrial.survey.visit import Visit
from stimuli.study_parts import Choice


def draw_questionnaire(visit: Visit) -> None:
    """Draw the questions; a complete answer leads on."""
    study = visit.here.study
    text = visit.locale.text
    draw_frame(visit.locale, study.title, text("about_you"), progress_share(visit.participant))
    draw_heading(text("about_you"), text("about_you_lead"))
    with card("questionnaire"):
        group = _choice(text("group_question"), study.groups, "group")
        device = _choice(text("device_question"), study.devices, "device")
        years = st.number_input(
            text("years_question"),
            min_value=0, max_value=80, value=None, step=1, key="years",
        )  # fmt: skip
        is_complete = group is not None and device is not None
        if not is_complete:
            st.html(f'<p class="mx-note">{html.escape(text("answer_both"))}</p>')
        going_on = st.button(text("continue"), type="primary", disabled=not is_complete)
    if going_on and group is not None and device is not None:
        answers = recruitment_answers(st.query_params)
        if years is not None:
            answers["years"] = str(years)
        answer_questionnaire(visit.here, visit.token, group, device, answers)
        st.rerun()


def described(label: str) -> tuple[str, str]:
    """A label's name and its description: what stands before and after the first colon."""
    name, *description = re.split("[:\N{FULLWIDTH COLON}]", label, maxsplit=1)
    return name.strip(), "".join(description).strip()


def _choice(question: str, choices: tuple[Choice, ...], key: str) -> str | None:
    """Name of the choice taken; None so far."""
    by_name = {choice.name: described(choice.label) for choice in choices}
    captions = [description for _, description in by_name.values()]
    chosen: str | None = st.radio(
        question,
        list(by_name),
        index=None,
        format_func=lambda name: by_name[name][0],
        captions=captions if any(captions) else None,
        key=key,
    )
    return chosen
