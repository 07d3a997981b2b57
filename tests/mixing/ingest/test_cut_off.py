"""Compressed files that were cut off are told from whole ones."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixing.ingest.cut_off import is_cut_off

ID3 = b"ID3\x04\x00\x00\x00\x00\x01\x48" + bytes(200)
"""An MP3's tag of 200 bytes: 1 × 128 + 72."""


def sound(kind: str, subtype: str | None = None) -> bytes:
    """Two seconds of noise."""
    file = io.BytesIO()
    noise = 0.1 * np.random.default_rng(1).standard_normal(96_000)
    soundfile.write(file, noise, 48_000, subtype, format=kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "subtype", "tag"),
    [("ogg", "VORBIS", b""), ("ogg", "OPUS", b""), ("mp3", None, b""), ("mp3", None, ID3)],
)
def test_a_whole_file_is_told_from_its_beginning(
    tmp_path: Path, kind: str, subtype: str | None, tag: bytes
) -> None:
    """Nine tenths of it, all but its last byte where it has a mark of its end, and more than it."""
    path, whole = tmp_path / f"noise.{kind}", tag + sound(kind, subtype)
    told = {}
    for name, content in {
        "whole": whole,
        "with more": whole + b"TAG" + bytes(125),
        "nine tenths": whole[: len(whole) * 9 // 10],
        "header": whole[:20],
        "empty": b"",
    }.items():
        path.write_bytes(content)
        told[name] = is_cut_off(path)
    assert (told["whole"], told["nine tenths"], told["empty"]) == (False, True, False)
    assert told["with more"] is False
    assert told["header"] is (kind == "ogg")
    path.write_bytes(whole[:-1])
    assert is_cut_off(path) is (kind == "ogg")


@pytest.mark.parametrize("kind", ["wav", "flac", "aiff"])
def test_other_formats_are_left_to_their_decoders(tmp_path: Path, kind: str) -> None:
    """They state their length themselves."""
    path = tmp_path / f"noise.{kind}"
    path.write_bytes(sound(kind)[:5000])
    assert not is_cut_off(path)


def test_an_mp3_that_states_no_length_is_not_judged(tmp_path: Path) -> None:
    """Without the frame that states it nothing is known."""
    path, content = tmp_path / "noise.mp3", sound("mp3")
    for sign in (b"Xing", b"Info"):
        content = content.replace(sign, bytes(4))
    path.write_bytes(content[:5000])
    assert not is_cut_off(path)
