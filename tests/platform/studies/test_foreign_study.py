"""A study of another tool in the studio: what comes in, what it becomes, and what is refused."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from mixtrial.server.settings import SettingsError
from mixtrial.studies import foreign_study
from mixtrial.studies.changes import new_study
from mixtrial.studies.foreign_study import (
    check_source,
    found_tests,
    import_into,
    import_report,
    remove_source,
    source_files,
    source_of,
    source_place,
)
from mixtrial.studies.listing import listed_study, read_study
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.studies.uploads import UploadError
from other_tools import SMALL_WEBMUSHRA, WEBMUSHRA_AUDIO, write_tones, write_waet, write_webmushra


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """A draft that is to become another tool's study."""
    (tmp_path / "studies").mkdir()
    return new_study(tmp_path / "studies", "Harbour", is_import=True)


def bring(study: StudyFolder, folder: Path, into: str = "") -> None:
    """Bring a folder's files as a browser sends them, one by one."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            place = source_place(study, f"{into}{path.relative_to(folder).as_posix()}", 1)
            shutil.copyfile(path, place)
            check_source(place, place, path.name)


def zipped(tmp_path: Path, *members: tuple[str, bytes]) -> Path:
    """A ZIP of files."""
    path = tmp_path / "sent.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("write", [write_webmushra, write_waet], ids=["webmushra", "waet"])
def test_a_tools_folder_becomes_a_study_under_the_title_that_was_given(
    study: StudyFolder, tmp_path: Path, write: object
) -> None:
    """Whoever drops a folder sends its name too; what came is gone once the study is there."""
    assert callable(write)
    write(tmp_path / "project")
    bring(study, tmp_path / "project", "my project/")
    ((chosen, _tool),) = found_tests(study).items()
    done = import_into(study, chosen, "Our harbour")
    read = read_study(study)
    assert read.title == "Our harbour"
    assert done.study.pages
    assert {path.name for path in study.path.iterdir()} == {
        "study.yaml", "audio", "import.md", "studio.json",
    }  # fmt: skip
    assert listed_study(study).fault == ""
    (study.path / "import.md").write_text(r"harp\_a.wav, C:\\x: \*", encoding="utf-8")
    assert import_report(study) == r"harp_a.wav, C:\x: *"


def test_of_several_studies_one_is_chosen(study: StudyFolder, tmp_path: Path) -> None:
    """The settings of each are found; the others make no difference."""
    write_webmushra(tmp_path / "project")
    small = tmp_path / "project" / "configs" / "small.yaml"
    small.write_text(SMALL_WEBMUSHRA % "media/77d9.wav", encoding="utf-8")
    bring(study, tmp_path / "project")
    assert {*found_tests(study)} == {"configs/harbour.yaml", "configs/small.yaml"}
    import_into(study, "configs/small.yaml", "Small")
    assert [song.name for song in read_study(study).songs] == ["one"]


def test_settings_without_their_sound_are_told_and_nothing_is_written(
    study: StudyFolder, tmp_path: Path
) -> None:
    """Files that came stay, so that the rest can be sent; then the study is imported."""
    (tmp_path / "project").mkdir()
    small = tmp_path / "project" / "small.yaml"
    small.write_text(SMALL_WEBMUSHRA % "media/77d9.wav", encoding="utf-8")
    bring(study, tmp_path / "project")
    with pytest.raises(
        SettingsError, match=r"No page of small\.yaml has its sounds \(line"
    ) as told:
        import_into(study, "small.yaml", "Small")
    assert str(tmp_path) not in str(told.value)
    assert [path.name for path in source_files(study)] == ["small.yaml"]
    assert {path.name for path in study.path.iterdir()} == {".source", "studio.json"}
    write_tones(tmp_path / "project", WEBMUSHRA_AUDIO)
    bring(study, tmp_path / "project")
    import_into(study, "small.yaml", "Small")
    with pytest.raises(UploadError, match="The study exists already; import into a new study"):
        source_place(study, "small.yaml", 1)


def test_files_without_settings_are_no_study(study: StudyFolder, tmp_path: Path) -> None:
    """And can be removed, to begin again."""
    write_tones(tmp_path / "project", ["a.wav"])
    bring(study, tmp_path / "project")
    assert found_tests(study) == {}
    with pytest.raises(SettingsError, match="The settings of the other tool's study are missing"):
        import_into(study, "../../../etc/passwd", "None")
    remove_source(study)
    assert source_files(study) == []


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("../../outside.yaml", 400, "cannot be a file name here; rename it"),
        ("a/../b.yaml", 400, "cannot be a file name here; rename it"),
        ("a/nul.yaml", 400, "cannot be a file name here; rename it"),
        (".hidden/a.yaml", 400, "cannot be a file name here; rename it"),
        ("a/b/c/d/e/f/g/h/i.yaml", 400, "is nested in more than 7 folders"),
        (
            "page.html",
            415,
            "page.html has a file type that is not accepted; accepted are YAML, YML, XML, JSON",
        ),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(
    study: StudyFolder, tmp_path: Path, name: str, status: int, said: str
) -> None:
    """One by one, and in a ZIP, where other kinds of files are left out."""
    with pytest.raises(UploadError, match=said) as told:
        source_place(study, name, 1)
    assert told.value.status == status
    sent = zipped(tmp_path, ("small.yaml", b"testname: x"), (name, b"x"))
    if status == 400 and "hidden" not in name:
        with pytest.raises(UploadError, match=said):
            check_source(sent, study.path / ".sent.zip", "sent.zip")
        assert source_files(study) == []
    else:
        check_source(sent, study.path / ".sent.zip", "sent.zip")
        assert [path.name for path in source_files(study)] == ["small.yaml"]


def test_a_hostile_zip_leaves_nothing(
    study: StudyFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too much in it, sound that is none, a password, or nothing of use: one sentence each."""
    place = study.path / ".sent.zip"

    def refused(sent: Path, said: str) -> None:
        with pytest.raises(UploadError, match=said):
            check_source(sent, place, "sent.zip")
        assert not source_of(study).exists()
        assert {path.name for path in study.path.iterdir()} == {"studio.json"}

    good = ("small.yaml", b"testname: x")
    refused(zipped(tmp_path, good, ("a.wav", b"no sound")), "a.wav in sent.zip cannot be read as")
    refused(zipped(tmp_path, ("x.html", b"")), "neither settings of a test nor sound")
    refused(
        zipped(tmp_path, ("a.yaml", b"#" * 2**21)), "larger than 1 MiB, which is too large for the"
    )
    locked = bytearray(zipped(tmp_path, good).read_bytes())
    for header, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag of a password
        locked[locked.index(header) + at] |= 1
    (tmp_path / "sent.zip").write_bytes(bytes(locked))
    refused(
        tmp_path / "sent.zip",
        "sent.zip is protected by a password; send the file without a password",
    )
    monkeypatch.setattr(foreign_study, "MOST_UNPACKED_BYTES", 2**20)
    refused(zipped(tmp_path, ("a.wav", bytes(2**21))), "sent.zip holds more than 2000 files and")
    (tmp_path / "sent.zip").write_bytes(io.BytesIO(b"PK\x03\x04 and no more").getvalue())
    refused(tmp_path / "sent.zip", "sent.zip is not a ZIP file, or it is damaged")
