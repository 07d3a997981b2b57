"""An archive holds all that its results need: the same numbers come out, byte for byte."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.ratings.table import RatingsError
from db.records.errors import StoreError
from db.store.store import open_store
from harbour_study import build_stimuli, write_study
from mixtrial.commands import cli
from mixtrial.commands.answers.archive import archive
from mixtrial.commands.answers.export import export
from mixtrial.commands.answers.report import report
from mixtrial.commands.study.plan import plan
from mixtrial.commands.study.simulate import simulate
from mixtrial.participation.enrolment import enrol
from mixtrial.reporting.archive_reader import read_archive
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.report_context import report_context
from mixtrial.reporting.study_reader import read_study
from mixtrial.server.installation import load_installation
from mixtrial.server.settings import rehearsal_database_url, settings_for_study
from mixtrial.simulation.rehearsal import installation_to_read
from page_types_study import write_page_types_study

pytestmark = pytest.mark.usefixtures("analysed_once_here")
CODE = "CPAID4711"
PLAN = (
    "parts: [{type: attributes, attributes: [overall, eq]}]\n"
    "pages: {repeated_songs: 1}\nanalysis: {primary: eq, contrasts: [[cnn, baseline]], margin: 7,\n"
    "  one_sided: [{test: non_inferiority, system: cnn, to: baseline, margin: 6}]}\n"
    f"completion_code: {CODE}\n"
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with a plan, built, with six simulated participants."""
    folder = tmp_path_factory.mktemp("study")
    path = write_study(folder)
    with path.open("a", encoding="utf-8") as file:
        file.write(PLAN)
    build_stimuli(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
        plan(path, draws=100, participants=6)
    simulate(path, participants=6, seed=2)
    return path


@pytest.fixture(scope="module")
def packed(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of that study."""
    out = tmp_path_factory.mktemp("packed") / "archive"
    archive(study, out=out)
    return out


def report_on(source: Path, out: Path, **options: object) -> bytes:
    """The results.json of a report on a source."""
    report(source, out=out, pictures=False, **options)  # type: ignore[arg-type]
    return (out / "results.json").read_bytes()


def test_a_report_on_the_archive_is_the_study_s_byte_for_byte(
    study: Path, packed: Path, tmp_path: Path
) -> None:
    """Study, archive and the results packed into it agree to the last byte."""
    of_study = report_on(study, tmp_path / "a")
    assert report_on(packed, tmp_path / "b") == of_study
    assert (packed / "results" / "results.json").read_bytes() == of_study
    for name in ("report.html", "methods.md"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_an_archive_that_moved_gives_the_same(packed: Path) -> None:
    """Nothing in it points to where it was made."""
    ratings, context = report_context(read_archive(packed), ReportOptions())
    moved = packed.rename(packed.with_name("moved"))
    try:
        again, same = report_context(read_archive(moved), ReportOptions())
    finally:
        moved.rename(packed)
    pd.testing.assert_frame_equal(again, ratings)
    tables = ("manifest", "comments", "people", "planned", "trials", "all_ratings")
    for name in tables:
        pd.testing.assert_frame_equal(getattr(same, name), getattr(context, name))
    without = dict.fromkeys(tables)
    assert replace(same, **without) == replace(context, **without)


def test_everything_that_was_promised_is_there(packed: Path) -> None:
    """Manifest, data, codebook, plan, results, environment; checksums that hold; no token.

    Other accounts are kept out.
    """
    assert packed.stat().st_mode & 0o777 == 0o700
    files = {path.relative_to(packed).as_posix() for path in packed.rglob("*") if path.is_file()}
    assert files == {
        "SHA256SUMS", "archive.json", "study.yaml", "plan.json", "planning.json",
        "environment.txt",
        "data/ratings.csv", "data/listening.csv", "data/participants.csv", "data/pages.csv",
        "data/codebook.csv",
        "stimuli/manifest.csv", "stimuli/objective.csv",
        "results/results.json", "results/methods.md",
        "CITATION.cff", "codemeta.json", "datapackage.json", "load.R", "load.py",
        "ro-crate-metadata.json",
    }  # fmt: skip
    lines = (packed / "SHA256SUMS").read_text("utf-8").splitlines()
    assert len(lines) == len(files) - 1
    for line in lines:
        sha256, name = line.split("  ")
        assert hashlib.sha256((packed / name).read_bytes()).hexdigest() == sha256
    declared = json.loads((packed / "plan.json").read_text("utf-8"))
    assert declared["status"] == "declared"
    assert declared["declared"]["margin"] == 7
    results = json.loads((packed / "results" / "results.json").read_text("utf-8"))
    planning = results["report"]["planning"]
    assert (planning["timing"], planning["n_tests"]) == ("before", 1)
    assert planning["planned"]["n_participants"] == 6
    assert "numpy==" in (packed / "environment.txt").read_text("utf-8")
    assert "completion_code: left-out\n" in (packed / "study.yaml").read_text("utf-8")
    assert not [name for name in files if CODE in (packed / name).read_text("utf-8")]


def test_the_codebook_explains_every_column(packed: Path) -> None:
    """Each column of each table has a unit and a meaning."""
    book = pd.read_csv(packed / "data" / "codebook.csv", keep_default_na=False)
    for name, rows in book.groupby("table"):
        table = pd.read_csv(packed / "data" / f"{name}.csv")
        assert rows["column"].tolist() == list(table.columns)
    assert not (book["meaning"] == "").any()
    assert not (book["unit"] == "").any()


def test_options_come_before_what_the_archive_says(packed: Path, tmp_path: Path) -> None:
    """Another margin is used, and the report marks that it departs from the plan."""
    found = json.loads(report_on(packed, tmp_path / "a", margin=4.0))
    assert found["settings"]["margin"] == 4
    items = {item["what"]: item for item in found["report"]["plan"]["items"]}
    assert items["Equivalence margin"]["departs"] is True
    assert items["Attribute that answers"]["departs"] is False
    page = (tmp_path / "a" / "report.html").read_text("utf-8")
    assert "departs from the plan" in page


def test_a_file_that_was_changed_is_refused(
    packed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One rating altered, one file gone: one sentence, no report."""
    path = packed / "data" / "ratings.csv"
    content = path.read_bytes()
    words = ["mixtrial", "report", str(packed), "--out", str(tmp_path / "o"), "--no-pictures"]
    monkeypatch.setattr(sys, "argv", words)
    try:
        path.write_bytes(content.replace(b",cnn,", b",human,", 1))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        assert "data/ratings.csv in the archive" in capsys.readouterr().err
        path.unlink()
        with pytest.raises(SystemExit):
            cli.main()
        assert "lacks data/ratings.csv" in capsys.readouterr().err
    finally:
        path.write_bytes(content)
    assert not (tmp_path / "o").exists()


def with_content(packed: Path, out: Path, content: dict[str, Any]) -> Path:
    """A copy of an archive with another ``archive.json``, its checksum put right."""
    shutil.copytree(packed, out)
    mark, sums = out / "archive.json", out / "SHA256SUMS"
    before = hashlib.sha256(mark.read_bytes()).hexdigest()
    mark.write_text(json.dumps(content), "utf-8")
    after = hashlib.sha256(mark.read_bytes()).hexdigest()
    sums.write_text(sums.read_text("utf-8").replace(before, after), "utf-8")
    return out


def test_an_archive_from_before_some_facts_were_kept_still_reads(
    packed: Path, tmp_path: Path
) -> None:
    """Options had another name; conditions, plan of the size and questions were not known."""
    content = json.loads((packed / "archive.json").read_text("utf-8"))
    content["choices"] = content.pop("options") | {"margin": 4.5}
    for key in ("conditions", "planning", "questions", "parts", "unblinded_at"):
        del content["facts"][key]
    old = with_content(packed, tmp_path / "old", content)
    ratings, context = report_context(read_archive(old), ReportOptions())
    pd.testing.assert_frame_equal(ratings, report_context(read_archive(packed), ReportOptions())[0])
    assert (context.conditions, context.planning, context.questions) == (None, None, ())
    assert (context.margin, context.scale_intervals) == (4.5, False)


def test_an_earlier_archive_names_the_study_of_li_2022_as_now(packed: Path, tmp_path: Path) -> None:
    """The words that mixtrial wrote; a description keeps its own."""
    content = json.loads((packed / "archive.json").read_text("utf-8"))
    facts = content["facts"]
    facts["design"] = [["Mixing profile", "seed; random choices follow from the seed 11"]]
    facts["standing"]["method"] = "the seed study's test, a rating"
    facts["description"] = "as in the seed study's test"
    data = read_archive(with_content(packed, tmp_path / "old", content))
    assert data.facts.design[0][1] == "li2022; random choices follow from the seed 11"
    assert data.facts.standing is not None
    assert data.facts.standing.method == "the test of Li (2022), a rating"
    assert data.facts.description == "as in the seed study's test"


def test_an_archive_of_another_format_is_refused(packed: Path, tmp_path: Path) -> None:
    """One sentence, whatever else may be in it."""
    later = with_content(packed, tmp_path / "later", {"format": 99})
    with pytest.raises(RatingsError, match="has a format that this version cannot read"):
        read_archive(later)


def test_an_archive_is_not_called_as_a_packed_file(study: Path, tmp_path: Path) -> None:
    """It is a folder; nothing of that name is made."""
    with pytest.raises(StoreError, match=r"An archive is a folder.*must not end in \.zip"):
        archive(study, out=tmp_path / "study.zip")
    assert list(tmp_path.iterdir()) == []


def test_an_archive_overwrites_nothing(study: Path, tmp_path: Path) -> None:
    """A folder with something in it stays as it is."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        archive(study, out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_plan_that_changed_while_people_took_part_is_not_declared(tmp_path: Path) -> None:
    """On record before the first rating, changed between participants, or after all of them."""
    path = write_study(tmp_path)
    plain = path.read_text("utf-8")
    path.write_text(plain + "analysis: {margin: 5}\n", "utf-8")
    simulate(path, participants=3, seed=1)

    def status() -> str:
        data = read_study(installation_to_read(path)[0])
        plan = report_context(data, ReportOptions())[1].plan
        assert plan is not None
        return plan.status

    assert status() == "declared"
    path.write_text(plain + "analysis: {margin: 9}\n", "utf-8")
    assert status() == "late"
    simulate(path, participants=2, seed=5)
    assert status() == "changed"
    path.write_text(plain, "utf-8")
    assert status() == "none"
    with closing(open_store(rehearsal_database_url(path))) as store:
        assert len(store.study_versions("harbour-lights")) == 3


OF_PAGE = "too long"
WORDS = 'the <b>voice</b> is "dry", =1+1'
MORE_PARTS = """
parts:
  - {type: mushra, name: quality, songs: [amber, birch], reference: human}
  - {type: preference, name: taste, songs: [amber], pairs: [[baseline, cnn], [cnn, random]]}
  - {type: abx, name: differ, songs: [birch], pairs: [[baseline, random]], trials: 2}
comments: both
questionnaires:
  - name: end
    when: after
    title: The end
    questions: [{name: said, type: text, label: "Anything else?", required: false}]
pages: {training: false}
"""


@pytest.fixture(scope="module")
def with_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of three page types with eight simulated participants, two comments, an answer."""
    parts = f"{MORE_PARTS.rstrip()}\ncompletion_code: {CODE}\n"
    path = write_page_types_study(tmp_path_factory.mktemp("parts"), parts=parts)
    simulate(path, participants=8, seed=3)
    with closing(sqlite3.connect(path.with_name("rehearsal.sqlite"))) as database, database:
        database.execute(
            "INSERT INTO event (page_id, epoch, seq, event_index, t_ms, kind, position, value,"
            " received_at) SELECT id, 9, 9, 0, 1.0, 'comment', 0, ?, closed_at FROM page"
            ' WHERE page_type = "mushra" ORDER BY id LIMIT 1',
            [WORDS],
        )
        database.execute(
            "INSERT INTO event (page_id, epoch, seq, event_index, t_ms, kind, position, value,"
            " received_at) SELECT id, 9, 9, 1, 2.0, 'comment', NULL, ?, closed_at FROM page"
            ' WHERE page_type = "mushra" ORDER BY id LIMIT 1',
            [OF_PAGE],
        )
        database.execute(
            "UPDATE participant SET answers = ? WHERE participant_index = 0",
            ['{"end.said": "=SUM(1)"}'],
        )
    return path


@pytest.fixture(scope="module")
def packed_parts(with_parts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of that study, with its words."""
    out = tmp_path_factory.mktemp("packed") / "parts"
    archive(with_parts, out=out, invited=20)
    return out


@pytest.fixture(scope="module")
def reported_parts(with_parts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on that study."""
    out = tmp_path_factory.mktemp("reported") / "parts"
    report_on(with_parts, out, invited=20)
    return out


def test_choices_comments_and_answers_come_out_of_an_archive_byte_for_byte(
    reported_parts: Path, packed_parts: Path, tmp_path: Path
) -> None:
    """The same results.json, page, paragraph and words; the hidden reference screened by itself."""
    of_study = (reported_parts / "results.json").read_bytes()
    assert report_on(packed_parts, tmp_path / "b") == of_study
    assert (packed_parts / "results" / "results.json").read_bytes() == of_study
    for name in ("report.html", "methods.md", "tables/comments.csv"):
        assert (reported_parts / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    found = json.loads(of_study)
    assert found["report"]["part"] == {
        "name": "quality", "type": "mushra", "names": ["quality", "taste", "differ"],
        "is_mushra": True,
    }  # fmt: skip
    settings = found["settings"]
    assert (settings["reference"], settings["mid_anchor"], settings["low_anchor"]) == (
        "human", "mid_anchor", "low_anchor",
    )  # fmt: skip
    assert [rule["applied"] for rule in found["screening"]["rules"]] == [True, True]
    assert found["trials"]["preference"][0]["n_trials"] == 8 * 2
    assert found["trials"]["abx"][0]["n_trials"] == 8 * 2
    assert found["report"]["comments"]["n_comments"] == 2
    assert found["report"]["flow"]["invited"] == 20
    page = (reported_parts / "report.html").read_text("utf-8")
    assert "the &lt;b&gt;voice&lt;/b&gt; is &#34;dry&#34;, =1+1" in page
    assert "=SUM(1)" in page


def test_words_can_be_left_out_without_changing_a_result(
    with_parts: Path, packed_parts: Path, tmp_path: Path
) -> None:
    """No word of a participant is in the folder; every number is the same, with codes or not."""
    silent = tmp_path / "silent"
    archive(with_parts, out=silent, invited=20, without_words=True, with_codes=True)
    assert (silent / "study.yaml").read_text("utf-8") == with_parts.read_text("utf-8")
    assert CODE not in (packed_parts / "study.yaml").read_text("utf-8")
    results = [folder / "results" / "results.json" for folder in (packed_parts, silent)]
    whole, quiet = (json.loads(path.read_text("utf-8")) for path in results)
    assert whole["report"]["comments"].pop("n_left_out") == 0
    assert quiet["report"]["comments"].pop("n_left_out") == 2
    assert whole == quiet
    files = [path for path in silent.rglob("*") if path.is_file()]
    text = "".join(path.read_text("utf-8") for path in files)
    assert "voice" not in text
    assert "=SUM(1)" not in text
    assert "(left out)" in text


def test_an_export_of_comments_and_of_choices_is_a_table(
    with_parts: Path, reported_parts: Path, tmp_path: Path
) -> None:
    """One a row; what looks like a formula is none; a study without any says so."""
    export(with_parts, tmp_path / "said.csv", table="comments", database=None)
    export(with_parts, tmp_path / "trials.csv", table="trials", database=None)
    assert (tmp_path / "said.csv").stat().st_mode & 0o777 == 0o600
    said = pd.read_csv(tmp_path / "said.csv")
    assert said["comment"].tolist() == [WORDS, OF_PAGE]
    assert pd.read_csv(tmp_path / "said.csv", dtype=str)["stimulus_order"].tolist()[0] == "1"
    assert set(pd.read_csv(tmp_path / "trials.csv")["trial_kind"]) == {"preference", "abx"}
    found = json.loads(report_on(tmp_path / "trials.csv", tmp_path / "r"))
    whole = json.loads((reported_parts / "results.json").read_bytes())
    pairs = [entry["trials"]["abx"][0]["pairs"] for entry in (found, whole)]
    assert pairs[0] == pairs[1]


@pytest.mark.parametrize(
    ("part", "sentence"), [("taste", "asks for choices"), ("loud", "has no part 'loud'")]
)
def test_a_part_without_ratings_cannot_be_the_one_reported(
    with_parts: Path, part: str, sentence: str, tmp_path: Path
) -> None:
    """One sentence that names the parts."""
    with pytest.raises(RatingsError, match=sentence):
        report(with_parts, out=tmp_path, part=part, pictures=False)


def test_a_study_that_nobody_has_finished_gets_a_report_that_says_so(tmp_path: Path) -> None:
    """Somebody came, nobody is done: the design is there, the answer is not; then half of it is."""
    path = write_page_types_study(tmp_path, parts=MORE_PARTS)
    installation = load_installation(settings_for_study(path))
    enrol(installation, "participant")
    found = json.loads(report_on(path, tmp_path / "r"))
    assert found["data"]["warnings"] == ["There are no ratings yet."]
    assert found["report"]["flow"]["stopped"] == [{"step": "the consent text", "n": 1}]
    page = (tmp_path / "r" / "report.html").read_text("utf-8")
    assert "This study cannot answer yet." in page
    # Once somebody real has come, simulated participants are in no report: another study has them.
    (tmp_path / "other").mkdir()
    path = write_page_types_study(tmp_path / "other", parts=MORE_PARTS)
    simulate(path, participants=3, seed=1)
    with closing(sqlite3.connect(path.with_name("rehearsal.sqlite"))) as database, database:
        database.execute("UPDATE participant SET finished_at = NULL, step = 'rating'")
    found = json.loads(report_on(path, tmp_path / "r"))
    assert "--unfinished" in found["data"]["warnings"][0]
    found = json.loads(report_on(path, tmp_path / "r", unfinished=True))
    assert found["report"]["sample"]["n_unfinished"] == 3
    assert found["report"]["answers"]["overall"]["status"] == "ok"


def test_the_plan_tells_when_the_names_were_uncovered(tmp_path: Path) -> None:
    """Not at all; after the last rating; while ratings were coming in."""
    path = write_study(tmp_path)
    simulate(path, participants=2, seed=1)
    store = open_store(rehearsal_database_url(path))

    def told() -> tuple[bool, bool]:
        data = read_study(installation_to_read(path)[0])
        plan = report_context(data, ReportOptions())[1].plan
        assert plan is not None
        return plan.unblinded_at is not None, plan.unblinded_early

    assert told() == (False, False)
    store.log_action("harbour-lights", "unblind")
    assert told() == (True, False)
    simulate(path, participants=1, seed=2)
    assert told() == (True, True)
