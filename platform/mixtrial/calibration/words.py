"""Texts about a seat for the experimenter, in the study's language."""

from __future__ import annotations

from datetime import UTC, datetime

from mixtrial.calibration.seat import LevelError, SeatCalibration
from mixtrial.server.language import study_locale
from stimuli.study.study import Study
from stimuli.study_keys.keys import LEVELS_DB


def what_is_wrong(study: Study, error: LevelError) -> str:
    """Sentence about a fault of a typed level."""
    text, (low, high) = study_locale(study).text, LEVELS_DB
    if error.is_number:
        return text("calibration_out_of_range", low=f"{low:g}", high=f"{high:g}")
    return text("calibration_no_number")


def calibrated_sentence(study: Study, found: SeatCalibration) -> str:
    """Sentence about the calibration of a seat: its level, its time, and whether it is too old."""
    text, level = study_locale(study).text, level_text(found.level_db, found.weighting)
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
