"""Systems that are entries: where their mixes come from, and what is said of faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from stimuli.study.study import StudyError
from tests.stimuli.study.test_study import load

SONGS = """\
title: Mixers
songs:
  - {name: harbour, vocal: v.flac, backing: b.flac}
  - {name: lantern, vocal: v.flac, backing: b.flac}
systems:
"""
COMMAND = '{name: c, command: "python m.py {vocal} {backing} {out}"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with stems, mixes and weights; all files are empty."""
    for name in ("mixes/a", "mixes/b", "weights"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("v.flac", "b.flac", "ref.wav", "mixes/a/harbour.wav", "mixes/a/lantern.wav"):
        (tmp_path / name).touch()
    (tmp_path / "mixes" / "b" / "harbour.wav").touch()
    return tmp_path


def of_two_songs(folder: Path, *entries: str) -> str:
    """Fingerprint of the study with these systems."""
    return load(folder, SONGS + "".join(f"  - {entry}\n" for entry in entries)).fingerprint


def test_names_and_entries_stand_in_one_list(folder: Path) -> None:
    """In their order; a label is for reading, and the file of a pattern is the song's."""
    study = load(
        folder,
        SONGS
        + "  - baseline\n  - {name: ours, label: Our network, system: cnn, weights: weights}\n"
        '  - {name: eng, files: "mixes/a/{song}.wav"}\n  - ' + COMMAND + ", timeout_s: 60}\n",
    )
    assert study.system_names == ("baseline", "ours", "eng", "c")
    assert study.system_labels == {"ours": "Our network"}
    assert [each.mixed_by for each in study.systems] == ["baseline", "cnn", None, None]
    assert study.systems[1].weights == folder / "weights"
    assert study.songs[1].files == {"eng": folder / "mixes" / "a" / "lantern.wav"}


def test_songs_are_found_by_the_patterns_of_systems(folder: Path) -> None:
    """Where none are listed, those that any system has a file of."""
    (folder / "mixes" / "b" / "lantern.wav").touch()
    study = load(
        folder,
        'title: T\nsystems:\n  - {name: a, files: "mixes/a/{song}.wav"}\n'
        '  - {name: b, files: "mixes/b/{song}.*"}\n',
    )
    assert [song.name for song in study.songs] == ["harbour", "lantern"]
    assert list(study.songs[0].files) == ["a", "b"]


def test_an_entry_that_only_has_a_name_is_that_name(folder: Path) -> None:
    """So is one with a label; what is heard is part of the fingerprint, a limit of time is not."""
    names = of_two_songs(folder, "baseline", "cnn")
    assert of_two_songs(folder, "{name: baseline}", "{name: cnn, label: Network}") == names
    assert of_two_songs(folder, "baseline", "{name: cnn, weights: weights}") != names
    for told in ("amount: {eq: 0.5}", "level: rock", "level: reference, reference: ref.wav"):
        assert of_two_songs(folder, "baseline", f"{{name: cnn, {told}}}") != names
    command = of_two_songs(folder, COMMAND + "}", "cnn")
    assert of_two_songs(folder, COMMAND + ", timeout_s: 5}", "cnn") == command
    assert of_two_songs(folder, COMMAND.replace("m.py", "n.py") + "}", "cnn") != command


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("baselin", r"line 6: Unknown system 'baselin'. Did you mean 'baseline'\?"),
        ("{name: x, system: cn}", r"line 6: There is no mixing system 'cn'. Did you mean 'cnn'\?"),
        (
            "{name: x, sytem: cnn}",
            r"Unknown key 'sytem' in systems, entry 1. Did you mean 'system'",
        ),
        ("{label: x}", "line 6: The key 'name' is missing in systems, entry 1"),
        ("7", "line 6: Each system must be a name, or keys with a name, not 7"),
        ("{name: Baseline}\n  - baseline", "Two of the systems are called 'baseline'"),
        (
            "{name: random, system: cnn}",
            "'random' has the name of one of mixtrial's own systems; give it another",
        ),
        (
            "{name: x, system: cnn, label: CNN}\n  - cnn",
            "The label 'CNN' of .* is the name or label of another",
        ),
        ("{name: x, system: cnn, weights: w}", "line 6: There is no weights folder 'w'"),
        ("{name: x, system: random, weights: weights}", "has weights, but random does not"),
        ("{name: x, system: human}", "The system 'x' is listed, but the song 'harbour' has no hum"),
        (
            '{name: b, files: "mixes/b/{song}.wav"}',
            r"line 4: The song 'lantern' has no file of the system 'b'; add mixes/b/lantern\.wav",
        ),
        (
            '{name: b, files: "mixes/c/{song}.wav"}',
            "line 6: files of the system 'b': .* matches no",
        ),
        (
            "{name: b, files: ref.wav}",
            r"line 6: files of the system 'b': 'ref\.wav' must contain \{song\}",
        ),
        ("{name: x, system: cnn, amount: {eq: 2}}", "line 6: .*amount, eq must be at most 1"),
        ("{name: x, system: cnn, amount: {eqq: 1}}", "Unknown key 'eqq' in systems, entry 1, am"),
        ("{name: x, system: cnn, level: jazz}", "level must be one of country, rap, .* not 'jazz'"),
        ("{name: x, system: cnn, level: 90}", "level must be .* from -60 to 60 LU, not 90"),
        ("{name: x, system: cnn, level: reference}", "has level: reference, but no reference;"),
        ("{name: cnn, reference: no.wav}", r"line 6: There is no reference file 'no\.wav'"),
        ("{name: cnn, reference: ref.wav}", "'cnn' has a reference, but cnn does not"),
        (COMMAND + ", level: rock}", "has level, which is only for a system that mixes; leave"),
        (COMMAND + ', files: "mixes/a/{song}.wav"}', "line 6: The system 'c' has both files and c"),
        (
            COMMAND + ", weights: weights}",
            "has weights, which is only for a system that mixes; leave",
        ),
        (
            "{name: cnn, timeout_s: 3}",
            "has timeout_s, which is only for a system that has a command",
        ),
        (COMMAND + ", timeout_s: 0}", "timeout_s must be more than 0"),
        ('{name: c, command: "m {vocal}"}', r"command of the system 'c' must contain \{out\}"),
        (
            '{name: c, command: "m {out}"}',
            r"must contain \{vocal\} or \{backing\} or \{reference\}",
        ),
        (
            '{name: c, command: "m {voice} {out}"}',
            r"'c' has the unknown placeholder \{voice\}; the placeholders are",
        ),
        ('{name: c, command: "m \'{vocal} {out}"}', "opens a quote and never closes it"),
        (
            '{name: c, command: "m {reference} {out}"}',
            "line 3: The song 'harbour' has no reference for the command of the system 'c'; add it",
        ),
    ],
)
def test_what_is_wrong_with_a_system_is_said_in_one_sentence(
    folder: Path, entry: str, said: str
) -> None:
    """With its line, and with what to do."""
    with pytest.raises(StudyError, match=said):
        load(folder, f"{SONGS}  - {entry}\n")


