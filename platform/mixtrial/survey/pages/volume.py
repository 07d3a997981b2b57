"""The volume for all pages, set once: with a recording of the study, or by the laboratory."""

from __future__ import annotations

import streamlit as st

from mixtrial.calibration.seat import locked_gain
from mixtrial.player.player import draw_player, volume_data
from mixtrial.survey.frame import draw_frame, draw_heading, draw_paragraphs
from mixtrial.visits.rated_page import sound_url
from mixtrial.visits.screens import progress_share
from mixtrial.visits.visit import Visit, page_sample_rate

START_POSITION = 50
"""Of the slider, 0–100: its square is the gain, so this is 12 dB below the loudest."""


def draw_volume(visit: Visit) -> None:
    """Draw the volume page; the participant's wish to continue contains the chosen gain."""
    text, title = visit.locale.text, visit.installation.study.title
    draw_frame(visit.locale, title, text("volume"), progress_share(visit.participant))
    locked = locked_gain(visit.participant)
    if locked is None:
        draw_heading(text("volume_heading"), text("volume_lead"))
    else:
        draw_heading(text("volume_locked_heading"), text("volume_locked_lead"))
    draw_paragraphs(instructions_of_arm(visit))
    page = visit.participant.pages[0]
    sample_rate = page_sample_rate(visit, page.index)
    options = visit.installation.study.part(page.part).options
    sound, texts = sound_url(page.slots[options.volume_slot].audio_token), visit.locale.player
    data = volume_data(visit.token, sound, sample_rate, START_POSITION, texts, locked)
    going_on = draw_player(data)
    volume = None if going_on is None else going_on.get("volume")
    if isinstance(volume, int | float) and 0.0 <= volume <= 1.0:
        chosen = float(volume) if locked is None else locked
        visit.installation.store.record_volume(visit.token, chosen)
        st.rerun()


def instructions_of_arm(visit: Visit) -> str:
    """Instructions for participants of the same arm; empty if the study has no arms."""
    arms = {arm.name: arm.instructions for arm in visit.installation.study.arms}
    return arms.get(visit.participant.arm or "", "")
