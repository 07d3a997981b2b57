"""A backup is whole though the study runs on, and comes back only where it does no harm."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from db.copies.backup import back_up, check_copy, restore
from db.records.errors import StoreError
from db.store.store import open_store
from harbour_study import open_installation, write_study
from mixtrial.commands.study.backup import backup
from mixtrial.commands.study.backup import restore as restore_command
from mixtrial.server.installation import Installation
from mixtrial.simulation.in_process import simulate_participants

STUDY = "harbour-lights"


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    """A study in which two simulated participants have taken part."""
    installation = open_installation(write_study(tmp_path, n_songs=2))
    list(simulate_participants(installation, 2, seed=1))
    return installation


def test_a_backup_holds_every_rating(here: Installation, tmp_path: Path) -> None:
    """The copy, opened as an archive, gives the same table as the original; no part is left."""
    copy = tmp_path / "copy.sqlite"
    n_bytes = back_up(here.settings.database_url, copy)
    assert n_bytes == copy.stat().st_size
    opened = open_store(f"sqlite:///{copy}")
    assert opened.ratings(STUDY).equals(here.store.ratings(STUDY))
    assert opened.events(STUDY).equals(here.store.events(STUDY))
    opened.close()
    here.store.close()
    assert not list(tmp_path.glob(".*part"))


def test_a_backup_during_saves_is_whole(here: Installation, tmp_path: Path) -> None:
    """While others save, each copy passes its check and holds only whole participants' pages."""
    stop = threading.Event()

    def keep_saving() -> None:
        while not stop.is_set():
            list(simulate_participants(here, 1, seed=3))

    thread = threading.Thread(target=keep_saving)
    thread.start()
    try:
        for number in range(5):
            copy = tmp_path / f"copy{number}.sqlite"
            before = len(here.store.ratings(STUDY))
            back_up(here.settings.database_url, copy)
            check_copy(copy, STUDY)
            opened = open_store(f"sqlite:///{copy}")
            ratings = opened.ratings(STUDY)
            opened.close()
            assert len(ratings) >= before  # what had been acknowledged is in it
            whole_or_half = ratings.groupby(["participant", "phase", "song"]).size()
            assert set(whole_or_half) <= {10, 20}  # no save is in it by half
    finally:
        stop.set()
        thread.join()
    here.store.close()


def test_a_backup_leaves_no_trace_of_who_withdrew(here: Installation, tmp_path: Path) -> None:
    """The codes and tokens of a withdrawn participant are not in the copy's bytes."""
    added = next(simulate_participants(here, 1, seed=9))
    tokens = [slot.audio_token.encode() for page in added.pages for slot in page.slots]
    assert here.store.withdraw(added.token)
    copy = tmp_path / "copy.sqlite"
    back_up(here.settings.database_url, copy)
    here.store.close()
    content = copy.read_bytes()
    assert not [token for token in (*tokens, added.token.encode()) if token in content]


def test_a_backup_comes_back_where_nothing_is(here: Installation, tmp_path: Path) -> None:
    """Restored to an empty place, the archive answers as before."""
    copy = tmp_path / "copy.sqlite"
    back_up(here.settings.database_url, copy)
    before = here.store.ratings(STUDY)
    here.store.close()
    url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    assert restore(url, copy, STUDY) is None
    opened = open_store(url)
    assert opened.ratings(STUDY).equals(before)
    opened.close()


def test_an_archive_is_never_overwritten_by_accident(here: Installation, tmp_path: Path) -> None:
    """Refused without force, and while a server has it open; with force the old one is kept."""
    copy = tmp_path / "copy.sqlite"
    url = here.settings.database_url
    back_up(url, copy)
    list(simulate_participants(here, 1, seed=5))
    with pytest.raises(StoreError, match="There is a database already"):
        restore(url, copy, STUDY)
    with pytest.raises(StoreError, match="A server has the database open"):
        restore(url, copy, STUDY, force=True)
    assert len(here.store.participants(STUDY)) == 3
    here.store.close()
    aside = restore(url, copy, STUDY, force=True)
    assert aside is not None
    restored, kept = open_store(url), open_store(f"sqlite:///{aside}")
    assert (len(restored.participants(STUDY)), len(kept.participants(STUDY))) == (2, 3)
    restored.close()
    kept.close()


