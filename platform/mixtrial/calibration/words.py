"""Texts about a seat for the experimenter, in the study's language."""

from __future__ import annotations

from datetime import UTC, datetime

from mixtrial.calibration.seat import LevelError, SeatCalibration
from mixtrial.server.language import study_locale
from stimuli.study.study import Study
from stimuli.study_keys.keys import LEVELS_DB


def what_is_wrong(study: Study, error: LevelError) -> str:
    """Sentence about a fault of a typed level."""
    locale, (low, high) = study_locale(study), LEVELS_DB
    if error.is_number:
        ends = {"low": locale.number(low), "high": locale.number(high)}
        return locale.text("calibration_out_of_range", **ends)
    return locale.text("calibration_no_number")


def calibrated_sentence(study: Study, found: SeatCalibration) -> str:
    """Sentence about the calibration of a seat: its level, its time, and whether it is too old."""
    locale = study_locale(study)
    text, level_db = locale.text, locale.number(float(found.level_db))
    level = level_text(level_db, found.weighting)
    at = f"{found.measured_at:%Y-%m-%d %H:%M} UTC"
    if found.is_old(datetime.now(UTC)):
        return text("calibration_old", level=level, at=at)
    return text("calibration_done", level=level, at=at)


def level_text(level_db: str, weighting: str) -> str:
    """A level with its unit: ``78.2 dB(A)``."""
    return f"{level_db} {unit_of(weighting)}"


def unit_of(weighting: str) -> str:
    """Unit of a level measured with a frequency weighting."""
    return f"dB({weighting})"