@pytest.mark.parametrize(
    ("song", "system", "said"),
    [
        (
            "files: {c: ref.wav}",
            COMMAND + "}",
            "line 3: The song 's' has a file of the system 'c', but that system",
        ),
        ("files: {c: ref.wav}, reference: ref.wav", "c", "the same file as its reference and as"),
        (
            "reference: ref.wav",
            "baseline",
            "'s' has no vocal and backing for the system 'baseline'",
        ),
    ],
)
def test_a_song_and_a_system_that_do_not_fit_are_named(
    folder: Path, song: str, system: str, said: str
) -> None:
    """Which of them, and what to do."""
    with pytest.raises(StudyError, match=said):
        load(folder, f"title: T\nsongs:\n  - {{name: s, {song}}}\nsystems:\n  - {system}\n")


def test_two_patterns_that_find_files_of_one_name_are_refused(folder: Path) -> None:
    """The study's own pattern finds a system that an entry finds elsewhere."""
    (folder / "mixes" / "b" / "lantern.wav").touch()
    text = (
        "title: T\nfiles: mixes/{system}/{song}.wav\nsystems:\n  - b\n"
        '  - {name: a, files: "mixes/b/{song}.wav"}\n'
    )
    with pytest.raises(StudyError, match=r"line 5: The song 'harbour' has two files of .* 'a'"):
        load(folder, text)
