"""Findings on the sound of a study's files are told before the build, and again by it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyebur128
import pytest
import soundfile

from mixing.audio import Audio
from stimuli.loading.load import load_study
from stimuli.rendering.heard_files import hear_files
from stimuli.rendering.render import build
from stimuli.standards.check import check_study
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study, StudyError

RATE = 44_100
STUDY = """\
title: Codecs
files: audio/{song}/{system}.*
reference: audio/{song}/reference.*
parts: [{type: mushra}]
"""
CHECKED = STUDY + "loudness: check\n"


def noise(seed: int, seconds: float = 1.2) -> Audio:
    """Noise at −26 dBFS, without a peak that stands out."""
    n_samples = round(seconds * RATE)
    sound = np.random.default_rng(seed).uniform(-0.087, 0.087, n_samples)
    return np.asarray(sound, dtype=np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One song: a reference, two systems of other sound."""
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    audio = tmp_path / "audio" / "bells"
    audio.mkdir(parents=True)
    for seed, name in enumerate(("reference", "a", "b")):
        soundfile.write(audio / f"{name}.wav", noise(seed), RATE, subtype="FLOAT")
    return tmp_path


def put(folder: Path, name: str, sound: Audio) -> None:
    """Replace a file of the song."""
    soundfile.write(folder / "audio" / "bells" / f"{name}.wav", sound, RATE, subtype="FLOAT")


def study_in(folder: Path, text: str = STUDY) -> Study:
    """Load ``text`` as the study of a folder."""
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return load_study(folder / "study.yaml")


def built(study: Study) -> Manifest:
    """Build a study in this process."""
    return build(study, study.folder / "build", workers=1)


def found(study: Study, manifest: Manifest | None = None) -> dict[str, str]:
    """Findings of the rules: before the build in the files, after it in the manifest alone."""
    heard = hear_files(study) if manifest is None else None
    departures = check_study(study, manifest, heard).departures
    return {departure.rule: departure.found for departure in departures}


@pytest.mark.parametrize("is_built", [False, True])
def test_what_was_mended_is_told_before_the_build_and_by_it(folder: Path, is_built: bool) -> None:
    """DC, a sample too few and clipping, by song and system; what is right says nothing."""
    put(folder, "a", noise(1)[:-1] + np.float32(0.3))
    put(folder, "b", np.clip(60 * noise(2), -1, 1))
    study = study_in(folder)
    told = found(study, built(study) if is_built else None)["sound files"]
    assert told.startswith(
        "bells, a: DC of +0.3 of full scale removed; bells, a: 1 samples of silence added at the "
        "end; bells, b: clipped: "
    )
    assert "reference" not in told


@pytest.mark.parametrize("is_built", [False, True])
def test_stimuli_that_sound_the_same_are_named(folder: Path, is_built: bool) -> None:
    """A copy at another level, in another format; no other pair."""
    put(folder, "a", noise(0) * np.float32(0.5))
    study = study_in(folder)
    told = found(study, built(study) if is_built else None)["stimuli that differ"]
    assert told == "bells: a and reference sound the same"


def test_a_system_with_a_label_goes_by_both_its_names(folder: Path) -> None:
    """Readers know the label, the files have the name."""
    put(folder, "a", noise(0) * np.float32(0.5))
    labelled = "systems: [{name: a, label: Our codec}, b]\n"
    told = found(study_in(folder, STUDY + labelled))
    assert told["stimuli that differ"] == "bells: Our codec (a) and reference sound the same"
    put(folder, "a", noise(1) + np.float32(0.3))
    told = found(study_in(folder, STUDY + labelled))
    assert told["sound files"] == "bells, Our codec (a): DC of +0.3 of full scale removed"
    put(folder, "a", noise(1, 1.5))
    assert (
        "the recording 'bells', Our codec (a): "
        in found(study_in(folder, STUDY + labelled))["files"]
    )


def test_a_reference_that_no_part_plays_is_named(folder: Path) -> None:
    """MUSHRA plays it; sliders alone do not, and a command may read it."""
    assert "reference in use" not in found(study_in(folder))
    sliders = STUDY.replace("mushra", "multi_stimulus")
    told = found(study_in(folder, sliders))["reference in use"]
    assert told == "no part uses the reference of bells"
    reads = "systems: [a, {name: c, command: 'codec {reference} {out}'}]\n"
    assert "reference in use" not in found(study_in(folder, sliders + reads))


def test_an_anchor_that_takes_nothing_away_is_named_by_the_build(folder: Path) -> None:
    """Below 1 kHz there is nothing for either low-pass to remove."""
    low = np.sin(2 * np.pi * 500 * np.arange(round(1.2 * RATE)) / RATE) * 0.05
    put(folder, "reference", low.astype(np.float32))
    study = study_in(folder)
    told = found(study, built(study))["stimuli that differ"]
    assert "bells: mid_anchor and reference sound the same" in told


