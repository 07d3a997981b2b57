"""The fault of a page in one sentence, and its remedy."""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.participation.admission import Closed
from mixtrial.server.language import Locale
from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.survey.pages.way_back import draw_early_end
from stimuli.study.study import Study


def draw_problem(
    locale: Locale, title: str, heading: str, advice: str, can_retry: bool = False
) -> bool:
    """Draw a problem page; return whether its button was pressed.

    Parameters
    ----------
    locale
        Texts in the study's language.
    title
        Title of the study, or of the platform if no study could be read.
    heading, advice
        The fault, and advice for the participant.
    can_retry
        Whether trying again can help.
    """
    draw_frame(locale, title, "", 0.0)
    draw_heading(heading)
    with card("problem"):
        st.html(f'<p class="mx-text">{html.escape(advice)}</p>')
        return can_retry and st.button(locale.text("try_again"), type="primary")


def draw_unknown_link(locale: Locale, title: str) -> None:
    """Draw the page for an unknown link."""
    draw_problem(locale, title, locale.text("unknown_link"), locale.text("unknown_link_advice"))


def draw_expired_link(locale: Locale, title: str) -> None:
    """Draw the page for an expired link."""
    draw_problem(locale, title, locale.text("expired_link"), locale.text("expired_link_advice"))


def draw_closed(locale: Locale, study: Study, reason: Closed) -> None:
    """Draw the page of a study that accepts nobody at present, with the link back to a panel."""
    draw_problem(locale, study.title, locale.text(reason), locale.text("own_link_goes_on"))
    draw_early_end(study, study.recruitment.returned, {})


def draw_not_built(locale: Locale, title: str) -> None:
    """Draw the page of a study without stimuli."""
    text = locale.text
    if draw_problem(locale, title, text("not_built"), text("not_built_advice"), can_retry=True):
        st.rerun()


def draw_unavailable(locale: Locale, title: str) -> None:
    """Draw the page of a study whose database or files cannot be reached."""
    text = locale.text
    if draw_problem(locale, title, text("unavailable"), text("unavailable_advice"), can_retry=True):
        st.rerun()


def draw_unexpected_error(locale: Locale, title: str) -> bool:
    """Draw the page for an unexpected fault; return whether the participant wants to try again."""
    text = locale.text
    return draw_problem(
        locale, title, text("unexpected_error"), text("unexpected_error_advice"), can_retry=True
    )
