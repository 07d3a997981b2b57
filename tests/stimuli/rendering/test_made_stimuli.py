"""References, anchors and dry stems as the build leaves them: level, length, size, blindness."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyebur128
import pytest
from scipy import signal

from mixing.audio import Audio, Song, write_flac
from mixing.ingest.decoding import read_audio
from mixing.parameters import Mix, MixReport
from mixing.systems.base import MixingSystem, SystemSettings
from stimuli.loading.load import load_study
from stimuli.rendering.objective import objective_measures
from stimuli.rendering.render import Progress, build
from stimuli.study.manifest import Manifest, Stimulus
from stimuli.study.study import Study, StudyError

RATE = 44_100
SYSTEMS = ("plain", "square", "softer", "human")
MADE = ("reference", "low_anchor", "mid_anchor", "dry_mix", "dry_vocal", "dry_backing")
STUDY = """\
title: Made
seed: 5
songs:
  - {name: harbour, vocal: v.flac, backing: b.flac, human: v.flac, reference: b.flac}
  - {name: lantern, vocal: b.flac, backing: v.flac, human: v.flac}
systems: [plain, human, square]
pages: {training: false}
parts:
  - {type: mushra, songs: [harbour], systems: [plain, square]}
  - {type: multi_stimulus, references: [dry_mix, dry_vocal, dry_backing]}
"""


@dataclass(frozen=True)
class FakeSystem:
    """A mixing system that scales the sum, or leaves it for the beginnings of a square wave.

    Its third harmonic lowers the peak of the first, so that it peaks higher when low-passed.
    """

    name: str

    def mix(self, song: Song) -> Mix:
        """Sum of the stems; ``human`` only the vocal."""
        audio = (song.vocal + song.backing) * np.float32(0.4)
        if self.name in ("square", "softer"):
            turns = 2000 * np.arange(audio.shape[1]) / song.sample_rate
            wave = np.sin(2 * np.pi * turns) + 0.2 * np.sin(6 * np.pi * turns)
            wave *= np.cos(2 * np.pi * turns / 500) ** 32  # short bursts, for peaks far above
            audio = (0.4 if self.name == "square" else 0.2) * np.stack([wave, wave])
        if self.name == "human":
            audio = song.vocal * np.float32(0.7)
        report = MixReport(self.name, "corrected", (), None, None, None, -20.0, float("-inf"))
        return Mix(audio.astype(np.float32), None, None, song.sample_rate, report)


def noise(seed: int, duration_s: float = 3.2) -> Audio:
    """Stereo noise, peaking near −12 dBFS."""
    raw = np.random.default_rng(seed).standard_normal((2, round(duration_s * RATE))) * 0.06
    return raw.astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the study, with its stems."""
    folder = tmp_path_factory.mktemp("made")
    write_flac(folder / "v.flac", noise(1), RATE)
    write_flac(folder / "b.flac", noise(2), RATE)
    return folder


def study_in(folder: Path, text: str = STUDY) -> Study:
    """Load ``text`` as the study of ``folder``."""
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return load_study(folder / "study.yaml", SYSTEMS)


@pytest.fixture(scope="module")
def patched() -> object:
    """Fake systems in place of the real ones, for the whole module."""
    with pytest.MonkeyPatch.context() as patch:

        def create(name: str, settings: SystemSettings | None = None) -> MixingSystem:
            return FakeSystem(name)

        patch.setattr("stimuli.rendering.mix_audio.create_system", create)
        yield patch


@pytest.fixture(scope="module")
def manifest(folder: Path, patched: object) -> Manifest:
    """Build of the study."""
    return build(study_in(folder), folder / "build", workers=1)


def sound(manifest: Manifest, stimulus: Stimulus) -> Audio:
    """Sound played of a stimulus."""
    return read_audio(manifest.path(stimulus))[0]


def test_each_song_gets_what_its_parts_need_and_no_more(manifest: Manifest, folder: Path) -> None:
    """Anchors stand where the MUSHRA part plays; dry stems everywhere; nothing is missing."""
    made = {
        song: {s.system for s in manifest.stimuli if s.song == song} - set(SYSTEMS)
        for song in ("harbour", "lantern")
    }
    assert made == {"harbour": set(MADE), "lantern": {"dry_mix", "dry_vocal", "dry_backing"}}
    manifest.check_covers(study_in(folder))


def test_files_of_a_song_tell_nothing_by_size_or_name(manifest: Manifest) -> None:
    """Reference, anchors, stems and mixes are equally large; names are 32 hex digits."""
    for song in ("harbour", "lantern"):
        paths = [manifest.path(s) for s in manifest.stimuli if s.song == song]
        assert len({path.stat().st_size for path in paths}) == 1
        assert {len(path.stem) for path in paths} == {32}