def test_a_file_that_no_longer_sounds_the_same_is_no_longer_named(folder: Path) -> None:
    """Notes on the others, whose files stay, are put right too; and noted again."""
    put(folder, "a", noise(0))
    study = study_in(folder, STUDY + "bit_depth: 16\n")
    assert "stimuli that differ" in found(study, built(study))
    put(folder, "a", noise(7))
    assert "stimuli that differ" not in found(study, built(study))
    put(folder, "a", noise(0))
    manifest = built(study)
    assert manifest.stimulus("bells", "reference").sounds_like == ("a",)
    assert "stimuli that differ" in found(study, manifest)


@pytest.mark.parametrize("is_built", [False, True])
def test_a_page_that_is_held_down_says_by_which_file(folder: Path, is_built: bool) -> None:
    """One sample at full scale, 26 dB and more above the loudness of its file."""
    spiky = noise(1) * np.float32(0.2)
    spiky[RATE // 2] = 0.99
    put(folder, "a", spiky)
    study = study_in(folder)
    manifest = built(study) if is_built else None
    told = found(study, manifest)["loudness of pages"]
    assert told.startswith("bells at -")
    assert "LUFS instead of -23: the true peak of a lies" in told
    if manifest is not None:
        assert f"at {manifest.stimuli[0].page_target_lufs:.1f} LUFS" in told


def test_a_file_that_the_build_would_refuse_is_an_error_of_the_check(folder: Path) -> None:
    """Too long by more than 50 ms: the sentence of the build."""
    put(folder, "a", noise(1, 1.5))
    study = study_in(folder)
    standing = check_study(study, None, hear_files(study))
    assert not standing.can_run
    told = found(study)["files"]
    assert "the recording 'bells', a: " in told
    assert "has 66150 samples at 44100 Hz, the others 52920" in told


def integrated_lufs(path: Path) -> float:
    """Loudness by libebur128."""
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    state = pyebur128.R128State(sound.shape[1], rate, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(np.ascontiguousarray(sound).ravel(), len(sound))
    return float(pyebur128.get_loudness_global(state))


def test_with_loudness_check_nothing_is_changed(folder: Path) -> None:
    """Every sample between the fades is the file's, but for dither of 24 bits."""
    study = study_in(folder, CHECKED)
    manifest = built(study)
    for name, seed in (("reference", 0), ("a", 1), ("b", 2)):
        stimulus = manifest.stimulus("bells", name)
        sound, _ = soundfile.read(manifest.path(stimulus), dtype="float32")
        inner = slice(1000, -1000)
        np.testing.assert_allclose(sound[inner, 0], noise(seed)[inner], atol=2**-22)
        assert stimulus.gain_db == 0.0
        lufs = integrated_lufs(manifest.path(stimulus))
        assert stimulus.page_target_lufs == pytest.approx(lufs, abs=0.1)
    assert built(study).stimuli == manifest.stimuli


@pytest.mark.parametrize("is_built", [False, True])
@pytest.mark.parametrize(
    ("gain_db", "rule", "said"),
    [
        (0.0, None, ""),
        (0.6, "loudness not matched", "LU louder than"),
        (3.0, "loudness left as it came", "bells: a is 3.0"),
    ],
)
def test_differences_that_are_left_are_judged(
    folder: Path, gain_db: float, rule: str | None, said: str, is_built: bool
) -> None:
    """Up to 1 LU they are a note, beyond it a warning (EBU R 128 on live programmes)."""
    put(folder, "a", noise(1) * np.float32(10 ** (gain_db / 20)))
    study = study_in(folder, CHECKED)
    told = found(study, built(study) if is_built else None)
    judged = {name for name in told if name.startswith("loudness")}
    assert judged == ({rule} if rule else set())
    if rule:
        assert said in told[rule]


def test_a_copy_at_another_level_is_a_stimulus_of_its_own_where_levels_stay(folder: Path) -> None:
    """Loudness is what such a study may ask about."""
    put(folder, "a", noise(0) * np.float32(0.9))
    put(folder, "b", noise(0))
    told = found(study_in(folder, CHECKED))["stimuli that differ"]
    assert told == "bells: b and reference sound the same"


def test_peaks_that_would_clip_are_refused_where_nothing_may_change(folder: Path) -> None:
    """Twice full scale; with another level they would be well."""
    put(folder, "a", noise(1) * np.float32(2 / 0.087))
    with pytest.raises(StudyError, match=r"The peaks of 'a' exceed full scale by 6\.0 dB"):
        built(study_in(folder, CHECKED))
    shutil.rmtree(folder / "build")
    assert built(study_in(folder)).stimuli


def test_loudness_is_matched_unless_the_study_says_otherwise(folder: Path) -> None:
    """At its default the key is not part of the fingerprint; else it is."""
    given, left = (study_in(folder, text) for text in (STUDY, STUDY + "loudness: match\n"))
    assert given.fingerprint == left.fingerprint
    assert study_in(folder, CHECKED).fingerprint != given.fingerprint
