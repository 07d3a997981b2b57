"""Objective measures of a build: right against closed forms, kept, and made anew when needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mixing.audio import Audio, write_flac
from stimuli.rendering.objective import OBJECTIVE_NAME, objective_measures
from stimuli.rendering.render import Progress
from stimuli.study.manifest import Manifest, Stimulus, read_manifest, write_manifest
from stimuli.study.study import StudyError

RATE = 32_000
BLANK = Stimulus(
    song="", system="", file="", sha256="", integrated_lufs=-23.0, true_peak_dbtp=-4.0,
    lra_lu=1.0, duration_s=4.0, sample_rate=RATE, gain_db=0.0, page_target_lufs=-23.0,
    mix_integrated_lufs=-23.0, mix_true_peak_dbtp=-4.0, profile="corrected", seed=1, key="k",
    parameters="{}",
)  # fmt: skip


def tone(frequency_hz: float, gain: float = 0.1) -> Audio:
    """Four seconds of a sine in both channels."""
    time_s = np.arange(4 * RATE) / RATE
    return np.tile((gain * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32), (2, 1))


def built(folder: Path, mixes: dict[tuple[str, str], Audio]) -> Manifest:
    """Build folder with these stimuli."""
    stimuli = []
    for number, ((song, system), audio) in enumerate(mixes.items()):
        write_flac(folder / f"{number}.flac", audio, RATE)
        digest = f"{number}-{hash(audio.tobytes())}"
        stimuli.append(
            replace(BLANK, song=song, system=system, file=f"{number}.flac", sha256=digest)
        )
    return write_manifest(folder, stimuli)


@pytest.fixture
def mixes() -> dict[tuple[str, str], Audio]:
    """A human mix of 1 kHz; the baseline has it 6.02 dB softer, random an octave higher."""
    return {
        ("harbour", "baseline"): tone(1000, 0.05),
        ("harbour", "random"): tone(2000),
        ("harbour", "human"): tone(1000),
    }


def test_mixes_are_compared_with_the_human_one(
    tmp_path: Path, mixes: dict[tuple[str, str], Audio]
) -> None:
    """Half the amplitude is −6.02 LU and else the same; an octave higher is an octave higher."""
    built(tmp_path, mixes)
    table = objective_measures(tmp_path).set_index("system")
    assert list(table.index) == ["baseline", "random", "human"]
    assert set(table["reference"]) == {"human"}
    assert table.loc["baseline", "loudness_difference_lu"] == pytest.approx(-6.02, abs=0.01)
    assert table.loc["baseline", "bark_distance_db"] == pytest.approx(0.0, abs=0.01)
    assert table.loc["random", "centroid_difference_octaves"] == pytest.approx(1.0, abs=0.02)
    assert table.loc["random", "bark_distance_db"] > 1
    assert table.loc["human", "stft_distance"] == 0
    # a sine of amplitude a has a mean square of a²/2
    assert table.loc["human", "rms_db"] == pytest.approx(10 * np.log10(0.1**2 / 2), abs=0.01)


def test_without_a_human_mix_the_baseline_is_the_reference(
    tmp_path: Path, mixes: dict[tuple[str, str], Audio]
) -> None:
    """And with neither, the first system of the manifest."""
    del mixes["harbour", "human"]
    built(tmp_path, mixes)
    assert set(objective_measures(tmp_path)["reference"]) == {"baseline"}
    del mixes["harbour", "baseline"]
    built(tmp_path, mixes)
    assert set(objective_measures(tmp_path)["reference"]) == {"random"}


def test_only_what_changed_is_measured_again(
    tmp_path: Path, mixes: dict[tuple[str, str], Audio]
) -> None:
    """The second time nothing; a new random mix costs one; a new human mix costs all."""
    steps: list[Progress] = []
    built(tmp_path, mixes)
    first = objective_measures(tmp_path, steps.append)
    assert [(step.done, step.total) for step in steps] == [(1, 3), (2, 3), (3, 3)]
    steps.clear()
    second = objective_measures(tmp_path, steps.append)
    assert not steps
    np.testing.assert_allclose(
        first.select_dtypes("number"), second.select_dtypes("number"), rtol=1e-12, atol=1e-15
    )
    for name, n_measured in (("random", 1), ("human", 3)):
        mixes["harbour", name] = tone(700)
        built(tmp_path, mixes)
        objective_measures(tmp_path, steps.append)
        assert len(steps) == n_measured
        steps.clear()


def test_a_damaged_cache_is_measured_again(
    tmp_path: Path, mixes: dict[tuple[str, str], Audio]
) -> None:
    """The file is ours: no error, no wrong numbers."""
    built(tmp_path, mixes)
    first = objective_measures(tmp_path)
    for content in ("", "song,system\nharbour,human\n", "\x00\x00"):
        (tmp_path / OBJECTIVE_NAME).write_text(content)
        assert objective_measures(tmp_path).equals(first)


def test_a_missing_stimulus_is_named(tmp_path: Path, mixes: dict[tuple[str, str], Audio]) -> None:
    """The sentence says which song and system, and what to do; so it does without a build."""
    manifest = built(tmp_path, mixes)
    manifest.path(manifest.stimulus("harbour", "random")).unlink()
    with pytest.raises(StudyError, match=r"'harbour', system 'random': .*Build the study again"):
        objective_measures(tmp_path)
    with pytest.raises(StudyError, match="There is no build"):
        objective_measures(tmp_path / "nowhere")
    assert read_manifest(tmp_path).stimuli == manifest.stimuli
