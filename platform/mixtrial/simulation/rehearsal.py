"""The rehearsal: simulated participants and their answers, in a separate database.

Real and simulated answers are never mixed. ``mixtrial simulate`` writes into ``rehearsal.sqlite``
beside the study file, or into a given database without real participants. A running server accepts
simulated participants until a real participant takes part. A program that reads answers uses the
rehearsal's database as long as the study's own database has no participants. Afterwards, the
program uses only the study's own database.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from db.records.errors import StoreError
from db.store.store import open_store
from mixtrial.server.installation import Installation, existing_installation, load_installation
from mixtrial.server.settings import (
    default_database_url,
    rehearsal_database_url,
    settings_for_study,
)
from stimuli.loading.load import load_study

BESIDE_REAL_ONES = "real participants have taken part here; simulated ones are kept apart from them"


class RehearsalOverError(StoreError):
    """Simulated participants would be mixed with real participants."""


def refuse_beside_real(installation: Installation) -> None:
    """Raise ``RehearsalOverError`` if a real participant has taken part."""
    if installation.store.has_real_participants(installation.study.identifier):
        raise RehearsalOverError(BESIDE_REAL_ONES)


def rehearsal_installation(
    study: Path, stimuli: Path | None, database_url: str | None
) -> Installation:
    """A study with the database of its rehearsal; the database is created if it is missing.

    Raises
    ------
    StoreError
        The given database is the study's own, or has a real participant.
    """
    url = database_url or rehearsal_database_url(study)
    if url == default_database_url(study):
        raise RehearsalOverError(
            "This database is for the study's real participants. Leave --database out; "
            "simulated participants are then stored in rehearsal.sqlite."
        )
    installation = load_installation(settings_for_study(study, stimuli, url))
    try:
        refuse_beside_real(installation)
    except RehearsalOverError:
        installation.store.close()
        raise
    return installation


def installation_to_read(
    study: Path, stimuli: Path | None = None, database_url: str | None = None
) -> tuple[Installation, bool]:
    """Database to read: the study's own, or the rehearsal's until the study's own has participants.

    Returns
    -------
    installation, is_rehearsal
        The study to be read; its database exists already.

    Raises
    ------
    StoreError
        There is neither.
    """
    own, rehearsal = database_url or default_database_url(study), rehearsal_database_url(study)
    has_rehearsal = Path(rehearsal.removeprefix("sqlite:///")).is_file()
    if not has_rehearsal or own == rehearsal or _has_participants(study, own):
        return existing_installation(study, stimuli, database_url), own == rehearsal
    return existing_installation(study, stimuli, rehearsal), True


def _has_participants(study: Path, url: str) -> bool:
    """Whether a study has participants in its database."""
    place = url.removeprefix("sqlite:///")
    if place != url and not Path(place).is_file():
        return False
    identifier = load_study(study).identifier
    with closing(open_store(url)) as store:
        return store.holds_study(identifier) and not store.participants(identifier).empty
