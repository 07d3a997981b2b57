"""First study files: what folders of audio are taken for, and templates that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from stimuli.first_study.folder_audio import folder_audio
from stimuli.first_study.study_text import (
    TEMPLATES,
    found_text,
    template_names,
    template_text,
)
from stimuli.loading.load import load_study
from stimuli.study.study import Study, StudyError


def touch(folder: Path, *names: str) -> None:
    """Empty files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def grid(form: str, songs: str, systems: str) -> list[str]:
    """Names of files: each song by each system, ``{s}`` and ``{x}`` in the form."""
    return [form.format(s=song, x=name) for song in songs.split() for name in systems.split()]


def study_in(folder: Path, title: str = "T") -> Study:
    """The study of what lies in a folder."""
    audio = folder_audio(folder)
    assert audio is not None
    (folder / "study.yaml").write_text(found_text(audio, title), encoding="utf-8")
    return load_study(folder / "study.yaml")


@pytest.mark.parametrize(
    ("files", "songs", "systems", "part"),
    [
        (grid("audio/{s}/{x}.wav", "bell voice", "mp3 opus aac ref"), "bell voice",
         "aac mp3 opus", "mushra"),
        (grid("{x}/{s}.flac", "s1 s2 s3 s10", "a b c"), "s1 s2 s3 s10", "a b c", "multi_stimulus"),
        (grid("{x}/{s}.flac", "s1 s2", "a original b"), "s1 s2", "a b", "mushra"),
        (grid("{s}/{x}.wav", "s1 s2 s3", "a b"), "s1 s2 s3", "a b", "preference"),
        (grid("{x}/{s}.wav", "s1 s2 s3", "anna ben cleo"), "s1 s2 s3", "anna ben cleo",
         "multi_stimulus"),
        (grid("{s}_{x}.wav", "s1 s2 s3", "a_1 a_2"), "s1 s2 s3", "a_1 a_2", "preference"),
        (grid("{x}-{s}.wav", "s1 s2 s3", "reference b"), "s1 s2 s3", "b", "mushra"),
        (["a.wav", "b.wav", "ref.wav"], "recording", "a b", "mushra"),
        (grid("{s}/{x}.wav", "s1 s2", "a b low_anchor"), "s1 s2", "a b", "preference"),
        ([*grid("{s}/{x}.wav", "s1 s2", "a b"), "s1/c.wav"], "s1 s2", "a b", "preference"),
        ([*grid("{s}/{x}.wav", "s1 s2", "a b"), "notes.wav"], "s1 s2", "a b", "preference"),
        (grid("{s}/{x}.wav", "s1 s2 s3", "human cnn mine"), "s1 s2 s3",
         "cnn_file human_file mine", "multi_stimulus"),
        (["s1/a.wav", "s1/b.wav", "s1/ref.wav", "s2/a.wav", "s2/b.wav", "s2/orig.wav"], "s1 s2",
         "a b", "mushra"),
    ],
)  # fmt: skip
def test_names_of_files_say_what_is_heard(
    tmp_path: Path, files: list[str], songs: str, systems: str, part: str
) -> None:
    """Folders of songs or of systems, both in one name, or versions of one thing."""
    touch(tmp_path, *files)
    study = study_in(tmp_path)
    assert [song.name for song in study.songs] == songs.split()
    assert study.system_names == tuple(systems.split())
    assert [each.type for each in study.parts] == [part]
    assert all((song.reference is None) == (part != "mushra") for song in study.songs)


def test_names_on_the_disk_may_be_of_any_kind(tmp_path: Path) -> None:
    """Spaces, accents and signs of YAML become names and titles."""
    names = grid("{s}/{x}.wav", "Für#Elise Zoë", "mp3 opus ref")
    touch(tmp_path, *[name.replace("#", ": ").replace("mp3", "mp3 48k") for name in names])
    study = study_in(tmp_path, title='Codecs: "old" & new')
    assert study.title == 'Codecs: "old" & new'
    assert [song.shown_title for song in study.songs] == ["Für: Elise", "Zoë"]
    assert study.system_names == ("mp3_48k", "opus")


@pytest.mark.parametrize("form", ["{s}/{x}.wav", "{s}_{x}.wav", "{x}/{s}.wav"])
def test_vocals_and_backings_are_mixed(tmp_path: Path, form: str) -> None:
    """By the words in their names, or in their folders' names."""
    touch(tmp_path, *grid(form, "s1 s2", "vocals backing"))
    study = study_in(tmp_path)
    assert [song.name for song in study.songs] == ["s1", "s2"]
    assert study.system_names == ("random", "baseline", "cnn")
    assert all(song.vocal and song.backing for song in study.songs)


def test_finished_mixes_stand_beside_stems(tmp_path: Path) -> None:
    """Those that each song has."""
    touch(tmp_path, *grid("{s}/{x}.wav", "s1 s2", "vocal backing engineer"), "s1/other.wav")
    assert study_in(tmp_path).system_names == ("random", "baseline", "cnn", "engineer")


def test_more_stimuli_than_is_usual_have_room(tmp_path: Path) -> None:
    """Fourteen voices on a page."""
    touch(
        tmp_path,
        *grid(
            "{s}/{x}.wav",
            " ".join(f"s{k}" for k in range(15)),
            " ".join(f"v{k}" for k in range(14)),
        ),
    )
    assert study_in(tmp_path).pages.max_stimuli == 14


@pytest.mark.parametrize(
    "files",
    [[], ["notes.txt"], ["a.wav"], ["a/1.wav", "b/2.wav"], ["build/manifest.csv", "build/x.wav"]],
)
def test_names_that_say_nothing_are_not_guessed_at(tmp_path: Path, files: list[str]) -> None:
    """No audio, one file, nothing in common, or what a build made."""
    touch(tmp_path, *files)
    assert folder_audio(tmp_path) is None


@pytest.mark.parametrize("name", ["abx", "codec", "li2022", "mixes", "tts"])
def test_each_template_is_a_study_of_the_files_that_it_names(tmp_path: Path, name: str) -> None:
    """The files that its comments show are enough to read it; every line of it is short."""
    text = template_text(name)
    shown = re.findall(r"^#     (\S+\.\w+)$", text, re.MULTILINE)
    listed = [song[key] for song in yaml.safe_load(text).get("songs", ()) for key in song]
    touch(tmp_path, *shown, *[path for path in listed if "/" in path])
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    study = load_study(tmp_path / "study.yaml")
    assert len(study.systems) >= 2
    assert max(map(len, text.splitlines())) <= 100


def test_an_unknown_template_is_named_with_those_there_are() -> None:
    """And every file of the folder is one."""
    assert {f"{name}.yaml" for name in template_names()} == {p.name for p in TEMPLATES.iterdir()}
    with pytest.raises(
        StudyError, match="no template 'waet'; choose abx, codec, li2022, mixes, tts"
    ):
        template_text("waet")
