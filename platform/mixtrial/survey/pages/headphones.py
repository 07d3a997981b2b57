"""The headphone check: three sounds per trial, one of them different; each answer is stored."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mixtrial.participation.headphone_check import HeadphoneCheck, answered
from mixtrial.participation.headphone_signals import GAP_S, INTERVALS, SAMPLE_RATE, SOUND_S
from mixtrial.player.player import HeadphoneView, draw_player, headphone_data
from mixtrial.survey.frame import card, draw_frame, draw_heading, draw_paragraphs
from mixtrial.survey.pages.way_back import draw_early_end
from mixtrial.visits.screens import progress_share
from mixtrial.visits.visit import Visit


def draw_headphones(visit: Visit, check: HeadphoneCheck) -> None:
    """Draw a trial; an answer leads to the next trial or the next page."""
    study, text = visit.installation.study, visit.locale.text
    number, count = len(check.given) + 1, study.headphones.trials
    place = text("headphone_trial", number=number, count=count)
    draw_frame(visit.locale, study.title, place, progress_share(visit.participant))
    words = {
        "huggins": (text("huggins_heading"), text("huggins_lead")),
        "antiphase": (text("antiphase_heading"), text("antiphase_lead")),
    }
    draw_heading(*words[study.headphones.test])
    going_on = draw_player(headphone_data(_view(visit, check)))
    if going_on is not None:
        _store(visit, going_on.get("attempt"), going_on.get("trial"), going_on.get("given"))


def draw_headphones_needed(visit: Visit) -> None:
    """Draw a polite end of the test for participants without headphones."""
    text, title = visit.locale.text, visit.installation.study.title
    draw_frame(visit.locale, title, text("headphone_check"), 1.0)
    draw_heading(text("headphones_needed"))
    with card("headphones"):
        draw_paragraphs(text("headphones_needed_lead"))
    study = visit.installation.study
    draw_early_end(study, study.recruitment.screened_out, visit.participant.answers)


def _view(visit: Visit, check: HeadphoneCheck) -> HeadphoneView:
    volume = visit.participant.volume
    return HeadphoneView(
        token=visit.token,
        attempt=check.attempt,
        trial=len(check.given),
        sample_rate=SAMPLE_RATE,
        gain=1.0 if volume is None else volume,
        starts_s=[number * (SOUND_S + GAP_S) for number in range(INTERVALS)],
        sound_s=SOUND_S,
        texts=visit.locale.player,
    )


def _store(visit: Visit, attempt: Any, trial: Any, given: Any) -> None:
    """Store an answer to the current trial; a repeated answer changes nothing."""
    if not all(isinstance(each, int) for each in (attempt, trial, given)):
        return
    someone = visit.participant
    answers = answered(visit.installation.study, someone, attempt, trial, given)
    if answers is None:
        return
    visit.installation.store.record_questionnaire(
        visit.token, someone.group or "", someone.device or "", answers
    )
    st.rerun()
