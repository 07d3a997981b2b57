"""Finished files as stimuli: in step with each other, at one level, and otherwise as they came."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyebur128
import pytest
import soundfile

from mixing.audio import Audio
from stimuli.loading.load import load_study
from stimuli.rendering import cache_keys
from stimuli.rendering.render import build
from stimuli.study.manifest import Manifest, Stimulus
from stimuli.study.study import StudyError

RATE = 44_100
STUDY = """\
title: Codecs
files: audio/{song}/{system}.*
reference: audio/{song}/reference.*
parts: [{type: mushra}]
"""


def noise(seconds: float, rate: int = RATE, seed: int = 1) -> Audio:
    """Mono noise below 5 kHz, which every codec keeps."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(round(seconds * rate)))
    spectrum[np.fft.rfftfreq(round(seconds * rate), 1 / rate) > 5_000] = 0
    sound = np.fft.irfft(spectrum, round(seconds * rate))
    return np.asarray(0.1 * sound / np.std(sound), dtype=np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One song as reference, MP3, Opus, at half the rate, and 20 ms longer and shorter."""
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    audio = tmp_path / "audio" / "bells"
    audio.mkdir(parents=True)
    sound = noise(4.0)
    soundfile.write(audio / "reference.wav", sound, RATE)
    soundfile.write(audio / "mp3.mp3", sound, RATE)
    at_48 = np.fft.irfft(np.fft.rfft(sound), 4 * 48_000) * 48_000 / RATE
    soundfile.write(audio / "opus.opus", at_48, 48_000, format="OGG", subtype="OPUS")
    half = np.fft.irfft(np.fft.rfft(sound)[: 2 * RATE // 2 + 1], 2 * RATE) / 2
    soundfile.write(audio / "half.wav", half, RATE // 2)
    soundfile.write(audio / "long.wav", np.append(sound, np.zeros(882, np.float32)), RATE)
    soundfile.write(audio / "short.wav", 0.5 * sound[:-882], RATE)
    return tmp_path


def built(folder: Path) -> Manifest:
    """Build the study of a folder in this process."""
    return build(load_study(folder / "study.yaml"), folder / "build", workers=1)


def integrated_lufs(sound: Audio, rate: int) -> float:
    """Loudness by libebur128."""
    state = pyebur128.R128State(2, rate, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(np.float32(sound).ravel(), len(sound))
    return float(pyebur128.get_loudness_global(state))


def delay_samples(manifest: Manifest, stimulus: Stimulus, reference: Stimulus) -> int:
    """How many samples later than the reference a stimulus is, by cross-correlation."""
    a, b = (soundfile.read(manifest.path(each))[0][:, 0] for each in (stimulus, reference))
    n = 1 << 19
    found = np.fft.irfft(np.fft.rfft(a, n) * np.conj(np.fft.rfft(b, n)))
    at = int(np.argmax(found))
    return at if at < n // 2 else at - n


def test_files_are_in_step_as_long_and_as_loud_as_their_reference(folder: Path) -> None:
    """MP3's 1,105 samples of delay are gone; libebur128 reads −23 LUFS of each."""
    manifest = built(folder)
    files = {each.system: each for each in manifest.stimuli}
    reference = files["reference"]
    assert [each.system for each in manifest.stimuli[:5]] == [
        "half",
        "long",
        "mp3",
        "opus",
        "short",
    ]
    for name in ("half", "long", "mp3", "opus", "short", "reference"):
        stimulus = files[name]
        sound, rate = soundfile.read(manifest.path(stimulus))
        assert (rate, sound.shape) == (RATE, (4 * RATE, 2))
        assert delay_samples(manifest, stimulus, reference) == 0, name
        loudness = integrated_lufs(sound, rate)
        assert loudness == pytest.approx(-23.0, abs=0.1)


def test_the_manifest_says_what_was_done_to_a_file(folder: Path) -> None:
    """Another rate, and what was cut off or added."""
    notes = {
        each.system: json.loads(each.parameters)["notes"]
        for each in built(folder).stimuli if "anchor" not in each.system
    }  # fmt: skip
    assert notes == {
        "half": ["resampled from 22050 to 44100 Hz"],
        "long": ["882 samples cut off at the end"],
        "mp3": [],
        "opus": ["resampled from 48000 to 44100 Hz"],
        "short": ["882 samples of silence added at the end"],
        "reference": [],
    }


def test_only_a_file_that_changed_is_read_again(folder: Path) -> None:
    """The others keep their files to the byte."""
    before = {each.system: each for each in built(folder).stimuli}
    soundfile.write(folder / "audio" / "bells" / "long.wav", noise(4.0, seed=2), RATE)
    after = {each.system: each for each in built(folder).stimuli}
    assert before["long"].key != after["long"].key
    same = set(before) - {"long"}
    assert {name: before[name].key for name in same} == {name: after[name].key for name in same}


def test_files_are_read_again_once_they_would_be_read_otherwise(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that takes DC away makes what was built before it anew."""
    before = {each.system: each.key for each in built(folder).stimuli}
    asked: list[str] = []

    def other_version(room: str = "") -> str:
        asked.append(room)
        return "another reader"

    monkeypatch.setattr(cache_keys, "_code_version", other_version)
    after = {each.system: each.key for each in built(folder).stimuli}
    assert set(asked) == {"ingest"}
    assert not set(before.values()) & set(after.values())


def test_speech_at_16_khz_is_played_at_a_rate_that_browsers_have(folder: Path) -> None:
    """Short sentences of a voice are a study too."""
    audio = folder / "audio" / "bells"
    for path in audio.iterdir():
        path.unlink()
    for name in ("reference", "voice_a", "voice_b"):
        soundfile.write(audio / f"{name}.wav", noise(1.5, 16_000, seed=len(name)), 16_000)
    for stimulus in built(folder).stimuli:
        assert (stimulus.sample_rate, stimulus.duration_s) == (48_000, 1.5)


@pytest.mark.parametrize(
    ("name", "sound", "said"),
    [
        (
            "mp3.wav", noise(3.9),
            "'mp3': .* has 171990 samples at 44100 Hz, the others 176400; the .* 2205 samples",
        ),
        ("mp3.wav", np.zeros(4 * RATE, np.float32), r"mp3\.wav is silent"),
        ("reference.wav", noise(0.5), r"reference\.wav lasts 0\.50 s; at least 1 s are needed"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_played_with_the_others_is_refused(
    folder: Path, name: str, sound: Audio, said: str
) -> None:
    """In samples, and with the file's name."""
    (folder / "audio" / "bells" / "mp3.mp3").unlink()
    soundfile.write(folder / "audio" / "bells" / "mp3.wav", noise(4.0), RATE)
    soundfile.write(folder / "audio" / "bells" / name, sound, RATE)
    with pytest.raises(StudyError, match=said):
        built(folder)
    assert not (folder / "build" / "manifest.csv").exists()
