"""The calibration of a seat: the measured level, in a signed cookie of the seat's browser.

Conventions
-----------
The server signs the browser's cookie, so that only a level that was typed into mixtrial's page is
accepted. The measured level is also stored in the log of the study's actions, and with the answers
of each participant who begins at the seat.
"""

from __future__ import annotations

import base64
import hmac
import json
import math
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from db.records.participation import Participant
from mixtrial.calibration.pink_noise import noise_of
from mixtrial.server.installation import Installation
from stimuli.study_keys.keys import LEVELS_DB

LASTS = timedelta(days=1)
"""After this time a seat is to be measured again."""
KEPT_S = 400 * 24 * 3600
"""How long a browser keeps a calibration: as long as browsers keep anything."""
LONGEST_SEAT = 60
CALIBRATE = "calibrate"
"""Parameter of the experimenter's link."""
ACTION = "calibrate"
"""Kind of a calibration in the log of researchers' actions."""
PREFIX = "calibration_"
GAIN_KEY, LEVEL_KEY = f"{PREFIX}gain_db", f"{PREFIX}level_db"


class LevelError(ValueError):
    """A typed sound level that is refused; ``is_number`` is true if it is a number out of range."""

    def __init__(self, is_number: bool) -> None:
        super().__init__("out of range" if is_number else "no number")
        self.is_number = is_number


@dataclass(frozen=True, slots=True)
class SeatCalibration:
    """Measurements at a seat, as texts to be stored.

    The level and the gain are in dB; the time ``at`` is in UTC.
    """

    level_db: str
    weighting: str
    gain_db: str
    noise_lufs: str
    seat: str
    at: str

    @property
    def measured_at(self) -> datetime:
        """Time at which the measured level was typed in."""
        return datetime.fromisoformat(self.at)

    def is_old(self, now: datetime) -> bool:
        """Whether the level at the seat must be measured again."""
        return now - self.measured_at > LASTS

    @property
    def answers(self) -> dict[str, str]:
        """Data stored with a participant who begins at this seat."""
        return {f"{PREFIX}{name}": text for name, text in asdict(self).items()}


def level_in(text: str) -> float:
    """Convert a typed sound pressure level to dB; a decimal comma is accepted.

    Raises
    ------
    LevelError
        The text is not a number, or the level is outside the range for listening tests.
    """
    try:
        level_db = float(text.strip().replace(",", "."))
    except ValueError:
        raise LevelError(is_number=False) from None
    if math.isnan(level_db):
        raise LevelError(is_number=False)
    if not LEVELS_DB[0] <= level_db <= LEVELS_DB[1]:
        raise LevelError(is_number=True)
    return level_db


def calibrate(installation: Installation, level_db: float, seat: str) -> SeatCalibration:
    """Store the measured level of a seat; return the value of the cookie for the seat's browser."""
    study = installation.study
    found = SeatCalibration(
        level_db=f"{level_db:.10g}",
        weighting=study.calibration.weighting,
        gain_db=f"{study.calibration.gain_db:.10g}",
        noise_lufs=f"{noise_of(installation).lufs:.1f}",
        seat=" ".join(seat.split())[:LONGEST_SEAT],
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    detail = f"{found.level_db} dB({found.weighting}) at {found.gain_db} dB, pink noise of "
    where = f": {found.seat}" if found.seat else ""
    installation.store.log_action(
        study.identifier, ACTION, f"{detail}{found.noise_lufs} LUFS{where}"
    )
    return found


def cookie_name(installation: Installation) -> str:
    """Name of the cookie, different for each study on the same host."""
    return f"mixtrial_seat_{_digest(installation, 'name')[:12]}"


def sealed(installation: Installation, found: SeatCalibration) -> str:
    """Cookie that the browser keeps: the calibration of the seat and the server's signature."""
    claim = base64.urlsafe_b64encode(json.dumps(asdict(found)).encode()).decode().rstrip("=")
    return f"{claim}.{_digest(installation, claim)}"


def seat_in(installation: Installation, cookie: str | None) -> SeatCalibration | None:
    """Calibration from a browser's cookie; None if this server did not sign the cookie.

    A calibration is no longer valid if the gain or the weighting in the study file has changed
    since.
    """
    claim, _, signature = (cookie or "").partition(".")
    rule = installation.study.calibration
    if rule.seats == "none" or not claim.isascii() or not signature.isascii():
        return None
    if not hmac.compare_digest(_digest(installation, claim), signature):
        return None
    found = SeatCalibration(**json.loads(base64.urlsafe_b64decode(claim + "=" * (-len(claim) % 4))))
    holds = (found.gain_db, found.weighting) == (f"{rule.gain_db:.10g}", rule.weighting)
    return found if holds else None


def locked_gain(participant: Participant) -> float | None:
    """Linear gain of a participant's seat; None if the participant sets the volume by hand."""
    gain_db = participant.answers.get(GAIN_KEY)
    return None if gain_db is None else float(10 ** (float(gain_db) / 20))


def experimenter_key(installation: Installation) -> str:
    """Key that must be in the link to the calibration page; the dashboard shows this link."""
    return _digest(installation, "page")[:20]


def is_experimenter(installation: Installation, key: object) -> bool:
    """Whether the study calibrates seats, and this server made the calibration link."""
    if installation.study.calibration.seats == "none" or not isinstance(key, str):
        return False
    return hmac.compare_digest(experimenter_key(installation).encode(), key.encode())


def _digest(installation: Installation, text: str) -> str:
    said = f"calibration.{installation.study.identifier}.{text}".encode()
    return hmac.digest(installation.blinding_key, said, "sha256").hex()
