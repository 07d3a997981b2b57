"""Tracks and triangles through an archive, and as exported tables: the same results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from browser_study import SYSTEMS
from mixtrial.commands.cli import app
from mixtrial.server.installation import load_installation
from mixtrial.server.settings import settings_for_study
from mixtrial.simulation.in_process import simulate_participants
from page_types_study import write_page_types_study

LEVELS = ", ".join((SYSTEMS[0], SYSTEMS[3], SYSTEMS[1]))
PARTS = f"""
parts:
  - {{type: staircase, name: heard, reference: human, levels: [{LEVELS}],
     level_values: [9, 6, 3], reversals: 4, max_trials: 14}}
  - {{type: triangle, name: odd, pairs: [[human, {SYSTEMS[0]}]], trials: 3}}
pages: {{training: false}}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five simulated listeners of two tracks and six triangles each."""
    path = write_page_types_study(tmp_path_factory.mktemp("tracks"), parts=PARTS)
    installation = load_installation(settings_for_study(path))
    list(simulate_participants(installation, 5, seed=2))
    installation.store.close()
    return path


def ran(*words: str) -> None:
    """Run a command, which must go well."""
    said = CliRunner().invoke(app, list(words))
    assert said.exit_code == 0, (said.output, said.exception)


def reported(source: Path, out: Path) -> dict[str, Any]:
    """Results of a report without pictures."""
    ran("report", str(source), "--out", str(out), "--no-pictures")
    found: dict[str, Any] = json.loads((out / "results.json").read_text("utf-8"))
    return found


def test_an_archive_and_its_trials_give_the_results_of_the_study(
    study: Path, tmp_path: Path
) -> None:
    """The archive's are the study's byte for byte; those of the exported trials say the same."""
    of_study = reported(study, tmp_path / "study")
    ran("archive", str(study), "--out", str(tmp_path / "archive"))
    reported(tmp_path / "archive", tmp_path / "packed")
    results = [(tmp_path / name / "results.json").read_bytes() for name in ("study", "packed")]
    assert results[0] == results[1]
    trials = of_study["trials"]
    [threshold], [odd] = trials["thresholds"], trials["triangle"]
    assert (threshold["part"], threshold["n_tracks"], threshold["unit"]) == ("heard", 10, "value")
    assert (odd["part"], odd["n_trials"], odd["chance"]) == ("odd", 30, pytest.approx(1 / 3))
    ran("export", str(study), "--table", "trials", "--out", str(tmp_path / "trials.csv"))
    assert reported(tmp_path / "trials.csv", tmp_path / "table")["trials"] == trials
    methods = (tmp_path / "study" / "methods.md").read_text("utf-8")
    for what in ("Method", "Pages", "Order", "Training", "Loudness", "Playback", "Listening"):
        assert f"\n- {what}: " in methods
    assert "odd: one of 1 pair of mixes of a song a page, 3 trials each; 2 songs, of" in methods
    assert "of which each participant hears all of them.\n" in methods
    assert "\n- Length of a session: 34 pages and 34 answers; about " in methods
    assert methods.rstrip().endswith(f"of the choices is {trials['sha256']}.")
