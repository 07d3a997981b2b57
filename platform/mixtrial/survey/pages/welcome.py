"""The welcome: a description of the test, and the consent."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from db.records.errors import StoreError
from db.records.participation import Participant
from mixtrial.calibration.words import calibrated_sentence
from mixtrial.participation.enrolment import EnrolmentClosedError, enrol_visitor, returning
from mixtrial.participation.recruitment import recruitment_answers
from mixtrial.server.installation import Installation
from mixtrial.server.language import PARAMETER, Locale, language_name, study_locale
from mixtrial.survey.frame import card, draw_frame, draw_heading, draw_paragraphs
from mixtrial.survey.link_token import TOKEN_PARAMETER, keep_token, kept_token
from mixtrial.survey.pages.calibration import draw_uncalibrated, seat_here
from mixtrial.survey.pages.way_back import draw_early_end
from mixtrial.survey.previewed import is_preview
from mixtrial.visits.spoken import language_answer
from stimuli.design.session_length import expected_minutes
from stimuli.study.study import Study


def draw_welcome(installation: Installation, participant: Participant | None) -> None:
    """Draw the welcome; a person without a link becomes a participant by consent."""
    study, locale = installation.study, study_locale(installation.study)
    seat = seat_here(installation)
    if seat is None and study.calibration.seats == "required" and not is_preview():
        draw_uncalibrated(installation)
        return
    draw_frame(locale, study.title, locale.text("welcome"), 0.0)
    _draw_languages(study, locale)
    draw_heading(study.title, study.welcome)
    if seat is not None and seat.is_old(datetime.now(UTC)):
        st.warning(calibrated_sentence(study, seat))  # a warning for the experimenter
    st.html(f'<ul class="mx-facts">{_facts(installation, locale)}</ul>')
    with card("consent"):
        st.html(f'<p class="mx-label">{html.escape(locale.text("agreement"))}</p>')
        draw_paragraphs(study.consent)
        agree, decline = st.columns([1.3, 1])
        agreed = agree.button(locale.text("agree"), type="primary", width="stretch")
        declined = decline.button(locale.text("decline"), width="stretch")
    if agreed:
        _take_part(installation, locale, participant, seat.answers if seat else {})
    elif declined:
        _decline(installation, participant)


def _draw_languages(study: Study, locale: Locale) -> None:
    """Offer the study's languages, if it has several."""
    if len(study.spoken) == 1:
        return
    chosen = st.segmented_control(
        locale.text("language"),
        study.spoken,
        default=study.language,
        format_func=lambda code: language_name(study, code),
        label_visibility="collapsed",
        # With one key per language, Streamlit draws a new field for each language.
        key=f"mx-language-{study.language}",
    )
    if chosen is not None and chosen != study.language:
        st.query_params[PARAMETER] = chosen
        st.rerun()


def consent_version(study: Study) -> str:
    """First 12 hex digits of the SHA-256 of the consent text, which identify the exact text."""
    return hashlib.sha256(study.consent.encode()).hexdigest()[:12]


def n_rated_pages(study: Study) -> int:
    """Number of rated pages, without the practice page."""
    return (study.pages.songs_per_participant or len(study.rated_songs)) + (
        study.pages.repeated_songs
    )


def _facts(installation: Installation, locale: Locale) -> str:
    study, text = installation.study, locale.text
    n_rating, n_mixes = n_rated_pages(study), len(study.rated_names)
    facts = [
        (f"{n_rating}", locale.counted("songs", n_rating)),
        (f"{n_mixes}", locale.counted("mixes", n_mixes)),
    ]
    minutes = expected_minutes(study, installation.manifest)
    if minutes is not None:
        facts.append((text("duration", minutes=minutes), text("duration_note")))
    facts.append((text("headphones"), text("headphones_note")))
    return "".join(
        f"<li><b>{html.escape(value)}</b><span>{html.escape(label)}</span></li>"
        for value, label in facts
    )


def _take_part(
    installation: Installation,
    locale: Locale,
    participant: Participant | None,
    seat: Mapping[str, str],
) -> None:
    study = installation.study
    try:
        sent_by, kept = recruitment_answers(study.recruitment, st.query_params), kept_token()
        known = participant or returning(installation, sent_by)
        present = known or enrol_visitor(installation, st.context.ip_address, sent_by)
        kept[TOKEN_PARAMETER] = present.token  # a second click must not enrol the participant twice
        installation.store.record_consent(present.token, consent_version(study), accepted=True)
        if answers := {**sent_by, **seat, **language_answer(study, present)}:
            installation.store.record_answers(present.token, answers)
    except EnrolmentClosedError as error:
        st.info(locale.text(error.reason))
        draw_early_end(study, study.recruitment.returned, {})
        return
    except StoreError:
        st.error(locale.text("not_stored"))
        return
    keep_token(present.token)
    st.rerun()


def _decline(installation: Installation, participant: Participant | None) -> None:
    """Note the refusal of an invited participant; nothing is stored about anybody else."""
    if participant is not None:
        installation.store.record_consent(
            participant.token, consent_version(installation.study), accepted=False
        )
    else:
        st.session_state["declined"] = True
    st.rerun()


def draw_refused(installation: Installation, participant: Participant | None) -> None:
    """Draw the page for a person who does not take part."""
    locale = study_locale(installation.study)
    draw_frame(locale, installation.study.title, "", 0.0)
    draw_heading(locale.text("refused"), locale.text("refused_lead"))
    with card("refused"):
        st.html(f'<p class="mx-note">{html.escape(locale.text("refused_note"))}</p>')
        changed_mind = st.button(locale.text("refused_return"))
    answers = participant.answers if participant is not None else {}
    draw_early_end(installation.study, installation.study.recruitment.returned, answers)
    if not changed_mind:
        return
    st.session_state.pop("declined", None)
    if participant is not None:
        installation.store.record_consent(
            participant.token, consent_version(installation.study), accepted=True
        )
    st.rerun()