def test_all_but_anchors_are_equally_loud_by_another_meter(manifest: Manifest) -> None:
    """Within 0.1 LU by libebur128; an anchor has its reference's gain and is softer."""
    for song in ("harbour", "lantern"):
        levels = {}
        for stimulus in (s for s in manifest.stimuli if s.song == song):
            audio = np.ascontiguousarray(sound(manifest, stimulus).T)
            meter = pyebur128.R128State(2, RATE, pyebur128.MeasurementMode.MODE_I)
            meter.add_frames(audio.astype(np.float32).ravel(), audio.shape[0])
            levels[stimulus.system] = pyebur128.get_loudness_global(meter)
        equal = [level for name, level in levels.items() if not name.endswith("anchor")]
        assert max(equal) - min(equal) <= 0.1
    reference, low, mid = (manifest.stimulus("harbour", name) for name in MADE[:3])
    assert reference.gain_db == low.gain_db == mid.gain_db
    assert low.integrated_lufs < mid.integrated_lufs < reference.integrated_lufs


def test_anchors_are_in_step_with_their_reference(manifest: Manifest) -> None:
    """Same length, lag 0 in the finished files, and nothing left above the mask's 50 dB point."""
    reference = sound(manifest, manifest.stimulus("harbour", "reference"))
    for name, stop_hz in (("low_anchor", 4500.0), ("mid_anchor", 9000.0)):
        anchor = sound(manifest, manifest.stimulus("harbour", name))
        assert anchor.shape == reference.shape
        match = signal.correlate(anchor[0], reference[0], mode="full", method="fft")
        assert int(np.argmax(match)) == reference.shape[1] - 1
        frequency_hz, power = signal.welch(anchor[0], RATE, nperseg=4096)
        _, before = signal.welch(reference[0], RATE, nperseg=4096)
        above = frequency_hz >= stop_hz + 100
        assert np.max(10 * np.log10(power[above] / before[above])) < -49.0
        facts = json.loads(manifest.stimulus("harbour", name).parameters)
        assert (facts["made_from"], facts["cutoff_hz"]) == ("reference", stop_hz / 9 * 7)


def test_dry_stems_are_the_stems_and_their_sum(manifest: Manifest) -> None:
    """Each is its stem times the gain of the manifest, the mix the sum of both."""
    vocal, backing = noise(1), noise(2)
    middle = slice(2000, -2000)  # beyond the fades
    wanted = {"dry_vocal": vocal, "dry_backing": backing, "dry_mix": vocal + backing}
    for name, dry in wanted.items():
        stimulus = manifest.stimulus("harbour", name)
        gain = 10 ** (stimulus.gain_db / 20)
        assert np.max(np.abs(sound(manifest, stimulus) - gain * dry)[:, middle]) < 1e-4


def test_a_second_build_does_nothing_and_a_new_reference_makes_new_anchors(
    folder: Path, manifest: Manifest, patched: object
) -> None:
    """Unchanged keys are kept; with another reference only what hangs on it is made."""
    steps: list[Progress] = []
    again = build(study_in(folder), folder / "build", workers=1, on_progress=steps.append)
    assert (again.stimuli, steps) == (manifest.stimuli, [])
    other = STUDY.replace("systems: [plain, square]}", "systems: [plain, human], reference: human}")
    changed = build(study_in(folder, other), folder / "other", workers=1)
    for name in ("low_anchor", "mid_anchor"):
        one, two = (each.stimulus("harbour", name) for each in (manifest, changed))
        assert one.key != two.key
        assert json.loads(two.parameters)["made_from"] == "human"
    assert changed.stimulus("harbour", "plain").key == manifest.stimulus("harbour", "plain").key


def test_the_page_is_soft_enough_for_an_anchor_that_overshoots(
    folder: Path, patched: object
) -> None:
    """An anchor that peaks higher than its reference decides how loud the page is: −1 dBTP."""
    loud = STUDY.partition("systems: [plain, human")[0].replace(
        "seed", "loudness_target_lufs: -6\nseed"
    )
    loud += (
        "systems: [square, softer]\npages: {training: false}\n"
        "parts: [{type: mushra, reference: square}]\n"
    )
    built = build(study_in(folder, loud), folder / "loud", workers=1)
    peaks = {s.system: s.true_peak_dbtp for s in built.stimuli if s.song == "harbour"}
    assert peaks["low_anchor"] > peaks["square"] + 0.5
    assert -1.1 < max(peaks.values()) <= -1.0


def test_a_silent_stem_is_named(folder: Path, patched: object) -> None:
    """A vocal that says nothing in the excerpt cannot be offered as a reference."""
    write_flac(folder / "silence.flac", np.zeros_like(noise(1)), RATE)
    text = STUDY.replace("systems: [plain, human, square]", "systems: [plain, square]")
    text = text.replace("systems: [plain, square]}", "reference: plain}")
    text = text.replace("name: harbour, vocal: v.flac", "name: harbour, vocal: silence.flac")
    with pytest.raises(StudyError, match="'harbour', system 'dry_vocal': The excerpt is silent"):
        build(study_in(folder, text), folder / "silent", workers=1)


def test_objective_measures_leave_dry_stems_out(manifest: Manifest) -> None:
    """Rated stimuli are measured, anchors too; stems that nobody rates are not."""
    table = objective_measures(manifest.folder)
    assert set(table["system"]) & set(MADE) == {"reference", "low_anchor", "mid_anchor"}
