"""A page that is rated: one song, its mixes, and the study's attributes one after another."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from db.records import PageState
from mixtrial.player.player import RatedAttribute, RatingView, draw_player, rating_data
from mixtrial.survey.flow import minutes_left, page_number, progress_share
from mixtrial.survey.frame import draw_frame, draw_heading
from mixtrial.survey.visit import Visit, forget_opening, opened_page
from mixtrial.survey.volume import page_sample_rate
from stimuli.session_length import session_length


def draw_rating(visit: Visit) -> None:
    """Draw a song's page."""
    participant, study = visit.participant, visit.here.study
    index = participant.page_index
    number, count = page_number(participant.pages, index)
    text = visit.locale.text
    place = text("song_of", number=number, count=count)
    page_s = session_length(study, visit.here.manifest).page_s
    if page_s is not None:
        left = text("minutes_left", minutes=minutes_left(participant, page_s))
        place = f"{place} · {left}"
    draw_frame(visit.locale, study.title, place, progress_share(participant))
    draw_heading(study.song(participant.pages[index].song).shown_title)
    draw_page_player(visit)


def draw_page_player(visit: Visit) -> None:
    """Draw the player of the present page, and go on once the database says it is closed."""
    index = visit.participant.page_index
    going_on = draw_player(rating_data(rating_view(visit, opened_page(visit, index))))
    if going_on is None or going_on.get("page") != index:
        return
    now = visit.here.store.find_participant(visit.token)
    if now is not None and (now.step, now.page_index) == (visit.participant.step, index):
        # Another tab had the page; whoever presses here takes it over.
        forget_opening(visit, index)
    st.rerun()


def rating_view(visit: Visit, state: PageState) -> RatingView:
    """What the browser needs for a page; neither song nor system is named."""
    participant, study = visit.participant, visit.here.study
    page = state.page
    following = participant.pages[page.index + 1 : page.index + 2]
    return RatingView(
        token=visit.token,
        page_index=page.index,
        epoch=state.epoch,
        seq=state.seq,
        sample_rate=page_sample_rate(visit, page.index),
        gain=1.0 if participant.volume is None else participant.volume,
        audio_tokens=[slot.audio_token for slot in page.slots],
        next_audio_tokens=[slot.audio_token for each in following for slot in each.slots],
        attributes=[
            RatedAttribute(
                attribute.name,
                attribute.shown_label,
                attribute.question,
                attribute.low_label,
                attribute.high_label,
            )
            for attribute in study.attributes
        ],
        scale_labels=study.scale_labels,
        ratings=[asdict(rating) for rating in state.ratings],
        comments=study.comments,
        texts=visit.locale.player,
        is_last=page.index == len(participant.pages) - 1,
    )
