"""The plan command: a table, a heat map, sentences; the same for the same seed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy import stats

from analysis.discrimination.differencing import SaidOfPairs, exact_p
from analysis.ratings.table import RatingsError
from analysis.report.context import ReportContext
from analysis.report.write import write_report
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
    """Files are in the folder; the length of a session and the songs' floor are told."""
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
    assert "cnn to be shown not inferior to human by the margin of 8 points, if the two" in shown
    assert "one system to be shown rated higher than another by more than 1 points, with" in shown
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
    with pytest.raises(StudyError, match="but must be inside the scale, which goes from 0 to"):
        run(study, out, model="ordinal", level=100.0)
    with pytest.raises(StudyError, match="margin of non-inferiority is 0, but must be inside"):
        run(study, out, non_inferiority=0.0)
    with pytest.raises(StudyError, match="the scale has no room for two systems 99 points apart"):
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
    with pytest.raises(
        StudyError, match="is not a record of mixtrial plan; run mixtrial plan again"
    ):
        planning_record(path, study)


def test_what_cannot_be_planned_is_one_sentence(tmp_path: Path) -> None:
    """A file that is not a results.json, and a study of one system."""
    study = write_study(tmp_path)
    with pytest.raises(RatingsError, match=r"not a results\.json of mixtrial"):
        run(study, tmp_path / "p", results=study)
    with pytest.raises(StudyError, match="two systems"):
        run(write_study(tmp_path, systems=("random",)), tmp_path / "p")
    assert not (tmp_path / "p").exists()


def test_a_part_is_planned_with_its_own_songs_and_stimuli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first part with a scale, its reference and anchors apart."""
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


CHOICES = """
parts:
  - {type: preference, name: taste, songs: [amber, birch]}
  - {type: ranking, name: order, songs: [amber, birch]}
  - {type: best, name: pick, songs: [amber, birch]}
  - {type: abx, name: same, songs: [amber, birch], systems: [baseline, random], trials: 4}
  - {type: same_different, name: judged, songs: [amber, birch], systems: [baseline, random]}
pages: {training: false}
"""


@pytest.fixture(scope="module")
def choices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of choices alone."""
    return write_page_types_study(tmp_path_factory.mktemp("choices"), parts=CHOICES)


