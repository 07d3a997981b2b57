"""The memory that a page takes on a phone is known before the build, and bounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from typer.testing import CliRunner

from mixtrial.commands.cli import app
from stimuli.design.page_memory import costliest_page, page_memories
from stimuli.loading.load import load_study
from stimuli.standards.study_checks import heavy_pages
from stimuli.study.study import StudyError

RATE = 8_000
STUDY = """\
title: Long ones
files: audio/{song}/{system}.*
parts: [{type: multi_stimulus}]
"""


def study_of(folder: Path, n_systems: int, seconds: float) -> Path:
    """A study of one song whose files are long, narrow and small on the disk."""
    audio = folder / "audio" / "bells"
    audio.mkdir(parents=True)
    for number in range(n_systems):
        half = np.random.default_rng(number).integers(-32, 33, round(seconds * RATE / 2)) / 128
        sound = np.concatenate([half, -half])
        soundfile.write(audio / f"s{number}.wav", sound, RATE, subtype="PCM_U8")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    return folder / "study.yaml"


def test_a_page_costs_rate_times_seconds_times_channels_times_bytes(tmp_path: Path) -> None:
    """At the rate that is played: 8 kHz become 48. Two stimuli of 3 s."""
    page = costliest_page(load_study(study_of(tmp_path, 2, 3.0)))
    assert page is not None
    assert page.n_bytes == 48_000 * 3 * 2 * 4 * 2


def test_what_a_page_holds_besides_the_systems_counts(tmp_path: Path) -> None:
    """Open and hidden reference and two anchors stand on a MUSHRA page."""
    path = study_of(tmp_path, 3, 3.0)
    text = STUDY.replace("multi_stimulus", "mushra") + "reference: audio/{song}/s0.*\n"
    path.write_text(text, encoding="utf-8")
    (page,) = page_memories(load_study(path))
    assert page.n_stimuli == 2 + 4


def test_pages_of_a_pair_hold_a_pair(tmp_path: Path) -> None:
    """Whatever the number of systems."""
    path = study_of(tmp_path, 4, 3.0)
    path.write_text(STUDY.replace("multi_stimulus", "preference"), encoding="utf-8")
    (page,) = page_memories(load_study(path))
    assert page.n_stimuli == 2


def test_a_page_beyond_the_limit_is_refused_with_the_excerpt_that_fits(tmp_path: Path) -> None:
    """Five minutes of four stimuli at 48 kHz: 461 MB. With 260 s of each the study can run."""
    study = study_of(tmp_path, 4, 300.0)
    said = (
        "the recording 'bells': 4 stimuli of 300 s take 461 MB of a phone's memory, and 400 MB are "
        "the most; give it an excerpt of 260 s at most, or fewer stimuli a page"
    )
    build = CliRunner().invoke(app, ["build", str(study)])
    assert isinstance(build.exception, StudyError)
    assert str(build.exception) == said
    assert not (tmp_path / "build").exists()
    assert heavy_pages(load_study(study), None) == said


def test_the_build_says_what_a_page_costs_and_what_it_mended(
    tmp_path: Path,
) -> None:
    """On the terminal, after what was built."""
    study = study_of(tmp_path, 2, 3.0)
    sound, _ = soundfile.read(tmp_path / "audio" / "bells" / "s0.wav")
    soundfile.write(tmp_path / "audio" / "bells" / "s1.wav", sound / 2 + 0.25, RATE)
    build = CliRunner().invoke(app, ["build", str(study), "--workers", "1"])
    assert build.exit_code == 0, build.output
    assert "2 stimuli of 3 s take 2 MB of a phone's memory (bells)" in build.output
    assert "note: bells, s0: resampled from 8000 to 48000 Hz" in build.output
    assert "bells, s1: DC of +0.25 of full scale removed" in build.output
    assert "warning: bells: s0 and s1 sound the same" in build.output