def test_a_damaged_archive_can_be_replaced(here: Installation, tmp_path: Path) -> None:
    """The very case a backup is for: the file is rubbish, and is set aside all the same."""
    copy = tmp_path / "copy.sqlite"
    back_up(here.settings.database_url, copy)
    here.store.close()
    place = tmp_path / "mixtrial.sqlite"
    place.write_bytes(b"rubbish" * 1000)
    restore(here.settings.database_url, copy, STUDY, force=True)
    opened = open_store(here.settings.database_url)
    assert len(opened.participants(STUDY)) == 2
    opened.close()


def test_what_is_no_backup_is_refused(here: Installation, tmp_path: Path) -> None:
    """Other files, foreign and damaged databases, another study, a newer version: a sentence."""
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    copy = tmp_path / "copy.sqlite"
    back_up(here.settings.database_url, copy)
    here.store.close()
    with pytest.raises(StoreError, match="There is no backup"):
        restore(url, tmp_path / "none.sqlite", STUDY)
    (tmp_path / "text.sqlite").write_text("hello")
    with pytest.raises(StoreError, match="not a backup of an SQLite archive"):
        restore(url, tmp_path / "text.sqlite", STUDY)
    foreign = sqlite3.connect(tmp_path / "foreign.sqlite")
    foreign.execute("CREATE TABLE other (x)")
    foreign.close()
    with pytest.raises(StoreError, match="not one of mixtrial's"):
        restore(url, tmp_path / "foreign.sqlite", STUDY)
    with pytest.raises(StoreError, match="holds harbour-lights, but not the study 'other'"):
        restore(url, copy, "other")
    cut = tmp_path / "cut.sqlite"
    cut.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    with pytest.raises(StoreError, match="damaged"):
        restore(url, cut, STUDY)
    newer = sqlite3.connect(copy)
    newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.commit()
    newer.close()
    with pytest.raises(StoreError, match="newer version of mixtrial"):
        restore(url, copy, STUDY)
    assert not (tmp_path / "new.sqlite").exists()


def test_a_backup_has_a_place_of_its_own(here: Installation, tmp_path: Path) -> None:
    """The archive itself, a folder, a missing folder and a missing archive are refused."""
    url = here.settings.database_url
    with pytest.raises(StoreError, match="is the database itself"):
        back_up(url, tmp_path / "mixtrial.sqlite")
    with pytest.raises(StoreError, match="is a folder"):
        back_up(url, tmp_path)
    with pytest.raises(StoreError, match="There is no folder"):
        back_up(url, tmp_path / "nowhere" / "copy.sqlite")
    with pytest.raises(StoreError, match="There is no database"):
        back_up(f"sqlite:///{tmp_path / 'none.sqlite'}", tmp_path / "copy.sqlite")
    with pytest.raises(StoreError, match="is not a database URL"):
        back_up("rubbish", tmp_path / "copy.sqlite")
    here.store.close()


def test_the_commands_say_what_they_did(
    here: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Backup and restore by study file, with the place of what was set aside."""
    study, copy = tmp_path / "study.yaml", tmp_path / "copy.sqlite"
    here.store.close()
    backup(study, copy, database=None)
    assert "a checked copy of" in capsys.readouterr().out
    restore_command(study, copy, force=True, database=None)
    told = capsys.readouterr().out
    assert "The study is back" in told
    assert "mixtrial.before-" in told


def test_without_postgresqls_programs_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The missing program is named, the password is not."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    url = "postgresql+psycopg://mixtrial:secret@127.0.0.1/mixtrial"
    with pytest.raises(StoreError, match="pg_dump is not installed") as caught:
        back_up(url, tmp_path / "copy.dump")
    assert "secret" not in str(caught.value)


def test_postgresqls_password_stays_off_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pg_dump gets the address without the password, which travels in its environment."""
    program = tmp_path / "pg_dump"
    program.write_text(
        "#!/bin/sh\nfor a; do case $a in --file=*) f=${a#--file=};; esac; done\n"
        'echo "$PGPASSWORD $*" > "$f"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    out = tmp_path / "copy.dump"
    back_up("postgresql+psycopg://mixtrial:secret@127.0.0.1/studies", out)
    password, address = out.read_text().split()[:2]
    assert password == "secret"
    assert address == "--dbname=postgresql://mixtrial@127.0.0.1/studies"
