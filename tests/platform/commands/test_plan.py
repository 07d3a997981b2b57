"""The plan command: a table, a heat map, sentences; the same for the same seed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.ratings.table import RatingsError
from harbour_study import build_stimuli, write_study
from mixtrial.commands.study.plan import plan
from mixtrial.planning.record import planning_record
from page_types_study import write_page_types_study
from stimuli.loading.load import load_study
from stimuli.study.study import StudyError


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
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
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
    with study.open("a", encoding="utf-8") as file:
        file.write("item: {one: tune, many: tunes}\n")
    again = run(study, tmp_path / "q")
    assert found["grid"] == again["grid"]
    shown = " ".join((capsys.readouterr().out, *again["sentences"]))
    assert "4 systems, 3 tunes" in shown
    assert "systems suit some tunes better than others (tune × system)" in shown
    assert "song" not in shown.lower()
    assert '"Tunes"' in (tmp_path / "q" / "plan.html").read_text("utf-8")


def test_margin_and_attribute_come_from_the_declared_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option still overrides it; a pilot's variances replace the defaults."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
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


def test_pairs_that_are_tested_together_make_the_level_stricter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All pairs of four systems, or the two that are declared: Holm's strictest step."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
    study = write_study(tmp_path)
    open_plan = run(study, tmp_path / "p", participants=20)
    assert (open_plan["n_tests"], open_plan["alpha"]) == (6, pytest.approx(0.05 / 6))
    with study.open("a", encoding="utf-8") as file:
        file.write("analysis: {contrasts: [[cnn, baseline], [cnn, human]],\n")
        file.write("  looks: {at: [12, 24], spending: pocock}}\n")
    declared = run(study, tmp_path / "p", participants=20)
    assert (declared["n_tests"], declared["alpha"]) == (2, 0.025)
    shown = " ".join(capsys.readouterr().out.split())
    assert "at .05 / 2, the strictest step of Holm's adjustment over the 2 contrasts" in shown
    assert "Planned are 20 participants." in shown
    assert "what the declared looks spend before the end is not counted" in shown
    # Of the same simulated studies more find it at a level three times as wide.
    assert declared["planned"]["power"] >= open_plan["planned"]["power"]
    smallest = [plan["planned"]["detectable_difference"] for plan in (declared, open_plan)]
    assert smallest[0] < smallest[1]


def test_model_claims_and_arms_come_from_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan's model and one-sided tests, the study's arms; options come first or beside."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
    study = write_study(tmp_path)
    with study.open("a", encoding="utf-8") as file:
        file.write(
            "arms: [{name: home}, {name: lab}]\n"
            "analysis: {model: lmm_unequal, one_sided: [{test: non_inferiority, system: cnn, "
            "to: human, margin: 8}]}\n"
        )
    variance = {"participant": 20.0, "participant:system": 9.0, "song:system": 1.0}
    lmm = {"status": "ok", "variance": variance | {"residual": 50.0}}
    spreads = {"residual_sd": {"cnn": 6.0, "human": 8.0, "baseline": 5.0}}
    pilot = tmp_path / "results.json"
    sections = {"overall": {"lmm": lmm, "lmm_unequal": spreads}}
    pilot.write_text(json.dumps({"attributes": sections}), "utf-8")
    found = run(study, tmp_path / "p", results=pilot, participants=20, superiority=1.0)
    shown = " ".join(capsys.readouterr().out.split())
    assert found["model"] == "lmm_unequal"
    assert "for the two systems that spread most in the pilot" in shown
    assert "cnn to be shown not inferior to human by the margin of 8 points, the two" in shown
    assert "one system to be shown rated higher than another by more than 1 points, a" in shown
    assert "Chance of 20 participants for cnn to be shown not inferior to human" in shown
    assert "Arms compare people: evenly split over 2 arms" in shown
    assert [one["shown"]["alpha"] for one in found["advice"]["claims"]] == [0.0125, 0.0125]
    # Two systems alone, which spread by 6 and 8 points: 2 (9 / n + 1 / 4 + 50 / 4 n).
    row = next(r for r in found["grid"] if (r["n_participants"], r["n_songs"]) == (20, 4))
    assert row["se"] == pytest.approx((2 * (9 / 20 + 1 / 4 + 50 / 80)) ** 0.5)
    by_option = run(study, tmp_path / "q", results=pilot, model="ordinal", level=60.0)
    assert (by_option["model"], by_option["level"]) == ("ordinal", 60.0)
    assert "latent ratings in bands around one level" in " ".join(by_option["sentences"])


def test_a_model_or_margin_that_cannot_be_planned_is_one_sentence(tmp_path: Path) -> None:
    """A level or margin outside the scale, or one that no two systems have between them."""
    study, out = write_study(tmp_path), tmp_path / "p"
    with pytest.raises(StudyError, match="level must lie inside the scale, which goes from 0 to"):
        run(study, out, model="ordinal", level=100.0)
    with pytest.raises(StudyError, match="margin of non-inferiority must lie inside the scale"):
        run(study, out, non_inferiority=0.0)
    with pytest.raises(StudyError, match="The scale ends before two systems lie 99 points apart"):
        run(study, out, model="ordinal", margin=99.0)
    assert not out.exists()


def test_a_record_stands_beside_the_study_and_is_that_study_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another study's record is left alone, a damaged one named; a changed file is told."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
    path = write_study(tmp_path)
    study = load_study(path)
    assert planning_record(path, study) is None
    plan(path, draws=100)
    found = planning_record(path, study)
    assert found is not None
    assert (found.is_same_file, found.n_songs, found.planned) == (True, 3, None)
    changed = study.model_copy(update={"seed": 8})
    assert planning_record(path, changed) == replace(found, is_same_file=False)
    assert planning_record(path, study.model_copy(update={"identifier": "another"})) is None
    (tmp_path / "plan" / "plan.json").write_text("[1", "utf-8")
    with pytest.raises(StudyError, match="is no record of mixtrial plan; run mixtrial plan again"):
        planning_record(path, study)


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
    """The first part with a scale, its reference and anchors apart; choices are refused."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
    parts = """
parts:
  - {type: preference, name: taste, songs: [amber, birch]}
  - {type: mushra, name: quality, reference: human, systems: [baseline, human, random]}
"""
    study = write_page_types_study(tmp_path, parts=parts)
    found = run(study, tmp_path / "p")
    assert (found["n_systems"], found["n_tests"]) == (2, 1)
    assert "quality: 2 systems, 2 songs" in " ".join(capsys.readouterr().out.split())
    found = run(study, tmp_path / "p", with_roles=True)
    assert (found["n_systems"], found["n_tests"]) == (5, 10)
    with pytest.raises(StudyError, match="only ratings can be planned"):
        run(study, tmp_path / "p", part="taste")
