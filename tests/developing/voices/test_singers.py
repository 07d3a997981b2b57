"""The command that arranges voices by singer, and who teaches whom in its tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixing.learning.data.groups import is_raw, keys_of
from mixing.learning.data.songs import TaughtSong, find_stems
from tests.developing.voices import singers

RATE = 44_100


def test_recordings_are_arranged_by_whom_they_belong_to(tmp_path: Path) -> None:
    """Excerpts under their artist, the synthetic voice's songs under it, dry voices as raw."""
    data = tmp_path / "data"
    sound = np.zeros((RATE // 10, 2))
    voice, singer = sorted(singers.SINGERS.items())[0]
    for name in ("stems/salt/salt_1_vocal", "stems/salt/salt_1_backing", "synth/tune_vocal",
                 "synth/tune_backing", f"voices/{voice}"):  # fmt: skip
        path = data / f"{name}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sound, RATE)
    (data / "stems" / "salt" / "song.json").write_text(json.dumps({"artist": "Kit"}))
    out = tmp_path / "out"
    singers.arrange(data, out)
    pairs = {pair.song: pair.vocal.parent for pair in find_stems([out])}
    assert {"salt_1", "tune", "harbour_lights", voice, f"{voice}_slower"} <= set(pairs)
    assert keys_of(pairs["salt_1"]) == ("song:salt", "artist:kit")
    assert keys_of(pairs["tune"]) == keys_of(pairs["harbour_lights"])
    assert keys_of(pairs[voice]) == keys_of(pairs[f"{voice}_faster"]) == (f"singer:{singer}",)
    assert is_raw(pairs[voice])
    assert not is_raw(pairs["tune"])
    slower, _ = soundfile.read(pairs[f"{voice}_slower"] / "vocal.flac")
    assert len(slower) / len(sound) == pytest.approx(2 ** (2 / 12), rel=1e-3)
    singers.arrange(data, out)


def test_nobody_is_asked_about_who_taught(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Six sets of sources, each asked about every group once, by networks without that group."""

    def ratios(
        teachers: Sequence[TaughtSong], asked: Sequence[TaughtSong], n_steps: int = 0
    ) -> dict[str, float]:
        taught = {song.together for song in teachers}
        assert teachers
        assert not taught & {song.together for song in asked}
        return {song.together: 1.0 for song in asked}

    monkeypatch.setattr(singers, "ratios", ratios)
    groups = {"artist": "a", "synthetic": "s", "singers": "pq", "shifted": "pq"}
    by_source = {
        source: [TaughtSong(f"{source} {g}", "x", RATE, (), {}, group=g) for g in names]
        for source, names in groups.items()
    }
    singers.effects(by_source)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[0] == "artist: mean 1.000; p 1.00, q 1.00, s 1.00"
    assert lines[-1] == "all three, shifted: mean 1.000; a 1.00, p 1.00, q 1.00, s 1.00"
