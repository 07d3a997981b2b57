"""The return to a participant's panel: a code to enter, and a link to follow."""

from __future__ import annotations

import html
from collections.abc import Mapping

import streamlit as st

from mixtrial.participation.recruitment import recruitment_answers
from mixtrial.server.language import study_locale
from mixtrial.survey.frame import card
from stimuli.study.study import Study
from stimuli.study_keys.recruiting.completion_link import filled_link
from stimuli.study_keys.recruiting.recruitment import WayBack


def draw_way_back(
    study: Study, way: WayBack, answers: Mapping[str, str], words: tuple[str, str]
) -> None:
    """Draw the code and the link that exist, each with its name."""
    if way.code is not None:
        draw_label(words[0])
        st.code(way.code, language=None)
    if way.link is not None:
        link = filled_link(way.link, answers, study.recruitment.places)
        st.link_button(words[1], link, type="primary")


def draw_early_end(study: Study, told: str | None, answers: Mapping[str, str]) -> None:
    """Draw the way back for a participant who does not finish, if the study defines one.

    Parameters
    ----------
    study
        Study that recruits through a panel.
    told
        Code or link that the study file names for this kind of early end.
    answers
        Answers of the participant; parameters of the present address replace missing answers.
    """
    if told is None:
        return
    text = study_locale(study).text
    known = recruitment_answers(study.recruitment, st.query_params) | dict(answers)
    with card("way-back"):
        words = (text("panel_code"), text("panel_link"))
        draw_way_back(study, study.recruitment.way_back(told), known, words)


def draw_label(text: str) -> None:
    """Draw the label of the next line."""
    st.html(f'<p class="mx-label">{html.escape(text)}</p>')
