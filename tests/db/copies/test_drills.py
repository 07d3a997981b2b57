"""Drills: a database is lost, an upgrade has to be taken back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import engine
from db.copies.backup import back_up, restore
from db.copies.rotation import back_up_into
from db.records.errors import StoreError
from db.records.participation import RatingValue, SavedPage, SaveOutcome
from db.store.store import open_store
from harbour_study import write_study
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.settings import settings_for_study
from mixtrial.simulation.in_process import simulate_participants
from tests.db.version_1 import STUDY as OLD_STUDY
from tests.db.version_1 import database_of_version_1

STUDY = "harbour-lights"
OLD_VERSION = "0005"


def opened(study: Path) -> Installation:
    """The study as a server opens it."""
    return load_installation(settings_for_study(study))


def test_a_lost_database_comes_back_from_the_newest_backup_and_everybody_goes_on(
    tmp_path: Path,
) -> None:
    """The backup's content is back, links lead where they led, and ratings are taken again."""
    folder = tmp_path / "backup"
    folder.mkdir()
    study = write_study(tmp_path, n_songs=2)
    before = opened(study)
    list(simulate_participants(before, 2, seed=1))
    back_up_into(before.settings.database_url, folder, STUDY)
    token = enrol(before).token
    before.store.record_consent(token, "v1", True)
    before.store.record_questionnaire(token, "hobbyist", "headphones")
    before.store.record_volume(token, 0.5)
    epoch = before.store.page_state(token, 0).epoch
    rated = (RatingValue(0, "overall", 40.0),)
    assert before.store.save_page(SavedPage(token, 0, epoch, 1, False, rated)) is SaveOutcome.STORED
    [first] = folder.iterdir()
    newest = back_up_into(before.settings.database_url, folder, STUDY)
    ratings = before.store.ratings(STUDY)
    before.store.close()

    for file in tmp_path.glob("mixtrial.sqlite*"):
        file.unlink()
    with pytest.raises(StoreError, match="is missing, though answers were kept there"):
        opened(study)

    assert max(folder.iterdir()) == newest
    assert newest >= first
    restore(before.settings.database_url, newest, STUDY)
    after = opened(study)
    assert after.store.ratings(STUDY).equals(ratings)
    assert after.blinding_key == before.blinding_key
    state = after.store.page_state(token, 0)
    assert state.ratings == rated
    again = SavedPage(
        token, 0, state.epoch, state.seq + 1, False, (RatingValue(0, "overall", 50.0),)
    )
    assert after.store.save_page(again) is SaveOutcome.STORED
    after.store.close()


def version_of(path: Path) -> str:
    """Version of the tables in a file."""
    with closing(sqlite3.connect(path)) as database:
        [[version]] = database.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(version)


def test_an_upgrade_can_be_taken_back_with_a_backup_from_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new version changes the tables for good; restored, they are what the old one knows."""
    path = database_of_version_1(tmp_path)
    url, copy = f"sqlite:///{path}", tmp_path / "before.backup"
    assert version_of(path) == OLD_VERSION
    back_up(url, copy)

    upgraded = open_store(url)
    ratings = upgraded.ratings(OLD_STUDY)
    upgraded.close()
    assert version_of(path) > OLD_VERSION
    with monkeypatch.context() as old_mixtrial:
        old_mixtrial.setattr(engine, "known_revisions", lambda: frozenset({OLD_VERSION}))
        old_mixtrial.setattr(engine, "_head", lambda _config: OLD_VERSION)
        with pytest.raises(StoreError, match="were written by a newer version of mixtrial"):
            open_store(url)
        aside = restore(url, copy, OLD_STUDY, force=True)
        assert version_of(path) == OLD_VERSION
        open_store(url).close()
        assert version_of(path) == OLD_VERSION

    assert isinstance(aside, Path)
    assert version_of(aside) > OLD_VERSION, "what was saved in between is kept"
    again = open_store(url)
    assert again.ratings(OLD_STUDY).equals(ratings)
    again.close()
