"""The plan command: a table, a heat map, sentences; the same for the same seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from harbour_study import build_stimuli, write_study
from page_types_study import write_page_types_study

from analysis.ratings import RatingsError
from mixtrial.commands.plan import plan
from stimuli.study import StudyError


def run(study: Path, out: Path, **options: Any) -> dict[str, Any]:
    """Content of plan.json with these options."""
    chosen = {"difference": 5.0, "margin": None, "results": None, "attribute": None, "seed": 1,
              "draws": 200, "part": None} | options  # fmt: skip
    plan(study, out=out, **chosen)
    content: dict[str, Any] = json.loads((out / "plan.json").read_text("utf-8"))
    return content


def test_a_plan_is_a_table_a_map_and_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files stand in the folder; the length of a session and the songs' floor are told."""
    monkeypatch.setattr("analysis.figures.export.chromium_path", lambda: None)
    study = write_study(tmp_path)
    build_stimuli(tmp_path)
    found = run(study, tmp_path / "p")
    assert {path.name for path in (tmp_path / "p").iterdir()} == {
        "plan.json", "plan.csv", "plan.html",
    }  # fmt: skip
    shown = " ".join(capsys.readouterr().out.split())
    assert "More listeners cannot help: with 3 songs" in shown
    # 4 pages x 4 stimuli of 0.5 s and 80 ratings of 5 s, and 3 min: 588 s.
    assert "sees 4 pages and gives 80 ratings, in about 10 minutes" in shown
    assert found["grid"] == run(study, tmp_path / "q")["grid"]


def test_margin_and_attribute_come_from_the_declared_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option still overrides it; a pilot's variances replace the defaults."""
    monkeypatch.setattr("analysis.figures.export.chromium_path", lambda: None)
    study = write_study(tmp_path)
    with study.open("a", encoding="utf-8") as file:
        file.write("analysis: {margin: 8, primary: eq}\n")
    variance = {"participant:system": 9.0, "song:system": 1.0, "residual": 50.0}
    section = {"lmm": {"status": "ok", "variance": variance}}
    pilot = tmp_path / "results.json"
    pilot.write_text(json.dumps({"attributes": {"overall": {}, "eq": section}}), "utf-8")
    found = run(study, tmp_path / "p", results=pilot)
    assert (found["margin"], found["variance"]) == (8.0, variance)
    assert run(study, tmp_path / "p", margin=3.0)["margin"] == 3.0


def test_what_cannot_be_planned_is_one_sentence(tmp_path: Path) -> None:
    """A file that is no results.json, and a study of one system."""
    study = write_study(tmp_path)
    with pytest.raises(RatingsError, match=r"no results\.json of mixtrial"):
        run(study, tmp_path / "p", results=study)
    with pytest.raises(StudyError, match="two systems"):
        run(write_study(tmp_path, systems=("random",)), tmp_path / "p")
    assert not (tmp_path / "p").exists()


def test_a_part_is_planned_with_its_own_songs_and_stimuli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first part with a scale, anchors counted; choices are refused in one sentence."""
    monkeypatch.setattr("analysis.figures.export.chromium_path", lambda: None)
    parts = """
parts:
  - {type: preference, name: taste, songs: [amber, birch]}
  - {type: mushra, name: quality, reference: human, systems: [baseline, human, random]}
"""
    study = write_page_types_study(tmp_path, parts=parts)
    assert run(study, tmp_path / "p")["n_systems"] == 5
    assert "quality: 5 systems, 2 songs" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(StudyError, match="only ratings can be planned"):
        run(study, tmp_path / "p", part="taste")
