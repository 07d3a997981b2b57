"""The report command: any long CSV or a study, a report folder, one sentence for bad input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from analysis.methods.registry import methods
from harbour_study import build_stimuli, write_study
from mixtrial.commands import cli
from mixtrial.commands.study.simulate import simulate
from mixtrial.reporting.analysed_data import real_participants
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.report_context import report_context
from mixtrial.reporting.study_reader import read_study, short_label
from mixtrial.reporting.table_reader import read_table
from mixtrial.simulation.rehearsal import installation_to_read
from stimuli.study_keys.declared_plan import OnRequest


def table() -> pd.DataFrame:
    """Ratings as another tool might write them: six participants, three songs, two systems."""
    rng = np.random.default_rng(11)
    own = rng.normal(0, 6, (6, 2))
    rows = [
        (f"L{k}", f"s{s}", system, "quality", round(40 + 20 * j + own[k, j] + rng.normal(0, 8)))
        for k in range(6)
        for s in range(3)
        for j, system in enumerate(("plain", "mixed"))
    ]
    return pd.DataFrame(rows, columns=["participant", "song", "system", "attribute", "rating"])


def run(*words: str | Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Exit code of the command with these words."""
    monkeypatch.setattr(sys, "argv", ["mixtrial", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_a_table_without_groups_becomes_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five columns are enough; all parts are written, for their owner, and the place is printed."""
    source, out = tmp_path / "my_test.csv", tmp_path / "out"
    table().to_csv(source, index=False)
    assert run("report", source, "--out", out, "--no-pictures", monkeypatch=monkeypatch) == 0
    assert capsys.readouterr().out.strip() == str(out / "report.html")
    assert out.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in out.iterdir()} == {
        "report.html", "results.json", "methods.md", "figures", "tables",
    }  # fmt: skip
    found = json.loads((out / "results.json").read_text("utf-8"))
    assert found["report"]["answers"]["quality"]["leaders"] == ["mixed"]
    page = (out / "report.html").read_text("utf-8")
    assert "<h1>my test</h1>" in page
    assert "The data do not show whether a page had several versions" in page
    assert "Which of these versions do listeners rate higher" in page


def test_a_table_on_five_steps_is_reported_on_the_scale_that_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--scale 1:5:1``: the answer's axis ends there, with the numbers for want of words."""
    source, out = tmp_path / "votes.csv", tmp_path / "out"
    votes = table()
    votes.assign(rating=(1 + votes["rating"] / 25).round().clip(1, 5)).to_csv(source, index=False)
    words = ("report", source, "--out", out, "--no-pictures", "--scale", "1:5:1")
    assert run(*words, monkeypatch=monkeypatch) == 0
    found = json.loads((out / "results.json").read_text("utf-8"))
    assert found["settings"]["scale"] == {"minimum": 1, "maximum": 5, "step": 1}
    page = (out / "report.html").read_text("utf-8")
    assert '<span class="words"><span>1 </span><span> 5</span></span>' in page


def test_nothing_is_said_across_systems_that_different_people_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tables of two systems each, by other listeners: no test of all four at once."""
    source, out = tmp_path / "two.csv", tmp_path / "out"
    mine = table()
    names = {"plain": "dull", "mixed": "clear"}
    yours = mine.assign(participant="M" + mine["participant"], system=mine["system"].map(names))
    pd.concat([mine, yours]).to_csv(source, index=False)
    assert run("report", source, "--out", out, "--no-pictures", monkeypatch=monkeypatch) == 0
    found = json.loads((out / "results.json").read_text("utf-8"))
    assert found["report"]["answers"]["quality"]["sets"] == [["clear", "dull"], ["mixed", "plain"]]
    assert {row["p"] for row in found["multiplicity"]["rows"]} == {None}
    pages = [(out / name).read_text("utf-8") for name in ("report.html", "methods.md")]
    told = [" ".join(text.split()) for text in pages]
    for text in told:
        assert "There is no test of all systems at once" in text
        assert "systems are rated alike: F" not in text
    page = told[0]
    for variant in ("Equal use of the scale", "Ratings as ordered words"):
        assert variant not in page
    assert "No chain of listeners connects dull and mixed" in page.replace("\n", " ")
    assert "so means of different sets cannot be compared" in page
    assert (
        "rated every system on the same song" in found["attributes"]["quality"]["friedman"]["why"]
    )


def test_a_primary_model_that_cannot_be_fitted_is_told_in_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One system is always at 100: without a spread of its own, the answer is of listener means."""
    source, out = tmp_path / "clear.csv", tmp_path / "out"
    rated = table()
    clear = rated[rated["system"] == "plain"].assign(system="clear", rating=100)
    pd.concat([rated, clear]).to_csv(source, index=False)
    words = ("report", source, "--out", out, "--no-pictures", "--model", "lmm_unequal")
    assert run(*words, monkeypatch=monkeypatch) == 0
    page = " ".join((out / "report.html").read_text("utf-8").split())
    answer = page[page.index('id="answer"') : page.index('id="question"')]
    assert "the primary analysis, could not be fitted:" in answer
    assert "Therefore the results come from tests on listener means" in answer
    found = json.loads((out / "results.json").read_text("utf-8"))
    (failed,) = found["report"]["models"]["quality"]["left_out"]
    assert failed["model"] == "lmm_unequal"
    assert f"could not be fitted: {failed['why']}" in page[page.index("Do the models agree?") :]


def test_choices_without_groups_become_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of trials needs no column ``group`` either: everybody is in one."""
    rows = [
        (f"L{k}", "p1", "preference", song, "overall", "plain", "mixed", "b" if k else "a")
        for k in range(4)
        for song in ("s1", "s2")
    ]
    names = ["participant", "part", "kind", "song", "attribute", "system_a", "system_b", "answer"]
    source, out = tmp_path / "trials.csv", tmp_path / "out"
    pd.DataFrame(rows, columns=names).to_csv(source, index=False)
    assert run("report", source, "--out", out, "--no-pictures", monkeypatch=monkeypatch) == 0
    found = json.loads((out / "results.json").read_text("utf-8"))
    (pair,) = found["trials"]["preference"][0]["pairs"]
    assert (pair["a"], pair["won_a"], pair["won_b"]) == ("mixed", 6, 2)
    assert [row["group"] for row in found["report"]["sample"]["groups"]] == ["all"]


def test_options_reach_the_analysis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Margin, degrees of freedom, model, seed and title are in the results and on the page."""
    source = tmp_path / "r.csv"
    table().to_csv(source, index=False)
    options = ["--df", "kenward-roger", "--margin", "12", "--seed", "7", "--title", "Mine & yours"]
    options += ["--model", "lmm_unequal"]
    words = ["report", source, "--out", tmp_path / "o", "--no-pictures", *options]
    assert run(*words, monkeypatch=monkeypatch) == 0
    settings = json.loads((tmp_path / "o" / "results.json").read_text("utf-8"))["settings"]
    assert (settings["df_method"], settings["margin"], settings["seed"]) == (
        "kenward-roger", 12.0, 7,
    )  # fmt: skip
    page = (tmp_path / "o" / "report.html").read_text("utf-8")
    assert "Mine &amp; yours" in page
    assert "Satterthwaite degrees of freedom, the only ones that this model has" in page


def test_the_pooled_test_is_shown_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger's report says nothing of it; with the option it stands beside its warning."""
    source = tmp_path / "r.csv"
    table().to_csv(source, index=False)
    pages = {}
    for name, options in (("plain", []), ("asked", ["--pooled"])):
        words = ["report", source, "--out", tmp_path / name, "--no-pictures", *options]
        assert run(*words, monkeypatch=monkeypatch) == 0
        pages[name] = (tmp_path / name / "report.html").read_text("utf-8")
    assert "independent person" in pages["asked"]
    assert 'href="#pooled"' in pages["asked"]
    assert "Mann–Whitney" in pages["asked"]
    assert not {word for word in ("Mann–Whitney", 'id="pooled"') if word in pages["plain"]}
    assert not (tmp_path / "plain" / "tables" / "pooled-mann-whitney.csv").exists()
    assert (tmp_path / "asked" / "tables" / "pooled-mann-whitney.csv").exists()


def test_a_declared_plan_asks_for_the_pooled_test(tmp_path: Path) -> None:
    """The study's key decides where the command line says nothing, and a departure is seen."""
    path = write_study(tmp_path)
    with path.open("a", encoding="utf-8") as file:
        file.write("analysis: {also: [pooled_mann_whitney]}\n")
    simulate(path, participants=2, seed=1)
    data = read_study(installation_to_read(path)[0])
    _, context = report_context(data, ReportOptions())
    assert context.also == ("pooled_mann_whitney",)
    _, departed = report_context(data, ReportOptions(also=()))
    assert departed.also == ()
    assert departed.plan is not None
    assert [item.what for item in departed.plan.items if item.departs] == ["Further analyses"]


def test_a_plan_may_name_every_analysis_that_runs_on_request() -> None:
    """The words of the study file are the names by which methods are asked for."""
    assert set(get_args(OnRequest)) == {one.on_request for one in methods().values()} - {""}


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda _path: None, "There is no rating file"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_text("a,b\n1,2\n"), "lacks the columns"),
        (lambda path: path.write_text(""), "is empty"),
        (lambda path: table().iloc[:0].to_csv(path, index=False), "no rows"),
        (lambda path: table().assign(rating="").to_csv(path, index=False), "no ratings"),
        (lambda path: table().assign(rating="loud").to_csv(path, index=False), "not a number"),
        (lambda path: table().assign(rating=101).to_csv(path, index=False), "outside the scale"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00rating"), "not a readable UTF-8"),
        (lambda path: path.write_text('part,rating\n"a,1\n'), "not a readable UTF-8"),
        (lambda path: path.write_text("system_a,system_b,answer\nx,y,a\n"), "lacks the column "),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    make, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    """Exit code 2, no traceback, no folder."""
    source = tmp_path / "ratings.csv"
    make(source)
    words = ["report", source, "--out", tmp_path / "out", "--no-pictures"]
    assert run(*words, monkeypatch=monkeypatch) == 2
    told = capsys.readouterr().err.strip()
    assert sentence in told
    assert "Traceback" not in told
    assert len(told.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_language_that_no_report_has_is_refused_with_those_that_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    """Before anything is read."""
    words = ["report", tmp_path / "none.csv", "--out", tmp_path / "out", "--language", "tlh"]
    assert run(*words, monkeypatch=monkeypatch) == 2
    assert "--language must be one of en, de" in capsys.readouterr().err


def test_a_file_in_the_way_of_the_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The place and the reason are in the sentence."""
    source, out = tmp_path / "r.csv", tmp_path / "out"
    table().to_csv(source, index=False)
    out.write_text("in the way")
    assert run("report", source, "--out", out, monkeypatch=monkeypatch) == 2
    assert "File exists" in capsys.readouterr().err
    assert out.read_text() == "in the way"


def test_a_study_without_participants_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a database there is one sentence, and no empty database is made."""
    study = write_study(tmp_path)
    assert run("report", study, "--out", tmp_path / "o", monkeypatch=monkeypatch) == 2
    assert "nobody has taken part yet" in capsys.readouterr().err
    assert not (tmp_path / "mixtrial.sqlite").exists()
    assert not (tmp_path / "o").exists()


def test_a_study_is_reported_from_its_database_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Simulated listeners take part; the report has the study's title, order, stimuli and flow."""
    study = write_study(tmp_path)
    with study.open("a", encoding="utf-8") as file:
        file.write("parts: [{type: attributes, attributes: [overall]}]\n")
    build_stimuli(tmp_path)
    simulate = ["simulate", study, "--participants", "6"]
    assert run(*simulate, monkeypatch=monkeypatch) == 0
    words = ["report", study, "--out", tmp_path / "o", "--no-pictures"]
    assert run(*words, monkeypatch=monkeypatch) == 0
    found = json.loads((tmp_path / "o" / "results.json").read_text("utf-8"))
    assert found["report"]["flow"] == {
        "invited": None, "enrolled": 6, "consented": 6, "finished": 6, "rated": 6, "excluded": 0,
        "analysed": 6, "stopped": [],
    }  # fmt: skip
    assert found["report"]["sample"]["n_simulated"] == 6
    assert found["report"]["stimuli"]["n_stimuli"] == 12
    means = found["report"]["answers"]["overall"]["means"]
    assert [row["system"] for row in means] == ["baseline", "cnn", "human", "random"]
    page = (tmp_path / "o" / "report.html").read_text("utf-8")
    assert "<h1>Harbour Lights</h1>" in page
    assert "Simulated listeners." in page
    assert "The data do not show" not in page
    assert run(*words, "--without-simulated", monkeypatch=monkeypatch) == 2
    assert "no real participant has rated yet" in capsys.readouterr().err


@pytest.mark.parametrize(("phase", "replicate"), [("phase", "replicate"), ("page_kind", "repeat")])
def test_an_export_of_ours_loses_its_training_and_keeps_its_repeats(
    phase: str, replicate: str, tmp_path: Path
) -> None:
    """Training pages are for practice; a repeated song is a replicate, by its earlier name too."""
    rows = table().assign(**{phase: "rating", replicate: 0})
    rows = pd.concat([rows, rows.iloc[:2].assign(**{phase: "training"}),
                      rows.iloc[:2].assign(**{replicate: 1})])  # fmt: skip
    rows.to_csv(tmp_path / "export.csv", index=False)
    kept = read_table(tmp_path / "export.csv").tables.ratings
    assert len(kept) == len(table()) + 2
    assert kept["replicate"].tolist()[-2:] == ["1", "1"]


def test_an_export_with_repeats_is_read_as_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output of mixtrial export is input of mixtrial report."""
    source = tmp_path / "export.csv"
    rows = table().assign(phase="rating", replicate=0)
    noise = np.random.default_rng(4).integers(-5, 6, len(rows))
    again = rows.assign(replicate=1, rating=rows.rating + noise)
    pd.concat([rows, again]).to_csv(source, index=False)
    words = ["report", source, "--out", tmp_path / "o", "--no-pictures"]
    assert run(*words, monkeypatch=monkeypatch) == 0
    found = json.loads((tmp_path / "o" / "results.json").read_text("utf-8"))
    assert found["data"]["n_ratings"] == 2 * len(rows)


def test_simulated_participants_can_be_left_out() -> None:
    """Whoever is real stays; when nobody is, that is said."""
    from analysis.ratings.table import RatingsError

    rows = table().assign(participant_kind="participant")
    rows.loc[rows.participant == "L0", "participant_kind"] = "simulated"
    assert sorted(real_participants(rows)["participant"].unique()) == ["L1", "L2", "L3", "L4", "L5"]
    with pytest.raises(RatingsError, match="All participants are simulated"):
        real_participants(rows.assign(participant_kind="simulated"))


def test_groups_are_called_by_the_start_of_their_label() -> None:
    """Long explanations belong to the questionnaire, not to a figure."""
    assert short_label("pro", "Professional: I mix for a living") == "Professional"
    assert short_label("no_mixing", "I listen to music, but have never mixed") == "No mixing"


def test_a_report_by_the_ordinal_model_says_what_it_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its claim is one about whole distributions; what the linear model tells is called so."""
    source, out = tmp_path / "votes.csv", tmp_path / "out"
    table().to_csv(source, index=False)
    words = ("report", source, "--out", out, "--no-pictures", "--model", "ordinal")
    assert run(*words, monkeypatch=monkeypatch) == 0
    page = " ".join((out / "report.html").read_text("utf-8").split())
    assert "is higher than that of another" in page
    assert "the variances are those of the linear mixed model" in page
