"""The participant's page: find the participant's position in the test, and draw the page.

The participant's position is looked up in the database by the token in the link. Streamlit's
session is only a cache.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from threading import BoundedSemaphore

import streamlit as st

from db.records.errors import StoreError
from db.records.participation import Participant
from mixtrial.calibration.seat import CALIBRATE
from mixtrial.participation.admission import why_closed
from mixtrial.participation.enrolment import returning
from mixtrial.participation.headphone_check import headphone_check_of
from mixtrial.participation.link_expiry import has_expired
from mixtrial.participation.questionnaire_times import due_occasion
from mixtrial.participation.recruitment import recruitment_answers
from mixtrial.server.installation import Installation, current_installation
from mixtrial.server.language import PARAMETER, Locale, locale_of, study_locale
from mixtrial.server.page_guard import forget_failure, guarded, has_failed
from mixtrial.survey.frame import PAGE_LANGUAGE
from mixtrial.survey.link_token import KEPT, given_token, keep_token
from mixtrial.survey.pages.calibration import draw_calibration
from mixtrial.survey.pages.feedback import draw_feedback, feedback_wanted
from mixtrial.survey.pages.headphones import draw_headphones, draw_headphones_needed
from mixtrial.survey.pages.own_questions import draw_own_questions
from mixtrial.survey.pages.pause import draw_break, is_resting
from mixtrial.survey.pages.problem import (
    draw_closed,
    draw_expired_link,
    draw_not_built,
    draw_unavailable,
    draw_unexpected_error,
    draw_unknown_link,
)
from mixtrial.survey.pages.questionnaire import draw_questionnaire
from mixtrial.survey.pages.rating import draw_rating
from mixtrial.survey.pages.thanks import draw_thanks
from mixtrial.survey.pages.volume import draw_volume
from mixtrial.survey.pages.welcome import draw_refused, draw_welcome
from mixtrial.survey.previewed import is_preview, previewed
from mixtrial.visits.screens import RATED, Screen, screen_for
from mixtrial.visits.spoken import spoken_to
from mixtrial.visits.visit import Visit, is_built

logger = logging.getLogger(__name__)

WITH_PARTICIPANT = {
    Screen.QUESTIONNAIRE: draw_questionnaire,
    Screen.VOLUME: draw_volume,
    Screen.TRAINING: draw_rating,
    Screen.RATING: draw_rating,
    Screen.THANKS: draw_thanks,
}


PAGES = "survey"


DRAWN_AT_ONCE = 4
"""Pages under way at a time; more would take turns at one processor, and saves with them."""

_TURNS = BoundedSemaphore(DRAWN_AT_ONCE)


def render_survey() -> None:
    """Draw the visitor's current page, or an apology after an error."""
    if not has_failed(PAGES):
        with _TURNS, guarded(PAGES):
            _render()
    elif draw_unexpected_error(*_known_words()):
        forget_failure(PAGES, kept=(KEPT,))
        st.rerun()


def _known_words() -> tuple[Locale, str]:
    """Language and title of the study, or defaults if they are unknown."""
    try:
        study = current_installation().study
    # The error is already in the log; the page with the apology must still be shown.
    except Exception:
        locale = locale_of(PAGE_LANGUAGE)
        return locale, locale.text("platform_title")
    return study_locale(study), study.title


def _render() -> None:
    try:
        installation = current_installation()
    except ValueError:
        logger.exception("the study cannot be served")
        locale = locale_of(PAGE_LANGUAGE)
        draw_unavailable(locale, locale.text("platform_title"))
        return
    try:
        if is_preview():
            preview = previewed(installation)
            if preview is None:
                return
            installation = preview
        browser = None if is_preview() else st.context.locale
        asked = st.query_params.get(PARAMETER)
        if CALIBRATE in st.query_params:
            draw_calibration(spoken_to(installation, None, asked, browser))
            return
        token = given_token()
        participant = installation.store.find_participant(token) if token else None
        if participant is not None and participant.study != installation.study.identifier:
            participant = None
        _draw(spoken_to(installation, participant, asked, browser), participant, token)
    except StoreError:
        logger.exception("the database did not answer")
        draw_unavailable(study_locale(installation.study), installation.study.title)


def _draw(installation: Installation, participant: Participant | None, token: str | None) -> None:
    is_over = participant is not None and has_expired(
        installation.study, participant, datetime.now(UTC)
    )
    screen = screen_for(participant, bool(token), is_built(installation), is_over)
    if participant is not None:
        keep_token(participant.token)
    if screen is Screen.UNKNOWN_LINK:
        draw_unknown_link(study_locale(installation.study), installation.study.title)
    elif screen is Screen.EXPIRED_LINK:
        draw_expired_link(study_locale(installation.study), installation.study.title)
    elif screen is Screen.NOT_BUILT:
        draw_not_built(study_locale(installation.study), installation.study.title)
    elif screen is Screen.REFUSED or (participant is None and st.session_state.get("declined")):
        draw_refused(installation, participant)
    elif participant is None:
        _draw_visitor(installation)
    elif screen is Screen.WELCOME:
        draw_welcome(installation, participant)
    else:
        _draw_visit(screen, Visit(installation, participant))


def _draw_visitor(installation: Installation) -> None:
    """Welcome or refuse a new visitor; a participant whom a panel has sent before continues."""
    sent_by = recruitment_answers(installation.study.recruitment, st.query_params)
    reason = why_closed(installation)
    if reason is None or returning(installation, sent_by) is not None:
        draw_welcome(installation, None)
    else:
        draw_closed(study_locale(installation.study), installation.study, reason)


def _draw_visit(screen: Screen, visit: Visit) -> None:
    """Draw a participant's current page, or the page that comes before it."""
    draw = _page_between(screen, visit) or WITH_PARTICIPANT[screen]
    draw(visit)


def _page_between(screen: Screen, visit: Visit) -> Callable[[Visit], None] | None:
    """Page that must come before a screen, if any: a check, feedback, questions, a break."""
    check = headphone_check_of(visit.installation.study, visit.participant)
    if screen in RATED and check is not None:
        if check.outcome == "open":
            return partial(draw_headphones, check=check)
        if check.is_stopping(visit.installation.study):
            return draw_headphones_needed
    if screen is Screen.RATING and (uses := feedback_wanted(visit)):
        return partial(draw_feedback, uses=uses)
    if occasion := due_occasion(visit.installation.study, visit.participant):
        return partial(draw_own_questions, occasion=occasion)
    if screen is Screen.RATING and is_resting(visit):
        return draw_break
    return None
