"""The experimenter's page: pink noise, the measured level, and the calibration of a seat."""

from __future__ import annotations

import streamlit as st

from mixtrial.calibration.pink_noise import noise_of
from mixtrial.calibration.seat import (
    CALIBRATE,
    SeatCalibration,
    cookie_name,
    is_experimenter,
    seat_in,
)
from mixtrial.calibration.words import calibrated_sentence, level_text, unit_of
from mixtrial.player.player import calibration_data, draw_player
from mixtrial.server.installation import Installation
from mixtrial.server.language import study_locale
from mixtrial.survey.frame import draw_frame, draw_heading
from mixtrial.survey.pages.problem import draw_problem, draw_unknown_link


def draw_calibration(installation: Installation) -> None:
    """Draw the page of the experimenter's link.

    The level that the experimenter types is stored in the browser.
    """
    study, locale = installation.study, study_locale(installation.study)
    key, rule = st.query_params[CALIBRATE], study.calibration
    if not is_experimenter(installation, key):
        draw_unknown_link(locale, study.title)
        return
    noise, known, text = noise_of(installation), seat_here(installation), locale.text
    number = locale.number
    draw_frame(locale, study.title, text("calibration"), 0.0)
    unit = unit_of(rule.weighting)
    lead = text(
        "calibration_lead", lufs=number(noise.lufs, 1), gain=number(rule.gain_db), unit=unit
    ).replace("-", "\N{MINUS SIGN}")
    if rule.level_db is not None:
        aim = text("calibration_aim", level=level_text(number(rule.level_db), rule.weighting))
        lead = f"{lead}\n\n{aim}"
    draw_heading(text("calibration_heading"), lead)
    draw_player(
        calibration_data(
            key,
            noise.sample_rate,
            rule.gain,
            known.seat if known else "",
            calibrated_sentence(study, known) if known else "",
            unit,
            locale,
        )
    )


def draw_uncalibrated(installation: Installation) -> None:
    """Draw the page for a participant at a seat without the required calibration."""
    study, locale = installation.study, study_locale(installation.study)
    text = locale.text
    draw_problem(locale, study.title, text("uncalibrated"), text("uncalibrated_advice"))


def seat_here(installation: Installation) -> SeatCalibration | None:
    """The calibration of the seat that this browser belongs to."""
    if installation.study.calibration.seats == "none":
        return None
    return seat_in(installation, st.context.cookies.get(cookie_name(installation)))