def test_choices_are_planned_by_the_test_of_their_report(
    choices: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table has each claim by size; the report has the record that stands beside the study."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
    plan(choices, believe=["share=0.65"], participants=24)
    shown = " ".join(capsys.readouterr().out.split())
    assert "taste: 4 systems, 2 songs" in shown
    assert "loses 65 % of their decided comparisons (at .05 / 6, the strictest step" in shown
    assert "Planned by Davidson's model" in shown
    folder = choices.parent / "plan"
    assert {path.name for path in folder.iterdir()} == {"plan.csv", "plan.html", "plan.json"}
    table = pd.read_csv(folder / "plan.csv")
    assert list(table) == ["n_participants", "n_songs", "claim", "power"]
    record = planning_record(choices, load_study(choices))
    assert record is not None
    assert record.choices is not None
    pair, omnibus = record.choices.claims
    own = table[(table["claim"] == pair.in_words) & (table["n_songs"] == 2)]
    enough = own[own["power"] >= 0.8]["n_participants"].min()
    assert pair.n_participants is not None
    assert omnibus.n_participants is not None
    assert enough >= pair.n_participants > omnibus.n_participants
    at_24 = own.set_index("n_participants")["power"][24]
    assert pair.planned == pytest.approx(at_24)
    context = ReportContext(planning=record, pictures=False)
    write_report(rated(), choices.parent / "report", context)
    page = (choices.parent / "report" / "report.html").read_text("utf-8")
    text = " ".join(re.sub("<[^>]*>", "", page).split())
    assert "method is Davidson's model, errors clustered by listener" in text.replace("&#39;", "'")
    assert f"{pair.n_participants} participants give a chance of 80 %." in text
    methods = (choices.parent / "report" / "methods.md").read_text("utf-8")
    assert "before the first rating by Davidson's model, errors clustered by listener" in methods
    needed = f"{pair.n_participants} participants give a chance of 80 %."
    assert f"For {pair.in_words}, {needed}" in methods
    assert "The planned 24 participants give" in text
    assert "share of decided answers for the better of two systems: 0.65" in text


def rated() -> pd.DataFrame:
    """Ratings that a report can be made of."""
    rows = [(f"P{k}", f"s{s}", m, "overall", 40.0 + 3 * k + s + 9 * (m == "b") * (s + k % 2))
            for k in range(4) for s in range(3) for m in "ab"]  # fmt: skip
    return pd.DataFrame(rows, columns=["participant", "song", "system", "attribute", "rating"])


def test_orders_and_picks_are_planned_too(
    choices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order tells more than a pick of the best, of the same systems."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
    needed = {}
    for part in ("order", "pick"):
        plan(choices, part=part, out=tmp_path / part)
        content = json.loads((tmp_path / part / "plan.json").read_text("utf-8"))
        needed[part] = [claim["n_participants"] or 501 for claim in content["choices"]["claims"]]
    assert all(a < b for a, b in zip(needed["order"], needed["pick"], strict=True))


def test_what_is_believed_of_choices_is_checked(choices: Path, tmp_path: Path) -> None:
    """No other number, none outside its limits, and nothing that is for ratings."""
    for said, fault in (
        ("share", "must be NAME=VALUE, such as share=0.6, not 'share'"),
        ("share=nan", "--believe share must be a finite number, not nan"),
        ("ties=inf", "--believe ties must be a finite number, not inf"),
        (" taste_sd = -1e999", "--believe taste_sd must be a finite number, not -1e999"),
        ("share=0.4", "share must be between 0.501 and 0.99, not 0.4"),
        ("margin=3", "This plan has no assumption 'margin'; choose share, taste_sd, ties"),
    ):
        with pytest.raises(StudyError, match=fault):
            plan(choices, out=tmp_path / "p", believe=[said])
    with pytest.raises(StudyError, match="asks for choices, so --margin cannot be used for it"):
        plan(choices, out=tmp_path / "p", margin=3.0)
    with pytest.raises(StudyError, match="--believe is only for parts with choices"):
        plan(write_study(tmp_path), out=tmp_path / "p", believe=["share=0.6"])
    assert not (tmp_path / "p").exists()


def test_the_margin_of_difference_grades_is_the_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Grades from 1 to 5 have differences from -4 to 4: 5 % of them are 0.4 grades."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
    parts = """
parts:
  - {type: bs1116, name: small, songs: [amber, birch], reference: human}
"""
    study = write_page_types_study(tmp_path, parts=parts)
    found = run(study, tmp_path / "p", difference=None)
    assert (found["margin"], found["difference"]) == (pytest.approx(0.4), pytest.approx(0.4))
    assert found["n_systems"] == 3  # of four, the hidden reference aside


def test_what_can_be_told_apart_is_planned_exactly(
    choices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight trials each, all of whom hear in half of them: right with 3/4, by the binomial test."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
    for number in ("N_STUDIES", "N_WITH_SONGS"):
        monkeypatch.setattr(f"analysis.planning.population.{number}", 40)
    plan(choices, part="same", out=tmp_path / "p", believe=["share=1"], participants=3)
    content = json.loads((tmp_path / "p" / "plan.json").read_text("utf-8"))
    some, every, few, population = content["choices"]["claims"]
    least = next(r for r in range(25) if stats.binom.sf(r - 1, 24, 0.5) <= 0.05)
    assert some["planned"] == pytest.approx(stats.binom.sf(least - 1, 24, 0.75))
    # d' of 1 by independent observations: Phi(1/sqrt 2) Phi(1/2) + Phi(-1/sqrt 2) Phi(-1/2).
    phi = stats.norm.cdf
    right = phi(0.5**0.5) * phi(0.5) + phi(-(0.5**0.5)) * phi(-0.5)
    assert every["planned"] == pytest.approx(stats.binom.sf(least - 1, 24, right))
    assert few["in_words"].startswith("a difference that nobody hears to be shown heard by less")
    assert few["n_participants"] is not None
    assert population["n_participants"] > every["n_participants"]  # listeners who spread cost more


def test_same_different_trials_are_planned_by_the_test_of_their_report(
    choices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two trials of each kind, two listeners: the report's exact p of each of the 81 tables."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
    believed = ["share=1", "hears=0.6", "d_prime=3", "false_alarms=0.25"]
    plan(choices, part="judged", out=tmp_path / "p", believe=believed, participants=2)
    content = json.loads((tmp_path / "p" / "plan.json").read_text("utf-8"))
    some, every, few = content["choices"]["claims"]
    phi, root = stats.norm.cdf, 2**0.5
    tau = -root * stats.norm.ppf(0.25 / 2)
    called = phi((3 - tau) / root) + phi((-3 - tau) / root)
    alarm = stats.binom.pmf(range(3), 2, 0.25)
    for claim, hit in ((some, 0.25 + 0.75 * 0.6), (every, called)):
        own = stats.binom.pmf(range(3), 2, hit)
        found = sum(
            own[h1] * own[h2] * alarm[f1] * alarm[f2]
            for h1, h2, f1, f2 in product(range(3), repeat=4)
            if exact_p([SaidOfPairs(h1, 2, f1, 2), SaidOfPairs(h2, 2, f2, 2)]) <= 0.05 + 1e-9
        )
        assert claim["planned"] == pytest.approx(found, abs=1e-9)
    assert few["in_words"].startswith("a difference that nobody hears to be shown heard by less")
    assert few["n_participants"] > every["n_participants"]
    assert "with a stratum for each listener" in content["choices"]["method"]
    assert 'share of same pairs called "different": 0.25' in " ".join(content["sentences"])
