"""The manifest: round trips, damage, and what an earlier version left out."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

import places
from stimuli.study.manifest import Stimulus, read_manifest, write_manifest
from stimuli.study.study import StudyError

ROW = Stimulus(
    song="harbour", system="cnn", file="audio/0a.flac", sha256="ab" * 32, integrated_lufs=-23.01,
    true_peak_dbtp=-4.5, lra_lu=6.25, duration_s=30.0, sample_rate=44_100, gain_db=-1.1,
    page_target_lufs=-23.0, mix_integrated_lufs=-21.9, mix_true_peak_dbtp=-3.4,
    profile="corrected", seed=12, key="cd" * 32, parameters='{"notes":["a, \\"b\\""],"eq":[]}',
    copies="audio/0b.flac audio/0c.flac",
)  # fmt: skip


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Numbers to the last digit, quotes and commas in the parameters included."""
    rows = (ROW, replace(ROW, system="human", integrated_lufs=-22.99999999999999))
    written = write_manifest(tmp_path, rows)
    assert read_manifest(tmp_path) == written
    assert read_manifest(tmp_path / "manifest.csv").stimuli == rows
    assert written.stimuli[0].report == {"notes": ['a, "b"'], "eq": []}
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.csv"]


def test_the_manifest_is_a_plain_table(tmp_path: Path) -> None:
    """UTF-8, comma, LF, one header; other programs read it."""
    write_manifest(tmp_path, [ROW])
    content = (tmp_path / "manifest.csv").read_bytes()
    assert content.startswith(b"song,system,file,sha256,integrated_lufs,true_peak_dbtp,lra_lu,")
    assert (content.count(b"\n"), content.count(b"\r")) == (2, 0)


def test_every_column_is_explained_in_the_documentation() -> None:
    """docs/study-file.md names each column of the manifest in code type."""
    text = (places.ROOT / "docs" / "study-file.md").read_text(encoding="utf-8")
    assert [field.name for field in fields(Stimulus) if f"`{field.name}`" not in text] == []


def damaged(text: str, case: str) -> str:
    """Spoil a manifest of two rows in one way."""
    header, first, second, _ = text.split("\n")
    return {
        "column": text.replace("gain_db", "gain"),
        "number": text.replace("44100", "44k1", 1),
        "cut": "\n".join([header, first, second[: len(second) // 3]]),
        "twice": "\n".join([header, first, first, ""]),
        "outside": text.replace("audio/0a.flac", "../0a.flac"),
        "copy outside": text.replace(" audio/0c.flac", " ../0c.flac"),
        "absolute": text.replace("audio/0a.flac", "/etc/0a.flac"),
        "none": header + "\n",
    }[case]


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("column", r"line 2: 'gain_db' is missing\. The manifest is damaged"),
        ("number", r"line 2: sample_rate is '44k1', not a number"),
        ("cut", r"line 3: '.*' is missing\. The manifest is damaged"),
        ("twice", r"lists a stimulus twice"),
        ("outside", r"line 2: The file '../0a.flac' is outside the build"),
        ("copy outside", r"line 2: The file '../0c.flac' is outside the build"),
        ("absolute", r"line 2: The file '/etc/0a.flac' is outside the build"),
        ("none", r"lists no stimulus"),
    ],
)
def test_a_damaged_manifest_is_refused_in_one_sentence(
    tmp_path: Path, case: str, sentence: str
) -> None:
    """Each kind of damage names its line and the remedy."""
    write_manifest(tmp_path, [ROW, replace(ROW, system="human")])
    path = tmp_path / "manifest.csv"
    path.write_text(damaged(path.read_text(), case))
    with pytest.raises(StudyError, match=sentence):
        read_manifest(tmp_path)


def test_each_hearing_has_a_file_of_its_own_while_there_are_any(tmp_path: Path) -> None:
    """The file first, its copies in turn, then the file again."""
    manifest = write_manifest(tmp_path, [ROW])
    heard = [manifest.path(ROW, hearing).name for hearing in range(4)]
    assert heard == ["0a.flac", "0b.flac", "0c.flac", "0a.flac"]


def test_a_manifest_from_before_there_were_copies_lists_none(tmp_path: Path) -> None:
    """Archives hold such manifests, and reports are made of them."""
    write_manifest(tmp_path, [replace(ROW, copies="")])
    path = tmp_path / "manifest.csv"
    path.write_text(path.read_text().replace(",copies\n", "\n").replace(",\n", "\n"))
    assert "copies" not in path.read_text()
    [stimulus] = read_manifest(tmp_path).stimuli
    assert stimulus.files == ("audio/0a.flac",)


def test_a_folder_without_a_build_says_what_to_run(tmp_path: Path) -> None:
    """The remedy is in the sentence; bytes that are no text are refused too."""
    with pytest.raises(StudyError, match=r"There is no build in .*; run mixtrial build"):
        read_manifest(tmp_path / "nowhere")
    (tmp_path / "manifest.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StudyError, match="cannot be read; build the study again"):
        read_manifest(tmp_path)
