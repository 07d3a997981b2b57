"""Opinion tests from simulated votes to the report: exported, read again, archived, planned."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from harbour_study import open_installation, write_study
from mixtrial.commands.cli import app
from mixtrial.reporting.archive_reader import read_archive
from mixtrial.simulation.in_process import simulate_participants

PARTS = """\
pages: {training: false}
parts:
  - {type: acr, opinion: quality}
  - {type: dcr, reference: human}
  - {type: ccr, reference: human}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six simulated participants of a study of the three category ratings."""
    path = write_study(tmp_path_factory.mktemp("opinion"), n_songs=2)
    path.write_text(path.read_text("utf-8") + PARTS, "utf-8")
    installation = open_installation(path)
    list(simulate_participants(installation, 6, seed=1))
    installation.store.close()
    return path


def ran(*words: str) -> str:
    """Run a command, which must go well."""
    said = CliRunner().invoke(app, list(words))
    assert said.exit_code == 0, said.output
    return said.output


def reported(source: Path, out: Path, *options: str) -> tuple[dict[str, Any], str]:
    """Results and page of a report without pictures."""
    ran("report", str(source), "--out", str(out), "--no-pictures", *options)
    results = json.loads((out / "results.json").read_text("utf-8"))
    return results, (out / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def table(study: Path) -> Path:
    """The exported ratings."""
    out = study.parent / "ratings.csv"
    ran("export", str(study), "--out", str(out))
    return out


@pytest.mark.parametrize(
    ("part", "score"),
    [
        pytest.param("acr", "MOS", marks=pytest.mark.slow),
        pytest.param("dcr", "DMOS", marks=pytest.mark.slow),
        ("ccr", "CMOS"),
    ],
)
def test_a_part_has_its_scores_and_so_has_its_table_read_again(
    study: Path, table: Path, tmp_path: Path, part: str, score: str
) -> None:
    """The study's report and that of its exported table say the same scores and habits."""
    results, page = reported(study, tmp_path / "study", "--part", part)
    found = results["attributes"]["overall"]
    assert {row["score"] for row in found["opinion_scores"]} == {score}
    assert f"Opinion scores ({score}), over listeners and songs" in page
    rows = pd.read_csv(table)
    means = rows[rows["part"] == part].groupby("system")["rating"].mean()
    said = {row["system"]: row["mean"] for row in found["opinion_scores"]}
    assert said == pytest.approx(means.to_dict())
    methods = (tmp_path / "study" / "methods.md").read_text("utf-8")
    told = dict(re.findall(r"^\| (\w+) \| (\S+) \| .* \| \d+ \|$", methods, flags=re.M))
    assert told == {system: f"{mean:.2f}".replace("-", "−") for system, mean in means.items()}
    options = ("--part", part, "--opinion-score", score)
    again, _ = reported(table, tmp_path / "table", *options)
    again = again["attributes"]["overall"]
    for key in ("opinion_scores", "subject_model"):
        assert again[key] == found[key]
    if part == "ccr":
        assert "human" not in said
        assert all(mean < 0 for mean in said.values())  # planted means lie below human's


def test_an_archive_keeps_the_score(study: Path, tmp_path: Path) -> None:
    """The part of an archived study still knows what its mean is called."""
    ran("archive", str(study), "--out", str(tmp_path / "archive"))
    parts = read_archive(tmp_path / "archive").facts.parts
    assert [part.opinion_score for part in parts] == ["MOS", "DMOS", "CMOS"]


def test_an_opinion_part_is_planned(study: Path, tmp_path: Path) -> None:
    """The systems without the reference, on the part's own scale."""
    said = ran("plan", str(study), "--part", "ccr", "--out", str(tmp_path / "plan"))
    assert "ccr: 3 systems, 2 songs" in " ".join(said.split())


def test_measures_are_set_beside_the_scores(study: Path, table: Path, tmp_path: Path) -> None:
    """A table of measures, one of them chosen; a name that is none is one sentence."""
    rows = pd.read_csv(table)
    means = rows[rows["part"] == "acr"].groupby(["song", "system"])["rating"].mean()
    measures = means.reset_index(name="model").assign(other=lambda t: -t["model"])
    path = tmp_path / "measures.csv"
    measures.to_csv(path, index=False)
    options = ("--part", "acr", "--measures", str(path), "--against", "other", "--mapping", "none")
    results, page = reported(study, tmp_path / "out", *options)
    assert {row["measure"] for row in results["report"]["predictions"]} == {"other"}
    [fit] = [r["fit"] for r in results["report"]["predictions"] if r["level"] == "stimuli"]
    assert fit["pearson"]["value"] == pytest.approx(-1.0)
    assert "by ITU-T P.1401, after no mapping" in " ".join(page.split())
    words = ["report", str(study), "--part", "acr", "--measures", str(path), "--against", "pesq"]
    said = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "none")])
    assert "There is no measure 'pesq'; choose model, other" in str(said.exception)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("song,model\ns,1\n", "measures.csv lacks the column system"),
        ("song,system,model\ns,a,high\n", "measures.csv has no column of numbers"),
    ],
)
def test_a_table_without_measures_is_refused(
    study: Path, tmp_path: Path, text: str, sentence: str
) -> None:
    """One sentence."""
    path = tmp_path / "measures.csv"
    path.write_text(text, encoding="utf-8")
    words = ["report", str(study), "--measures", str(path), "--out", str(tmp_path / "none")]
    said = CliRunner().invoke(app, words)
    assert sentence in str(said.exception)
