"""A study whose database is missing does not go on with an empty one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from db.copies.backup import back_up, restore
from db.known_databases import KnownDatabases
from db.records.errors import StoreError
from harbour_study import write_study
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import existing_installation, load_installation
from mixtrial.server.settings import settings_for_study

STUDY = "harbour-lights"


def opened_once(folder: Path) -> Path:
    """Study file of a study in which somebody has taken part."""
    study = write_study(folder, n_songs=2)
    installation = load_installation(settings_for_study(study))
    enrol(installation)
    installation.store.close()
    return study


def n_participants(study: Path) -> int:
    """How many have taken part, as whoever opens the study now sees it."""
    installation = load_installation(settings_for_study(study))
    number = len(installation.store.participants(STUDY))
    installation.store.close()
    return number


def test_a_missing_database_is_an_error_until_it_is_back(tmp_path: Path) -> None:
    """For the server and for whoever only reads; the file is not made. A restore ends it."""
    study = opened_once(tmp_path)
    place, copy = tmp_path / "mixtrial.sqlite", tmp_path / "copy.backup"
    back_up(f"sqlite:///{place}", copy)
    place.unlink()
    with pytest.raises(StoreError, match="is missing, though answers were kept there: bring it"):
        load_installation(settings_for_study(study))
    with pytest.raises(StoreError, match="is missing, though answers were kept there"):
        existing_installation(study)
    assert not place.exists()
    restore(f"sqlite:///{place}", copy, STUDY)
    assert n_participants(study) == 1


def test_an_empty_file_in_its_place_is_an_error_too(tmp_path: Path) -> None:
    """A file of no bytes opens as a database, but it is not the study's."""
    study = opened_once(tmp_path)
    (tmp_path / "mixtrial.sqlite").write_bytes(b"")
    for _ in range(2):
        with pytest.raises(StoreError, match="holds nothing of this study"):
            load_installation(settings_for_study(study))


def test_who_deletes_the_note_begins_anew(tmp_path: Path) -> None:
    """The error names the file to delete."""
    study = opened_once(tmp_path)
    (tmp_path / "mixtrial.sqlite").unlink()
    with pytest.raises(StoreError, match=r"or delete \S*study\.databases to begin anew"):
        load_installation(settings_for_study(study))
    (tmp_path / "study.databases").unlink()
    assert n_participants(study) == 0


def test_a_folder_that_was_copied_without_its_database_says_so(tmp_path: Path) -> None:
    """With it the study goes on in the new place; the old place is not asked for."""
    (tmp_path / "first").mkdir()
    study = opened_once(tmp_path / "first")
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    shutil.rmtree(tmp_path / "first")
    assert n_participants(tmp_path / "second" / study.name) == 1
    (tmp_path / "second" / "mixtrial.sqlite").unlink()
    with pytest.raises(StoreError, match="is missing"):
        load_installation(settings_for_study(tmp_path / "second" / study.name))


def test_another_database_of_the_same_study_begins_empty(tmp_path: Path) -> None:
    """A place where it never was, named by ``--database``, is a first start."""
    study = opened_once(tmp_path)
    elsewhere = f"sqlite:///{tmp_path / 'pilot.sqlite'}"
    load_installation(settings_for_study(study, database_url=elsewhere)).store.close()
    (tmp_path / "pilot.sqlite").unlink()
    with pytest.raises(StoreError, match=r"pilot\.sqlite is missing"):
        load_installation(settings_for_study(study, database_url=elsewhere))
    assert n_participants(study) == 1


def test_a_database_on_a_disk_that_is_not_there_is_missed(tmp_path: Path) -> None:
    """The note lies beside the study file: an empty mount point does not begin a new study."""
    disk = tmp_path / "disk"
    disk.mkdir()
    url = f"sqlite:///{disk / 'answers.sqlite'}"
    study = write_study(tmp_path, n_songs=2)
    load_installation(settings_for_study(study, database_url=url)).store.close()
    shutil.rmtree(disk)
    disk.mkdir()
    with pytest.raises(StoreError, match="is missing"):
        load_installation(settings_for_study(study, database_url=url))


def test_a_study_of_another_identifier_may_begin_in_the_same_database(tmp_path: Path) -> None:
    """A missing study's answers are noticed, not a file's age."""
    known = KnownDatabases(tmp_path / "study.yaml")
    url = f"sqlite:///{tmp_path / 'mixtrial.sqlite'}"
    known.note("first", url)
    known.check_holds("second", url, is_held=False)
    with pytest.raises(StoreError, match="holds nothing of this study"):
        known.check_holds("first", url, is_held=False)


def test_a_postgresql_database_that_was_made_anew_is_missed(tmp_path: Path) -> None:
    """It answers, and holds nothing of the study; each database is noted once."""
    known = KnownDatabases(tmp_path / "study.yaml")
    url = "postgresql+psycopg://mixtrial:***@127.0.0.1/mixtrial"
    for _ in range(2):
        known.note("study", url)
    assert (tmp_path / "study.databases").read_text().count("postgresql") == 1
    with pytest.raises(StoreError, match="holds nothing of this study"):
        known.check_holds("study", url, is_held=False)


def test_where_nothing_can_be_noted_the_study_runs_all_the_same(tmp_path: Path) -> None:
    """A folder that cannot be written to, and a database in memory, leave no note."""
    KnownDatabases(tmp_path / "missing" / "study.yaml").note("study", "postgresql://x/y")
    KnownDatabases(tmp_path / "study.yaml").note("study", "sqlite://")
    KnownDatabases(tmp_path / "study.yaml").note("study", "sqlite:///:memory:")
    assert list(tmp_path.iterdir()) == []
