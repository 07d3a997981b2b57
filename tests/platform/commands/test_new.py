"""``mixtrial new``: what it writes, and what it never writes over."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtrial.commands.study.new import new
from mixtrial.server.settings import SettingsError
from stimuli.loading.load import load_study
from stimuli.study.study import StudyError


def test_a_study_of_the_files_in_a_folder_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Titled as the folder is called, and nothing else is left there."""
    folder = tmp_path / "my_codecs"
    for name in ("s1/a.wav", "s1/b.wav", "s2/a.wav", "s2/b.wav"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    new(folder)
    assert load_study(folder / "study.yaml").title == "My codecs"
    assert sorted(path.name for path in folder.iterdir()) == ["s1", "s2", "study.yaml"]
    said = capsys.readouterr().out
    assert "study.yaml: 2 recordings by 2 systems; read it" in said
    assert f"mixtrial check {folder / 'study.yaml'}" in said


def test_a_template_needs_no_folder(tmp_path: Path) -> None:
    """It is made."""
    new(tmp_path / "later", template="abx")
    assert "type: abx" in (tmp_path / "later" / "study.yaml").read_text(encoding="utf-8")


def test_a_study_file_that_is_there_stays(tmp_path: Path) -> None:
    """Also where a template is asked for."""
    (tmp_path / "study.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"study\.yaml exists already and is left unchanged"):
        new(tmp_path, template="codec")
    assert (tmp_path / "study.yaml").read_text(encoding="utf-8") == "mine"


def test_what_cannot_be_written_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    """No folder, no template of that name, no names that say anything, two files for one."""
    with pytest.raises(
        SettingsError, match=r"no folder .*nowhere; create it, or choose a --template"
    ):
        new(tmp_path / "nowhere")
    with pytest.raises(StudyError, match="no template 'waet'; choose abx, codec"):
        new(tmp_path / "other", template="waet")
    (tmp_path / "a.wav").touch()
    with pytest.raises(SettingsError, match=r"choose a --template: abx, codec, li2022, mixes, tts"):
        new(tmp_path)
    for name in ("s1/a.wav", "s1/b.wav", "s2/a.wav", "s2/b.wav", "s2/b.mp3"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(StudyError, match=r"b\.mp3 and b\.wav are both files of s2 and b"):
        new(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "s1", "s2"]
