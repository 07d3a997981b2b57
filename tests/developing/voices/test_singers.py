"""The command that arranges voices by singer, and who teaches whom in its tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import iirpeak, lfilter, welch

from mixing.learning.data.groups import is_raw, keys_of
from mixing.learning.data.songs import TaughtSong, find_stems
from tests.developing.voices import singers

RATE = 44_100


def test_recordings_are_arranged_by_whom_they_belong_to(tmp_path: Path) -> None:
    """Excerpts under their artist, the synthetic voice's songs under it, dry voices as raw."""
    data = tmp_path / "data"
    sound = np.full((RATE // 10, 2), 0.01)
    voice, singer = sorted(singers.SINGERS.items())[0]
    for name in ("stems/salt/salt_1_vocal", "stems/salt/salt_1_backing", "synth/tune_vocal",
                 "synth/tune_backing", f"voices/{voice}",
                 *(f"rirs/{room}" for room in singers.ROOMS.values())):  # fmt: skip
        path = data / f"{name}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sound, RATE)
    (data / "stems" / "salt" / "song.json").write_text(json.dumps({"artist": "Kit"}))
    out = tmp_path / "out"
    singers.arrange(data, out)
    pairs = {pair.song: pair.vocal.parent for pair in find_stems([out])}
    assert {"salt_1", "tune", "harbour_lights", voice, f"{voice}_slower"} <= set(pairs)
    assert {f"{voice}_{copy}" for copy in (*singers.FORMANTS, *singers.ROOMS)} <= set(pairs)
    assert keys_of(pairs["salt_1"]) == ("song:salt", "artist:kit")
    assert keys_of(pairs["tune"]) == keys_of(pairs["harbour_lights"])
    assert keys_of(pairs[voice]) == keys_of(pairs[f"{voice}_faster"]) == (f"singer:{singer}",)
    assert is_raw(pairs[voice])
    assert not is_raw(pairs["tune"])
    slower, _ = soundfile.read(pairs[f"{voice}_slower"] / "vocal.flac")
    assert len(slower) / len(sound) == pytest.approx(2 ** (2 / 12), rel=1e-3)
    singers.arrange(data, out)


def test_a_resonance_moves_by_two_semitones_and_no_ratio_changes_nothing() -> None:
    """Noise with a resonance at 1 kHz has it at 1122 Hz; its length and its level stay."""
    noise = np.random.default_rng(1).standard_normal((4 * RATE, 2)) * 0.1
    numerator, denominator = iirpeak(1000, 3, RATE)
    voice = lfilter(numerator, denominator, noise, axis=0) + 0.05 * noise
    moved = singers.formants_moved(voice.astype(np.float32), singers.FORMANTS["shorter"])
    frequency_hz, power = welch(moved[:, 0], RATE, nperseg=4096)
    smooth = np.convolve(power, np.ones(15) / 15, "same")
    assert frequency_hz[smooth.argmax()] == pytest.approx(1122, abs=30)
    assert moved.shape == voice.shape
    same = singers.formants_moved(voice.astype(np.float32), 1.0)
    np.testing.assert_allclose(same, voice, atol=1e-6)


def test_a_room_is_six_decibels_below_the_voice() -> None:
    """The room's part alone has half of the voice's amplitude; a later echo is where it belongs."""
    voice = np.random.default_rng(2).standard_normal((RATE, 1)).astype(np.float32)
    response = np.zeros(RATE // 2)
    response[4410] = 3.0
    room = singers.in_room(voice, response) - voice
    assert np.sqrt(np.mean(room**2) / np.mean(voice**2)) == pytest.approx(10 ** (-6 / 20), rel=1e-4)
    assert np.abs(room[:4400]).max() < 1e-5
    assert np.corrcoef(room[4410:, 0], voice[:-4410, 0])[0, 1] == pytest.approx(1, abs=1e-6)


def test_nobody_is_asked_about_who_taught(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eight sets of sources, each asked about every group once, by networks without that group."""

    def ratios(
        teachers: Sequence[TaughtSong], asked: Sequence[TaughtSong], n_steps: int = 0
    ) -> dict[str, float]:
        taught = {song.together for song in teachers}
        assert teachers
        assert not taught & {song.together for song in asked}
        return {song.together: 1.0 for song in asked}

    monkeypatch.setattr(singers, "ratios", ratios)
    groups = {"artist": "a", "synthetic": "s", "singers": "pq"}
    groups |= dict.fromkeys(singers.COPIES, "pq")
    by_source = {
        source: [TaughtSong(f"{source} {g}", "x", RATE, (), {}, group=g) for g in names]
        for source, names in groups.items()
    }
    singers.effects(by_source)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert lines[0] == "artist: mean 1.000; p 1.00, q 1.00, s 1.00"
    assert lines[-1] == "all three, rooms: mean 1.000; a 1.00, p 1.00, q 1.00, s 1.00"
