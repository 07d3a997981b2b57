"""The grid of a study's files: found and listed ones, how they sound, and their faults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from mixtrial.studio.editor.document.dropped_files import (
    DroppedFile,
    cells_of,
    offered_columns,
    with_dropped,
)
from mixtrial.studio.editor.fields.study_fields import key_order
from mixtrial.studio.editor.pages.sound_facts import N_BARS, facts_of, files_of, stamp_of
from mixtrial.studio.editor.pages.sound_grid import known_of, table_of

RATE = 48_000


def tone(path: Path, duration_s: float, gain: float = 0.1) -> Path:
    """Write a stereo sine of 997 Hz, which grows at its half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(round(duration_s * RATE)) / RATE
    sound = gain * np.sin(2 * np.pi * 997.0 * time_s) * np.where(time_s < duration_s / 2, 0.5, 1.0)
    soundfile.write(path, np.stack([sound, sound], axis=1), RATE, "PCM_24")
    return path


def test_a_file_is_told_by_waveform_length_and_loudness(tmp_path: Path) -> None:
    """A sine of 997 Hz in both channels at -20 dBFS (peak) has -20 LUFS (BS.1770)."""
    path = tone(tmp_path / "a.wav", 4.0)
    stamp = stamp_of(path)
    assert stamp is not None
    facts = facts_of(str(path), stamp)
    assert facts.duration_s == pytest.approx(4.0)
    assert len(facts.peaks) == N_BARS
    assert facts.peaks[0] == pytest.approx(0.5, abs=0.01)
    assert facts.peaks[-1] == pytest.approx(1.0, abs=0.01)
    # half of the time 6.02 dB lower: mean power is (1 + 1/4) / 2 of the loud half's
    assert facts.loudness_lufs == pytest.approx(-20.0 + 10 * np.log10(0.625), abs=0.15)


def test_found_and_listed_files_stand_in_rows_and_columns(tmp_path: Path) -> None:
    """A pattern's files, a song's own, and what is missing, of another length or no sound."""
    tone(tmp_path / "audio/bells/mp3.wav", 4.0)
    tone(tmp_path / "audio/bells/opus.wav", 4.5)
    (tmp_path / "audio/bells/<b>.wav").write_bytes(b"no sound")
    values = {
        "files": "audio/{song}/{system}.wav",
        "songs": [{"name": "bells", "vocal": "gone.wav", "human": "mix.json"}],
    }
    (tmp_path / "mix.json").write_text("{}", encoding="utf-8")
    rows = files_of(tmp_path, values)
    assert [*rows] == ["bells"]
    assert {*rows["bells"]} == {"mp3", "opus", "b", "vocal", "human"}
    known = known_of(rows, {})
    assert known[rows["bells"]["human"]] is None
    assert "no such file" in str(known[rows["bells"]["vocal"]])
    heard = {
        (path, stamp): facts_of(str(path), stamp)
        for path in rows["bells"].values() if path.suffix == ".wav" and (stamp := stamp_of(path))
    }  # fmt: skip
    shown = table_of(tmp_path, rows, known_of(rows, heard), [*rows["bells"]], takes_files=True)
    assert "0.50 s longer than the shortest of its row" in shown
    assert shown.count('class="ed-wave"') == 2
    assert "4.0 s" in shown
    assert "<b>" not in shown
    assert "there is no such file" in shown
    assert '<td data-song="bells" data-system="opus">' in shown


def test_a_pattern_that_finds_nothing_leaves_what_is_listed(tmp_path: Path) -> None:
    """The fault is told elsewhere; half-written keys are no fault of the grid."""
    songs = [{"name": "one", "files": {"a": "a.wav"}}, {"nam": 3}, "text"]
    rows = files_of(tmp_path, {"files": "none/{song}/{system}.*", "songs": songs})
    assert rows == {"one": {"a": tmp_path / "a.wav"}, "entry 2": {}}
    assert files_of(tmp_path, {"songs": None}) == {}


@pytest.mark.parametrize(
    ("paths", "cells"),
    [
        (["bells/aac.wav"], [("bells", "aac")]),  # a new system of a known recording
        (["mp3/drum.wav"], [("drum", "mp3")]),  # a new recording of a known system
        (["drum_mp3.wav", "drum_ref.wav"], [("drum", "mp3"), ("drum", "reference")]),
        (["a_b/x.wav", "a_b/y.wav", "c/x.wav", "c/y.wav"],
         [("a_b", "x"), ("a_b", "y"), ("c", "x"), ("c", "y")]),  # all new: the recording first
        (["Bells/vocals.wav"], [("bells", "vocal")]),
        (["new.wav"], []),
    ],
)  # fmt: skip
def test_whose_a_dropped_file_is_follows_from_its_name(
    paths: list[str], cells: list[tuple[str, str]]
) -> None:
    """By what the study has, or as *New* reads a folder; where nothing tells, it is left alone."""
    found = cells_of(paths, ["bells", "harp"], ["reference", "mp3", "opus"])
    assert [(each.song, each.system) for each in found] == cells


def test_a_dropped_file_is_one_line_of_the_study_file(tmp_path: Path) -> None:
    """A pattern's recordings are listed once one has a file of its own; the others stay found."""
    for name in ("bells", "Glass harp"):
        tone(tmp_path / f"audio/{name}/mp3.wav", 0.1)
    text = "title: One  # mine\nfiles: audio/{song}/{system}.*\nsystems: [mp3]\n"
    new = DroppedFile("audio/bells/opus/take.wav", "bells", "opus")
    drum = DroppedFile("audio/drum/reference.wav", "drum", "reference")
    changed = with_dropped(text, tmp_path, [new, drum], key_order)
    expected = """\
title: One  # mine
songs:
  - name: bells
    files: {opus: audio/bells/opus/take.wav}
  - name: Glass_harp
    title: Glass harp
  - name: drum
    reference: audio/drum/reference.wav
files: audio/{song}/{system}.*
systems: [mp3, opus]
"""
    assert changed == expected
    rows = files_of(tmp_path, yaml.safe_load(changed))
    assert {song: {*cells} for song, cells in rows.items()} == {
        "bells": {"mp3", "opus"}, "Glass_harp": {"mp3"}, "drum": {"reference"},
    }  # fmt: skip
    again = with_dropped(changed, tmp_path, [replace(new, path="audio/b.wav")], key_order)
    assert again == changed.replace("audio/bells/opus/take.wav", "audio/b.wav")


def test_cells_are_offered_for_what_the_systems_are_made_from() -> None:
    """Files for those that are files; a vocal and a backing for those that mix."""
    assert offered_columns({"systems": ["mp3", "opus"]}, ["aac"]) == [
        "reference", "mp3", "opus", "aac",
    ]  # fmt: skip
    assert offered_columns({"systems": ["baseline", {"name": "x", "command": "y"}]}, []) == [
        "vocal", "backing",
    ]  # fmt: skip
    assert offered_columns({}, ["a"]) == ["reference", "a"]
