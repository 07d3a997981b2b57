"""A crowd test with its controls, answered and reported: who failed is left out, and named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.commands.cli import app
from mixtrial.simulation.in_process import simulate_participants
from stimuli.study.manifest import read_manifest, write_manifest

PARTS = """\
pages: {training: false}
parts:
  - {type: preference, name: room, songs: [song0], systems: [human, random], ties: false}
  - {type: acr, name: voices, opinion: quality}
analysis:
  controls:
    gold: [{song: song1, system: human, answer: 5, within: 1}]
    traps: [{song: song2, system: random, answer: 2}]
    environment: {part: room, better: human, needed: 1}
"""
RULES = ("environment_test", "gold_questions", "trapping_pages")
LUFS = {"baseline": -23.0, "cnn": -20.0, "human": -26.0, "random": -17.0}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve simulated listeners, who know nothing of the traps."""
    folder = tmp_path_factory.mktemp("crowd")
    path = write_study(folder)
    path.write_text(path.read_text("utf-8") + PARTS, "utf-8")
    build_stimuli(folder)
    built = read_manifest(folder / "build").stimuli
    louder = [replace(each, integrated_lufs=LUFS[each.system]) for each in built]
    write_manifest(folder / "build", louder)
    installation = open_installation(path)
    list(simulate_participants(installation, 12, seed=1))
    installation.store.close()
    return path


def ran(*words: str) -> None:
    """Run a command, which must go well."""
    said = CliRunner().invoke(app, list(words))
    assert said.exit_code == 0, (said.output, said.exception)


@pytest.fixture(scope="module")
def out(study: Path) -> Path:
    """A report with a measure of the manifest, and the exported tables beside it."""
    folder = study.parent / "out"
    words = ["--part", "voices", "--against", "integrated_lufs", "--mapping", "none"]
    ran("report", str(study), "--out", str(folder), "--no-pictures", *words)
    ran("export", str(study), "--out", str(folder / "ratings.csv"))
    ran("export", str(study), "--table", "trials", "--out", str(folder / "trials.csv"))
    return folder


def failed(out: Path) -> set[tuple[str, str]]:
    """Who failed which control, by a look at the exported tables alone."""
    ratings, trials = pd.read_csv(out / "ratings.csv"), pd.read_csv(out / "trials.csv")
    gold = ratings[(ratings["song"] == "song1") & (ratings["system"] == "human")]
    trap = ratings[(ratings["song"] == "song2") & (ratings["system"] == "random")]
    chosen = trials["system_a"].where(trials["answer"] == "a", trials["system_b"])
    return {
        *((who, "gold_questions") for who in gold[gold["rating"] < 4]["participant"]),
        *((who, "trapping_pages") for who in trap[trap["rating"] != 2]["participant"]),
        *((who, "environment_test") for who in trials[chosen != "human"]["participant"]),
    }


def results_of(out: Path) -> dict[str, Any]:
    """The results of the report."""
    found: dict[str, Any] = json.loads((out / "results.json").read_text("utf-8"))
    return found


def test_who_failed_a_control_is_left_out_with_the_reason(out: Path) -> None:
    """As the exported tables have it; the means are those of the others without controls."""
    found, known = results_of(out), failed(out)
    told = found["data"]["excluded"]
    assert {(each["participant"], each["rule"]) for each in told} == known
    left = 12 - len({who for who, _ in known})
    assert 2 <= left < 12
    page = " ".join((out / "report.html").read_text("utf-8").split())
    assert all(each["why"] in page for each in told)
    ratings = pd.read_csv(out / "ratings.csv")
    kept = ratings[~ratings["participant"].isin([who for who, _ in known])]
    control = kept["song"].eq("song1") & kept["system"].eq("human")
    control |= kept["song"].eq("song2") & kept["system"].eq("random")
    means = kept[~control].groupby("system")["rating"].mean()
    scores = found["attributes"]["overall"]["opinion_scores"]
    assert {row["system"]: row["mean"] for row in scores} == pytest.approx(means.to_dict())
    assert {row["n_participants"] for row in scores} == {left}


def test_a_measure_of_the_manifest_is_set_beside_the_scores(out: Path) -> None:
    """Pearson's correlation of mean ratings with the loudness that the build wrote down."""
    found = results_of(out)
    [fit] = [row for row in found["report"]["predictions"] if row["level"] == "systems"]
    assert fit["measure"] == "integrated_lufs"
    scores = found["attributes"]["overall"]["opinion_scores"]
    means = pd.Series({row["system"]: row["mean"] for row in scores})
    assert fit["fit"]["pearson"]["value"] == pytest.approx(means.corr(pd.Series(LUFS)), abs=0.02)
    assert "integrated_lufs" in (out / "report.html").read_text("utf-8")
