"""Finished files instead of stems: found by a pattern or listed, and what is said of faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from stimuli.study.study import StudyError
from tests.stimuli.study.test_study import load

CODECS = """\
title: Three codecs
files: audio/{song}/{system}.*
reference: audio/{song}/reference.*
parts: [{type: mushra}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three songs by two codecs, their references, and a file that is not sound (all empty)."""
    for song in ("Bells 1", "voice_10", "voice_2"):
        (tmp_path / "audio" / song).mkdir(parents=True)
        for name in ("mp3_48.mp3", "opus_64.opus", "reference.wav", "notes.txt", ".hidden.wav"):
            (tmp_path / "audio" / song / name).touch()
    for name in ("vocal.flac", "backing.flac", "mix.wav", "params.json"):
        (tmp_path / name).touch()
    return tmp_path


def test_folders_of_finished_files_are_a_study_of_four_lines(folder: Path) -> None:
    """Folders are songs, 2 comes before 10, files are systems, and the reference is none."""
    study = load(folder, CODECS)
    assert [song.name for song in study.songs] == ["Bells_1", "voice_2", "voice_10"]
    assert [song.shown_title for song in study.songs] == ["Bells 1", "voice 2", "voice 10"]
    assert study.system_names == ("mp3_48", "opus_64")
    first = study.songs[0]
    assert first.files["mp3_48"] == folder / "audio" / "Bells 1" / "mp3_48.mp3"
    assert first.reference == folder / "audio" / "Bells 1" / "reference.wav"
    assert first.vocal is None
    assert study.rated_names == ("mp3_48", "opus_64", "reference", "low_anchor", "mid_anchor")


def test_songs_and_systems_can_stand_in_one_name(folder: Path) -> None:
    """``{song}_{system}.wav``; the shortest song that fits is meant."""
    for name in ("s1_a.wav", "s1_b.wav", "s2_a.wav", "s2_b.wav"):
        (folder / name).touch()
    study = load(folder, 'title: T\nfiles: "{song}_{system}.wav"\n')
    assert [song.name for song in study.songs] == ["s1", "s2"]
    assert study.system_names == ("a", "b")


def test_listed_songs_get_their_files_and_keep_their_keys(folder: Path) -> None:
    """Listed songs are chosen among the found ones; a key of their own goes before."""
    study = load(
        folder,
        "title: T\nfiles: audio/{song}/{system}.*\nsystems: [opus_64]\nsongs:\n"
        "  - {name: voice_2, title: Two, files: {opus_64: mix.wav}}\n",
    )
    [song] = study.songs
    assert (song.title, song.files["opus_64"]) == ("Two", folder / "mix.wav")
    assert set(song.files) == {"mp3_48", "opus_64", "reference"}


def test_files_stand_beside_systems_that_mix(folder: Path) -> None:
    """A song with stems and files has both kinds of systems."""
    study = load(
        folder,
        "title: T\nsystems: [baseline, engineer]\nsongs:\n"
        "  - {name: s, vocal: vocal.flac, backing: backing.flac, files: {engineer: mix.wav}}\n",
    )
    assert study.system_names == ("baseline", "engineer")
    assert study.songs[0].measure_file == folder / "vocal.flac"


def test_the_place_of_the_folder_is_no_part_of_the_fingerprint(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A copy is the same study; another file is another study."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "copy"
    before = load(folder, CODECS).fingerprint
    folder.rename(elsewhere)
    assert load(elsewhere, CODECS).fingerprint == before
    for song in (elsewhere / "audio").iterdir():
        (song / "opus_64.opus").rename(song / "opus_96.opus")
    assert load(elsewhere, CODECS).fingerprint != before


STEMS = "vocal: vocal.flac, backing: backing.flac"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "files: audio/{song}/x.*\n",
            r"line 2: files: 'audio/\{song\}/x\.\*' must contain \{song\} and",
        ),
        (
            "files: audio/{song}/{codec}.*\n",
            r"must contain \{song\} and \{system\}, and not \{codec\}",
        ),
        (
            "files: audio/{song}/{system}.m4b\n",
            r"matches no audio file below .*possible endings: \.wav",
        ),
        ("files: 3\n", "files: A pattern such as"),
        ("reference: audio/{song}/{system}.wav\n", r"must contain \{song\}, and not \{system\}"),
        (
            "systems: [random]\nsongs:\n  - {name: s}\n",
            "'s' needs vocal and backing, or finished files under the key files",
        ),
        (
            "systems: [random]\nsongs:\n  - {name: s, vocal: vocal.flac}\n",
            "has a vocal and no backing",
        ),
        (
            "songs:\n  - {name: s, files: {a: nothing.wav}}\n",
            r"There is no file 'nothing\.wav'",
        ),
        (
            "songs:\n  - {name: s, files: {a: mix.wav}, reference: params.json}\n",
            "no vocal and backing, which its reference needs; give an audio file under reference",
        ),
        (
            "songs:\n  - {name: s, files: {a: mix.wav}, human: mix.wav}\n",
            "which its human needs; give an audio file under files",
        ),
        (
            "songs: [{name: s, files: {a: mix.wav, b: mix.wav}},\n{name: t, files: {a: mix.wav}}]",
            "line 3: The song 't' has no file of the system 'b'; add it",
        ),
        (
            "systems: [a, baseline]\nsongs:\n  - {name: s, files: {a: mix.wav}}\n",
            "'s' has no vocal and backing for the system 'baseline' to mix",
        ),
        (
            f"systems: [baseline, a]\nsongs:\n  - {{name: s, {STEMS}, files: {{b: mix.wav}}}}\n",
            r"line 2: Unknown system 'a'\. Choose from random, baseline, cnn, human, b\.",
        ),
        (
            f"systems: [random]\nsongs:\n  - {{name: s, {STEMS}, files: {{random: mix.wav}}}}\n",
            "a file of the system 'random', which is the name of one of mixtrial's own",
        ),
        (
            "songs:\n  - {name: s, files: {reference: mix.wav}}\n",
            "A system cannot be called 'reference'",
        ),
        (
            "songs: [{name: s, files: {a: mix.wav}}]\nparts: [{type: ape, references: [dry_mix]}]",
            "plays dry_mix, but the song 's' has no vocal",
        ),
    ],
)
def test_what_is_wrong_with_files_is_said_in_one_sentence(
    folder: Path, text: str, said: str
) -> None:
    """With the line, and with what to do."""
    with pytest.raises(StudyError, match=said):
        load(folder, f"title: T\n{text}")


def test_two_files_of_one_song_and_system_are_named(folder: Path) -> None:
    """Which of them is meant cannot be known."""
    (folder / "audio" / "voice_2" / "mp3_48.wav").touch()
    with pytest.raises(StudyError, match=r"mp3_48\.mp3 and mp3_48\.wav are both files of voice_2"):
        load(folder, CODECS)


READY = """title: Ready stimuli
songs:
  - name: s1
    files: {codec_a: a.wav, codec_b: b.wav}
    reference: ref.wav
systems: [codec_a, codec_b]
"""
NAMED = """title: Three codecs
songs:
  - name: hydrogen
    reference: codecs/hydrogen_ref.wav
    files: {mp3_48: codecs/hydrogen_48.mp3, mp3_96: codecs/hydrogen_96.mp3}
  - name: lithium
    reference: codecs/lithium_ref.wav
    files: {mp3_48: codecs/lithium_48.mp3, mp3_96: codecs/lithium_96.mp3}
systems: [mp3_48, mp3_96]
parts: [{type: mushra}]
"""


@pytest.mark.parametrize(
    ("text", "systems"), [(READY, ("codec_a", "codec_b")), (NAMED, ("mp3_48", "mp3_96"))]
)
def test_studies_of_named_files_alone_load(
    tmp_path: Path, text: str, systems: tuple[str, ...]
) -> None:
    """Without stems, each with the files that it names."""
    (tmp_path / "codecs").mkdir()
    for song in ("hydrogen", "lithium"):
        for file in ("ref.wav", "48.mp3", "96.mp3"):
            (tmp_path / "codecs" / f"{song}_{file}").touch()
    for file in ("a.wav", "b.wav", "ref.wav"):
        (tmp_path / file).touch()
    study = load(tmp_path, text)
    assert study.system_names == systems


TWO_PARTS = """\
title: T
songs: [{name: s, files: {a: mix.wav, b: mix.wav}}, {name: t, files: {c: mix.wav, d: mix.wav}}]
pages: {training: %s}
parts:
  - {type: ape, name: one, songs: [s], systems: [a, b]}
  - {type: preference, name: two, songs: [t], systems: [c, d]}
"""


def test_a_song_needs_no_file_of_a_system_that_no_part_plays_of_it(folder: Path) -> None:
    """Two parts may be about other songs by other systems."""
    study = load(folder, TWO_PARTS % "false")
    assert [study.systems_of(song) for song in study.songs] == [("a", "b"), ("c", "d")]


def test_a_song_that_is_practised_needs_the_files_of_every_part(folder: Path) -> None:
    """The first song is heard before each part."""
    with pytest.raises(StudyError, match=r"line 2: The song 's' has no file of the system 'c'"):
        load(folder, TWO_PARTS % "true")
