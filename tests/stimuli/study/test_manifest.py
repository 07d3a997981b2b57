"""The manifest and the FLAC files it tells of: round trips, damage, sizes to the byte."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import places
from mixing.audio import read_audio, write_flac
from stimuli.rendering.flac_size import common_size, padded_to, without_tags
from stimuli.study.manifest import Stimulus, read_manifest, write_manifest
from stimuli.study.study import StudyError

ROW = Stimulus(
    song="harbour", system="cnn", file="audio/0a.flac", sha256="ab" * 32, integrated_lufs=-23.01,
    true_peak_dbtp=-4.5, lra_lu=6.25, duration_s=30.0, sample_rate=44_100, gain_db=-1.1,
    page_target_lufs=-23.0, mix_integrated_lufs=-21.9, mix_true_peak_dbtp=-3.4,
    profile="corrected", seed=12, key="cd" * 32, parameters='{"notes":["a, \\"b\\""],"eq":[]}',
)  # fmt: skip


@pytest.fixture(scope="module")
def flac(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a second of noise as a FLAC file."""
    path = tmp_path_factory.mktemp("flac") / "noise.flac"
    audio = np.random.default_rng(1).standard_normal((2, 44_100)) * 0.1
    write_flac(path, audio.astype(np.float32), 44_100)
    return path.read_bytes()


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
        "absolute": text.replace("audio/0a.flac", "/etc/0a.flac"),
        "none": header + "\n",
    }[case]


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("column", r"line 2: no 'gain_db'; the manifest is damaged"),
        ("number", r"line 2: sample_rate is '44k1', not a number"),
        ("cut", r"line 3: no '.*'; the manifest is damaged"),
        ("twice", r"lists a stimulus twice"),
        ("outside", r"line 2: the file '../0a.flac' is outside the build"),
        ("absolute", r"line 2: the file '/etc/0a.flac' is outside the build"),
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


def test_a_folder_without_a_build_says_what_to_run(tmp_path: Path) -> None:
    """The remedy is in the sentence; bytes that are no text are refused too."""
    with pytest.raises(StudyError, match=r"there is no build in .*; run mixtrial build"):
        read_manifest(tmp_path / "nowhere")
    (tmp_path / "manifest.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StudyError, match="cannot be read; build the study again"):
        read_manifest(tmp_path)


def test_padding_changes_the_size_and_not_a_sample(flac: bytes, tmp_path: Path) -> None:
    """A padded file has exactly the size asked for and decodes to the same samples."""
    size = common_size([len(without_tags(flac)), 300_000])
    (tmp_path / "plain.flac").write_bytes(flac)
    (tmp_path / "padded.flac").write_bytes(padded_to(flac, size))
    assert (tmp_path / "padded.flac").stat().st_size == size
    assert size % 4096 == 0
    plain, padded = (read_audio(tmp_path / f"{name}.flac")[0] for name in ("plain", "padded"))
    np.testing.assert_array_equal(plain, padded)


def test_padding_again_starts_from_the_bare_file(flac: bytes) -> None:
    """Padding is replaced, never piled up."""
    bare = without_tags(flac)
    assert b"libFLAC" in flac
    assert b"libFLAC" not in bare
    assert without_tags(padded_to(flac, len(bare) + 10_000)) == bare


@pytest.mark.parametrize("extra", [4, 5, 2**24 + 2, 2**24 + 3, 2**24 + 4, 2**24 + 7, 2**24 + 8])
def test_padding_of_any_length_is_written_in_lawful_blocks(flac: bytes, extra: int) -> None:
    """A block holds at most 2^24 - 1 bytes; longer padding takes two, to the byte."""
    bare = without_tags(flac)
    padded = padded_to(flac, len(bare) + extra)
    assert len(padded) == len(bare) + extra
    assert without_tags(padded) == bare
    n_blocks, position, is_last = 0, 42, False
    while not is_last:
        is_last, kind = bool(padded[position] & 0x80), padded[position] & 0x7F
        position += 4 + int.from_bytes(padded[position + 1 : position + 4], "big")
        n_blocks += 1
        assert kind == 1
    assert n_blocks == (1 if extra <= 2**24 + 3 else 2)


def test_a_size_that_cannot_be_reached_is_refused(flac: bytes) -> None:
    """Padding needs room for its own header; other files are refused."""
    with pytest.raises(ValueError, match="cannot be padded"):
        padded_to(flac, len(without_tags(flac)) + 3)
    with pytest.raises(ValueError, match="not a FLAC file"):
        without_tags(b"RIFF....WAVE")
    with pytest.raises(ValueError, match="ends inside its header"):
        without_tags(flac[:44])
