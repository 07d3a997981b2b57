"""Rotated backups: hourly, daily, weekly, and nothing that is older."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.copies.rotation import back_up_into, kept
from db.records.errors import StoreError
from db.store.store import open_store
from harbour_study import write_study
from mixtrial.commands.study.backup import backup
from mixtrial.server.settings import SettingsError

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def after_hours(n_hours: int) -> list[datetime]:
    """Copies left after a backup in each hour, newest first, each rotation after the other."""
    left: set[datetime] = set()
    for number in range(n_hours):
        left = kept(left | {START + number * HOUR})
    return sorted(left, reverse=True)


def test_of_hourly_backups_a_day_of_hours_a_week_of_days_and_four_weeks_stay() -> None:
    """After a hundred days at noon: 24 in the last day, one a day for a week, one a week before."""
    now = START + (100 * 24 + 12) * HOUR
    left = after_hours(100 * 24 + 13)
    ages = [now - moment for moment in left]
    assert ages[:24] == [number * HOUR for number in range(24)]
    days = [moment.date() for moment in left]
    assert {now.date() - timedelta(days=number) for number in range(7)} <= set(days)
    weeks = {moment.isocalendar()[:2] for moment in left}
    assert {(now - timedelta(weeks=number)).isocalendar()[:2] for number in range(4)} == weeks
    assert len(left) <= 24 + 7 + 4


def test_no_hourly_backup_is_older_than_four_weeks() -> None:
    """Whoever withdrew is in none four weeks later."""
    left: set[datetime] = set()
    for number in range(24 * 60):
        left = kept(left | {START + number * HOUR})
        assert max(left) - min(left) < timedelta(weeks=4)


@given(st.sets(st.integers(0, 10_000), max_size=60))
def test_a_rotation_keeps_the_newest_and_deletes_nothing_twice(minutes: set[int]) -> None:
    """Everything that is kept is a part of what was there; rotating again changes nothing."""
    moments = {START + timedelta(minutes=each) for each in minutes}
    left = kept(moments)
    assert left <= moments
    assert kept(left) == left
    assert not moments or max(moments) in left


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """An archive with a study in it."""
    address = f"sqlite:///{tmp_path / 'mixtrial.sqlite'}"
    store = open_store(address)
    store.register_study("harbour-lights", "Harbour Lights", "f" * 64, 7)
    yield address
    store.close()


def test_files_of_others_stay(url: str, tmp_path: Path) -> None:
    """Another study's backups and other files are left alone; our old ones go."""
    folder = tmp_path / "backup"
    folder.mkdir()
    others = {"harbour-20200101T000000Z.backup", "notes.txt", "harbour-lights.backup"}
    for name in (*others, "harbour-lights-20200101T000000Z.backup"):
        (folder / name).write_text("kept")
    for day in range(40):
        back_up_into(url, folder, "harbour-lights", START + timedelta(days=day))
    names = {path.name for path in folder.iterdir()}
    assert others <= names
    mine = names - others
    assert len(mine) <= 24 + 7 + 4
    assert "harbour-lights-20200101T000000Z.backup" not in mine
    assert "harbour-lights-20260213T000000Z.backup" in mine


def test_a_backup_that_fails_deletes_nothing_and_a_wrong_clock_not_the_newest(
    url: str, tmp_path: Path
) -> None:
    """Everything that is there stays until there is a better one."""
    with pytest.raises(StoreError, match="There is no folder"):
        back_up_into(url, tmp_path / "none", "harbour-lights")
    for number in range(40):
        back_up_into(url, tmp_path, "harbour-lights", START + number * timedelta(weeks=1))
    before = set(tmp_path.glob("*.backup"))
    with pytest.raises(StoreError, match="There is no database"):
        back_up_into(f"{url}.none", tmp_path, "harbour-lights")
    assert set(tmp_path.glob("*.backup")) == before
    wrong = back_up_into(url, tmp_path, "harbour-lights", START - timedelta(days=3650))
    assert set(tmp_path.glob("*.backup")) == {*before, wrong}


def test_the_command_wants_one_place_and_says_which_file_it_made(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--into`` names the new file; neither or both places are a sentence."""
    study = write_study(tmp_path, n_songs=2)
    backup(study, into=tmp_path, database=url)
    [made] = tmp_path.glob("harbour-lights-*.backup")
    assert f"{made}: a checked copy of" in capsys.readouterr().out
    for places in ({}, {"out": made, "into": tmp_path}):
        with pytest.raises(SettingsError, match="either --out FILE or --into FOLDER"):
            backup(study, database=url, **places)
