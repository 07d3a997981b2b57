"""The check command: a table or JSON, and an exit code only for what cannot run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer

from harbour_study import build_stimuli, write_study
from mixing.audio import write_flac
from mixtrial.commands.study.check import check


def sounding_study(folder: Path) -> Path:
    """A study whose songs are real, if short, audio."""
    study = write_study(folder)
    for song in folder.glob("song*.flac"):
        noise = np.random.default_rng(len(song.name)).uniform(-0.1, 0.1, (2, 4 * 32_000))
        write_flac(song, noise.astype(np.float32), 32_000)
    return study


def test_departures_are_listed_and_not_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A study far from the book is described; nothing is raised."""
    check(sounding_study(tmp_path), stimuli=None, as_json=False)
    shown = capsys.readouterr().out
    assert "no song is rated twice" in shown
    assert "The largest page: 4 stimuli of 4 s take 4 MB of a phone's memory (song0)" in shown
    assert "ITU-R BS.1534-3" in shown


def test_json_holds_the_same_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every departure with clause, reason and severity."""
    check(sounding_study(tmp_path), stimuli=None, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["can_run"] is True
    assert found["page_bytes"] == 4 * 4 * 32_000 * 2 * 4
    rules = {row["rule"]: row for row in found["departures"]}
    assert rules["replicates"]["clause"] == "4.1"
    assert rules["replicates"]["severity"] == "warning"


def test_a_study_that_cannot_run_ends_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stimulus that is gone is an error."""
    study = sounding_study(tmp_path)
    build_stimuli(tmp_path)
    check(study, stimuli=None, as_json=False)
    next((tmp_path / "build" / "audio").iterdir()).unlink()
    with pytest.raises(typer.Exit) as ended:
        check(study, stimuli=None, as_json=False)
    assert ended.value.exit_code == 1
    assert "is missing" in capsys.readouterr().out


def test_a_study_without_sound_ends_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Empty files are found by their headers, before anything is built."""
    study = write_study(tmp_path)
    with pytest.raises(typer.Exit) as ended:
        check(study, stimuli=None, as_json=True)
    assert ended.value.exit_code == 1
    (fault,) = (
        r for r in json.loads(capsys.readouterr().out)["departures"] if r["rule"] == "songs"
    )
    assert "song0.flac cannot be read as audio" in fault["found"]
