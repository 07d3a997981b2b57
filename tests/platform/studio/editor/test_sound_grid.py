"""The grid of a study's files: found and listed ones, how they sound, and their faults."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

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
    shown = table_of(tmp_path, rows, known_of(rows, heard))
    assert "0.50 s longer than the shortest of its row" in shown
    assert shown.count('class="ed-wave"') == 2
    assert "4.0 s" in shown
    assert "<b>" not in shown
    assert "there is no such file" in shown


def test_a_pattern_that_finds_nothing_leaves_what_is_listed(tmp_path: Path) -> None:
    """The fault is told elsewhere; half-written keys are no fault of the grid."""
    songs = [{"name": "one", "files": {"a": "a.wav"}}, {"nam": 3}, "text"]
    rows = files_of(tmp_path, {"files": "none/{song}/{system}.*", "songs": songs})
    assert rows == {"one": {"a": tmp_path / "a.wav"}, "entry 2": {}}
    assert files_of(tmp_path, {"songs": None}) == {}
