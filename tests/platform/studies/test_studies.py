"""A folder of studies: names, states, and what is done to a whole study."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harbour_study import write_study
from mixtrial.server.settings import SettingsError
from mixtrial.studies.changes import duplicate, new_study, new_version, restore, to_trash, trashed
from mixtrial.studies.folder_lock import FolderLock
from mixtrial.studies.listing import listed_study, studies_in
from mixtrial.studies.naming import free_name, safe_file_name, safe_name
from mixtrial.studies.study_folder import StudyFolder, study_folder


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Which codec?", "which-codec"),
        ("Čtyři mixy", "ctyri-mixy"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "study-con"),
        ("混音", "study"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_title_becomes_a_name_that_any_system_and_any_address_takes(
    title: str, name: str
) -> None:
    """No path, no device of Windows, no sign that an address would have to escape."""
    assert safe_name(title) == name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../../etc/cron.d/x.wav", "x.wav"),
        ("..\\..\\boot.ini.wav", "boot.ini.wav"),
        ("NUL.wav", "file_NUL.wav"),
        ("a<b>:c|d?.FLAC", "a_b__c_d.flac"),
        (".hidden.wav", "hidden.wav"),
        ("Lied für Elise.wav", "Lied für Elise.wav"),
    ],
)
def test_the_name_of_an_uploaded_file_is_one_in_its_folder(given: str, name: str) -> None:
    """Its last part alone counts, without signs that a system keeps for itself."""
    assert safe_file_name(given) == name


@pytest.mark.parametrize("given", ["", "..", "/", "wav", "....wav"])
def test_a_file_without_a_name_is_refused(given: str) -> None:
    """Nothing could be called so."""
    with pytest.raises(SettingsError, match="cannot be a file name here; rename it"):
        safe_file_name(given)


def test_a_study_of_a_template_is_listed_as_a_draft_and_its_namesake_gets_a_number(
    tmp_path: Path,
) -> None:
    """The title that was given is in the file, quotes and all; no name is taken twice."""
    first = new_study(tmp_path, "Anna's  codecs", "li2022")
    assert "title: 'Anna''s codecs'" in first.study_file.read_text("utf-8")
    second = new_study(tmp_path, "Anna's codecs")
    assert (first.name, second.name) == ("anna-s-codecs", "anna-s-codecs-2")
    listed = studies_in(tmp_path)
    assert {(each.title, each.state) for each in listed} == {("Anna's codecs", "draft")}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_a_study_without_a_title_is_refused_and_nothing_is_made(tmp_path: Path, title: str) -> None:
    """A sentence, and an empty folder."""
    with pytest.raises(SettingsError, match="The title of a study must have 1 to 200 characters"):
        new_study(tmp_path, title, "abx")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_has_the_study_and_its_sound_but_no_answers_and_no_build(tmp_path: Path) -> None:
    """Data of the people who took part stay with the study that they took part in."""
    (tmp_path / "harbour").mkdir()
    study = StudyFolder(tmp_path / "harbour")
    write_study(study.path)
    for name in ("mixtrial.sqlite", "mixtrial.sqlite-wal", "study.databases", "build/manifest.csv",
                 "reports/harbour/report/report.html"):  # fmt: skip
        path = study.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("answers")
    study.note(is_open=True)
    copy = duplicate(study, listed_study(study).title)
    kept = {path.name for path in copy.path.iterdir()}
    gone = {"mixtrial.sqlite", "mixtrial.sqlite-wal", "study.databases", "build", "reports"}
    assert kept & gone == set()
    assert kept > {"study.yaml"}
    assert listed_study(copy).title.endswith("(copy)")
    assert listed_study(copy).state == "draft"
    assert not copy.notes().is_open


@pytest.mark.parametrize("line", ["", "identifier: harbour  # of the log\n", 'identifier: "h-1"\n'])
def test_a_copy_is_another_study_and_so_is_a_copy_of_the_same(tmp_path: Path, line: str) -> None:
    """No two have one identifier, whether files say theirs or it follows from the title."""
    study = new_study(tmp_path, "Choir", "abx")
    study.study_file.write_text(line + study.study_file.read_text("utf-8"), "utf-8")
    copies = [duplicate(study, "Choir"), duplicate(study, "Choir")]
    assert [listed_study(copy).title for copy in copies] == ["Choir (copy)", "Choir (copy 2)"]
    texts = [copy.study_file.read_text("utf-8") for copy in copies]
    said = [yaml.safe_load(text).get("identifier") for text in texts]
    assert said == ([copy.name for copy in copies] if line else [None, None])
    assert [copy.name for copy in copies] == ["choir-copy", "choir-copy-2"]
    assert [text.count("# of the log") for text in texts] == [line.count("# of the log")] * 2


def test_a_new_version_is_a_study_of_its_own_beside_the_one_that_has_begun(tmp_path: Path) -> None:
    """With the sound, another file and an identifier of its own; the first one stays as it is."""
    study = new_study(tmp_path, "Choir", "abx")
    study.note(is_open=True)
    (study.path / "mixtrial.sqlite").write_bytes(b"answers")
    study.audio.mkdir()
    (study.audio / "a.wav").write_bytes(b"sound")
    before = study.study_file.read_text("utf-8")
    made = new_version(study, "Choir", lambda name: f"identifier: {name}\n{before}")
    assert made.name == "choir-2"
    assert made.study_file.read_text("utf-8") == f"identifier: choir-2\n{before}"
    assert (made.audio / "a.wav").read_bytes() == b"sound"
    assert not (made.path / "mixtrial.sqlite").exists()
    assert not made.notes().is_open
    assert study.study_file.read_text("utf-8") == before
    assert study.notes().is_open


def test_a_deleted_study_is_restored_with_all_it_had(tmp_path: Path) -> None:
    """Under another name where its own was given to a new study meanwhile."""
    study = new_study(tmp_path, "Choir", "abx")
    (study.path / "mixtrial.sqlite").write_bytes(b"answers")
    to_trash(study)
    assert studies_in(tmp_path) == []
    new_study(tmp_path, "Choir")
    (thrown,) = trashed(tmp_path)
    assert (thrown.name, thrown.title) == ("choir", "Choir")
    back = restore(tmp_path, thrown.place)
    assert back.name == "choir-2"
    assert (back.path / "mixtrial.sqlite").read_bytes() == b"answers"
    assert trashed(tmp_path) == []
    with pytest.raises(SettingsError, match="no longer in the trash"):
        restore(tmp_path, "../choir")


def test_a_file_with_an_error_is_listed_with_its_sentence(tmp_path: Path) -> None:
    """The other studies are listed all the same."""
    study = new_study(tmp_path, "Choir", "abx")
    study.study_file.write_text("title: [", encoding="utf-8")
    new_study(tmp_path, "Organ")
    by_name = {each.folder.name: each for each in studies_in(tmp_path)}
    assert "study.yaml" in by_name["choir"].fault
    assert by_name["organ"].fault == ""


@pytest.mark.parametrize("name", ["..", ".trash", "a/b", "Choir", "nul", ""])
def test_only_names_that_the_studio_gives_lead_to_a_study(tmp_path: Path, name: str) -> None:
    """No address leads out of the folder, or into what is hidden in it."""
    with pytest.raises(SettingsError, match="There is no study of this name"):
        study_folder(tmp_path, name)


def test_a_name_that_is_taken_in_other_letters_is_taken(tmp_path: Path) -> None:
    """Some systems know no difference between small letters and capitals."""
    (tmp_path / "CHOIR").mkdir()
    assert free_name(tmp_path, "Choir") == "choir-2"


HOLDS = """
import sys, time
from pathlib import Path
from mixtrial.studies.folder_lock import FolderLock
lock = FolderLock(Path(sys.argv[1]), "http://localhost:8501")
print("held", flush=True)
time.sleep(600)
"""


def test_a_second_studio_is_told_where_the_first_is_until_that_is_killed(tmp_path: Path) -> None:
    """A lock that outlives its process would close the folder for good."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, env=os.environ
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        said = rf"open in another studio, http://localhost:8501 \(process {holder.pid}\)"
        with pytest.raises(SettingsError, match=said):
            FolderLock(tmp_path, "http://localhost:8502")
    finally:
        holder.kill()
        holder.communicate()
    FolderLock(tmp_path, "http://localhost:8502").release()
