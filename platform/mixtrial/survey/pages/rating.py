"""A page that is rated: one song, its mixes, and the study's attributes one after another."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from db.records.participation import Page, PageState
from mixtrial.participation.page_order import page_number
from mixtrial.player.player import (
    OpenReference,
    PageRules,
    RatedAttribute,
    RatingView,
    draw_player,
    rating_data,
)
from mixtrial.survey.frame import draw_frame, draw_heading
from mixtrial.survey.pages.volume import page_sample_rate
from mixtrial.survey.screens import (
    has_page_a_song,
    like_settled,
    may_end_early,
    minutes_left,
    page_before,
    progress_share,
)
from mixtrial.survey.visit import Visit, forget_opening, opened_page
from stimuli.design.session_length import mean_excerpt_s, page_seconds
from stimuli.page_types.base import DRY_NAMES, Part


def draw_rating(visit: Visit) -> None:
    """Draw a song's page."""
    participant, study = visit.participant, visit.installation.study
    index = participant.page_index
    number, count = page_number(participant.pages, index)
    text = visit.locale.text
    if has_page_a_song(participant.pages):
        place = text("song_of", number=number, count=count)
    elif may_end_early(participant.pages):
        place = text("page_of_at_most", number=number, count=count)
    else:
        place = text("page_of", number=number, count=count)
    excerpt_s = mean_excerpt_s(study, visit.installation.manifest)
    if excerpt_s is not None:

        def page_s(page: Page) -> float:
            part, page = study.part(page.part), like_settled(participant.pages, page)
            return page_seconds(part, len(page.slots), len(page.rated_slots), excerpt_s)

        left = text("minutes_left", minutes=minutes_left(participant, page_s))
        place = f"{place} · {left}"
    draw_frame(visit.locale, study.title, place, progress_share(participant))
    draw_heading(study.song(participant.pages[index].song).shown_title)
    draw_page_player(visit)


def draw_page_player(visit: Visit) -> None:
    """Draw the player of the present page, and go on once the database says it is closed."""
    index = visit.participant.page_index
    going_on = draw_player(rating_data(rating_view(visit, opened_page(visit, index))))
    if going_on is not None and go_back(visit, going_on):
        st.rerun()
    if going_on is None or going_on.get("page") != index:
        return
    now = visit.installation.store.find_participant(visit.token)
    if now is not None and (now.step, now.page_index) == (visit.participant.step, index):
        # Another tab had the page; whoever presses here takes it over.
        forget_opening(visit, index)
    st.rerun()


def rating_view(visit: Visit, state: PageState) -> RatingView:
    """What the browser needs for a page; neither song nor system is named."""
    participant, study = visit.participant, visit.installation.study
    page = state.page
    part = study.part(page.part)
    following = participant.pages[page.index + 1 : page.index + 2]
    return RatingView(
        token=visit.token,
        page_index=page.index,
        epoch=state.epoch,
        seq=state.seq,
        sample_rate=page_sample_rate(visit, page.index),
        gain=1.0 if participant.volume is None else participant.volume,
        audio_tokens=[slot.audio_token for slot in page.rated_slots],
        next_audio_tokens=[slot.audio_token for each in following for slot in each.slots],
        attributes=_attributes(visit, part),
        ratings=state.ratings,
        comments=study.comments,
        texts=visit.locale.player,
        is_last=page.index == len(participant.pages) - 1,
        page_type=page.page_type,
        part=page.part,
        options=part.options.browser_options(),
        references=_references(page),
        rules=PageRules(
            must_listen=part.options.must_listen,
            must_move=part.options.must_move,
            playback=part.options.playback,
            on_switch=part.options.on_switch,
        ),
        may_go_back=may_go_back(visit),
    )


def _attributes(visit: Visit, part: Part) -> list[RatedAttribute]:
    """Questions of a part, where they are the study's; a page type may ask one of its own."""
    asked = part.options.answered(part.attributes)
    return [
        RatedAttribute(
            attribute.name,
            attribute.shown_label,
            attribute.question,
            part.scales[attribute.name],
        )
        for attribute in visit.installation.study.attributes
        if attribute.name in asked
    ]


def _references(page: Page) -> list[OpenReference]:
    """What is heard openly on a page, by its kind and never by its system's name."""
    return [
        OpenReference(slot.audio_token, slot.system if slot.system in DRY_NAMES else slot.role)
        for slot in page.open_slots
    ]


def draw_training(visit: Visit) -> None:
    """Draw the practice page."""
    text, title = visit.locale.text, visit.installation.study.title
    draw_frame(visit.locale, title, text("practice"), progress_share(visit.participant))
    page = visit.participant.pages[visit.participant.page_index]
    part = visit.installation.study.part(page.part)
    lead = text(part.options.practice_lead, maximum=f"{part.scale.maximum:g}")
    draw_heading(text("practice"), lead)
    draw_page_player(visit)


def may_go_back(visit: Visit) -> bool:
    """Whether the present page has a button that leads back."""
    return _page_to_go_back_to(visit) is not None


def _page_to_go_back_to(visit: Visit) -> int | None:
    """Index of the page before; None where the study, or the way of a track, leads on only."""
    study, page = visit.installation.study, visit.participant.page
    if not study.pages.back or page is None or study.part(page.part).options.is_adaptive:
        return None
    return page_before(visit.participant)


def go_back(visit: Visit, wish: Mapping[str, object]) -> bool:
    """Go to the page before, when that is what was wished for; whether it was.

    The wish names the page on which it was made, so that one sent twice leads back once.
    """
    if "back" not in wish:
        return False
    present, earlier = visit.participant.page_index, _page_to_go_back_to(visit)
    if wish["back"] != present or earlier is None:
        return False
    if not visit.installation.store.reopen_page(visit.token, earlier):
        return False
    for index in (present, earlier):
        forget_opening(visit, index)
    return True
