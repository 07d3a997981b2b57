"""Collected sessions are reported, written as files and shown, as the same answers in files are."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.ratings.table import RatingsError
from analysis.scale import Scale
from db.store.store import Store, open_store
from mixtrial.commands.cli import app
from mixtrial.imports.webmushra.posted_session import session_of_body
from mixtrial.reporting.collected.overview import sessions_seen
from mixtrial.reporting.collected.reader import read_collected
from mixtrial.reporting.table_reader import read_table
from posted_sessions import TRIALS, body, rated, session

SCORES = {
    "u1": {"reference": 100, "cnn": 70, "old": 41},
    "u2": {"reference": 95, "cnn": 64, "old": 50},
    "u3": {"reference": 99, "cnn": 72, "old": 38},
    "u4": {"reference": 100, "cnn": 58, "old": 47},
}


def keep(store: Store, *said: Any) -> None:
    """Keep sessions as the collector does."""
    for each in said:
        posted = session_of_body(body(each))
        content = posted.text.encode()
        store.keep_session(posted.test, posted.session, posted.digest, content)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with four sessions of MUSHRA, one with all page types, and a later version."""
    folder = tmp_path_factory.mktemp("collected")
    store = open_store(f"sqlite:///{folder / 'mixtrial.sqlite'}")
    keep(store, *(rated(name, scores) for name, scores in SCORES.items()))
    keep(store, session("u5", *TRIALS), rated("u1", {"reference": 1, "cnn": 2, "old": 3}))
    odd = session("u6")
    odd["trials"] = [{"id": "x", "type": "video", "responses": []}]
    keep(store, odd)
    store.keep_unreadable(b"sessionJSON={\xff", "The posted text is not UTF-8")
    store.close()
    return folder


def run(*words: str | Path) -> tuple[int, str]:
    """Exit code of a command, and what it said."""
    told = CliRunner().invoke(app, [str(word) for word in words])
    return told.exit_code, told.output if told.exception is None else f"{told.exception}"


def test_the_report_is_that_of_the_files_that_export_writes(folder: Path, tmp_path: Path) -> None:
    """The first version counts; what cannot be analysed is kept and told, by name."""
    database, out = folder / "mixtrial.sqlite", tmp_path / "out"
    code, told = run("export", database, "--out", out)
    assert (code, told.strip()) == (0, f"{out}: 7 sessions of webMUSHRA's front end.")
    code, told = run("report", database, "--out", tmp_path / "a", "--no-pictures")
    assert code == 0, told
    for clause in (
        "6 sessions that webMUSHRA's front end posted", "1 later version of a session left out",
        "lss was left out (", "spatial_asw was left out (places",
        "pages of the type video have no table",
    ):  # fmt: skip
        assert clause in told
    store = open_store(f"sqlite:///{database}")
    mine, theirs = read_collected(store, "here"), read_table(out / "mushra.csv")
    store.close()
    ratings = mine.tables.ratings
    ratings = ratings[ratings["part"] == "mushra"].drop(columns="part").reset_index(drop=True)
    theirs_rows = theirs.tables.ratings.reset_index(drop=True)
    assert len(ratings) == 3 * len(SCORES) + 2
    pd.testing.assert_frame_equal(ratings[list(theirs_rows)], theirs_rows, check_dtype=False)
    assert mine.tables.trials is not None
    assert mine.tables.trials["correct"].tolist() == ["true"]


def test_export_writes_webmushras_files_every_version_and_what_is_to_be_repaired(
    folder: Path, tmp_path: Path
) -> None:
    """A file per page type; sessions with their versions; each byte of other bodies."""
    out = tmp_path / "out"
    assert run("export", folder / "mixtrial.sqlite", "--out", out)[0] == 0
    assert {path.stem for path in out.glob("*.csv")} == {*TRIALS, "sessions"}
    sessions = pd.read_csv(out / "sessions.csv", dtype=str, keep_default_na=False)
    found = list(zip(sessions["session_uuid"], sessions["version"], strict=True))
    assert found == [("u1", "1"), ("u2", "1"), ("u3", "1"), ("u4", "1"), ("u5", "1"),
                     ("u1", "2"), ("u6", "1")]  # fmt: skip
    assert sessions["in_no_table"].iloc[-1] == "trial 1, pages of the type video have no table"
    lines = (out / "sessions.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[4]) == session("u5", *TRIALS)
    assert (out / "unreadable" / "0001.txt").read_bytes() == b"sessionJSON={\xff"
    asw = pd.read_csv(out / "spatial_asw.csv")
    assert asw["position_outerLeft_z"].tolist() == [12]


def test_the_likert_pages_are_analysed_on_the_scale_that_is_named(folder: Path) -> None:
    """Each page type is a part; without the scale, ratings from 3 to 5 could be on any."""
    store = open_store(f"sqlite:///{folder / 'mixtrial.sqlite'}")
    data = read_collected(store, "here", scale=Scale(1, 5, 1))
    store.close()
    assert [part.name for part in data.facts.parts] == [
        "mushra", "bs1116", "lms", "lss", "lss_2_scales"
    ]  # fmt: skip
    rows = data.tables.ratings.groupby("part")[["scale_minimum", "scale_maximum"]].first()
    assert rows.loc["lss"].tolist() == [1.0, 5.0]
    assert rows.loc["mushra"].tolist() == [0.0, 100.0]


def test_several_tests_are_told_apart(tmp_path: Path) -> None:
    """One is named by ``--test``; a wrong name, and none, are a sentence with those there are."""
    path = tmp_path / "a.sqlite"
    store = open_store(f"sqlite:///{path}")
    for test in ("one", "two"):
        keep(store, *({**rated(name, scores), "testId": test} for name, scores in SCORES.items()))
    store.close()
    out = tmp_path / "out"
    assert "holds several tests (one, two); name one by --test" in run("export", path)[1]
    assert "holds no test on; choose one, two" in run("export", path, "--test", "on")[1]
    assert run("export", path, "--test", "two", "--out", out)[0] == 0
    assert set(pd.read_csv(out / "mushra.csv")["session_test_id"]) == {"two"}


def test_databases_without_sessions_and_of_others_are_a_sentence(tmp_path: Path) -> None:
    """Nothing is written into a database of another program."""
    mine, theirs = tmp_path / "mine.sqlite", tmp_path / "theirs.sqlite"
    open_store(f"sqlite:///{mine}").close()
    assert "holds no sessions of another tool's front end" in run("report", mine)[1]
    write_other(theirs)
    before = theirs.read_bytes()
    for command in ("report", "export", "collect"):
        assert "is a database, but not one of mixtrial's" in run(command, theirs)[1]
    assert theirs.read_bytes() == before
    for command, source in (("report", "table.csv"), ("export", "study.yaml")):
        said = run(command, tmp_path / source, "--test", "one")[1]
        assert "--test is only for collected sessions" in said


def write_other(path: Path) -> None:
    """A database of another program."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE song (title TEXT)")
        other.commit()


def test_the_overview_counts_answers_and_names_no_system(folder: Path) -> None:
    """By page type, for each version of each session."""
    store = open_store(f"sqlite:///{folder / 'mixtrial.sqlite'}")
    seen = {(each.session, each.version): each for each in sessions_seen(store)}
    store.close()
    assert seen["u1", 2].answers == {"mushra": 3}
    assert seen["u5", 1].answers == {
        name: len(trial["responses"]) for name, trial in TRIALS.items()
    }
    assert "cnn" not in repr(seen)


CONFIG = """\
testname: Harbour: the words
testId: harbour_mixes
pages:
  -
    - random
    - type: likert_single_stimulus
      id: one
      stimuli: {cnn: a.wav}
      response: [{value: bad, label: Bad}, {value: fair}, {value: good}]
    - type: likert_single_stimulus
      id: other
      stimuli: {cnn: a.wav}
      response: [{value: 5, label: Top}, {value: 1, label: Bad}, {value: 3}]
  - type: likert_single_stimulus
    id: two
    stimuli: {cnn: a.wav}
    response:
      - [{value: "no"}, {value: "yes"}]
      - [{value: -1}, {value: 0}, {value: 4}]
"""
SAID = {"one": ["good"], "other": ["3"], "two": ["yes", "4"]}


@pytest.fixture(scope="module")
def of_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a session whose answers are values of responses, and its configuration."""
    folder = tmp_path_factory.mktemp("words")
    (folder / "harbour.yaml").write_text(CONFIG, encoding="utf-8")
    said = session("u1")
    said["trials"] = [
        {"id": page, "type": "likert_single_stimulus", "responses": [
            {"stimulus": "cnn", "stimulusRating": rating, "time": 5000}]}
        for page, rating in SAID.items()
    ]  # fmt: skip
    with closing(open_store(f"sqlite:///{folder / 'mixtrial.sqlite'}")) as store:
        keep(store, said)
    return folder


def test_the_configuration_says_responses_and_scales(of_words: Path) -> None:
    """Words count from 1 and numbers are themselves; pages on other scales are other attributes."""
    with closing(open_store(f"sqlite:///{of_words / 'mixtrial.sqlite'}")) as store:
        data = read_collected(store, "here", config=of_words / "harbour.yaml")
    assert data.facts.title == "Harbour: the words"
    rows = data.tables.ratings.set_index(["song", "attribute"])
    assert len(rows) == len(("one", "other", "scale 1 of two", "scale 2 of two"))
    columns = ["rating", "scale_minimum", "scale_maximum", "scale_step"]
    found = {key: tuple(map(float, row)) for key, row in rows[columns].iterrows()}
    odd_step = found.pop(("two", "scale 2"))
    assert found == {
        ("one", "overall 1:3"): (3, 1, 3, 1), ("other", "overall 1:5"): (3, 1, 5, 2),
        ("two", "scale 1"): (2, 1, 2, 1),
    }  # fmt: skip
    assert odd_step[:3] == (4, -1, 4)
    assert math.isnan(odd_step[3])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("testId: harbour_mixes", "testId: lantern", "is for the test lantern, but the"),
        (
            "{value: bad, label: Bad}, {value: fair}, ",
            "",
            r"other\.yaml, line 9: A page needs at least two responses",
        ),
        (
            "pages:",
            "sites:",
            "is not a configuration of webMUSHRA, because it has no testId or no pages",
        ),
    ],
)
def test_a_configuration_of_something_else_is_refused(
    of_words: Path, tmp_path: Path, old: str, new: str, told: str
) -> None:
    """In a sentence."""
    other = tmp_path / "other.yaml"
    other.write_text(CONFIG.replace(old, new), encoding="utf-8")
    with (
        closing(open_store(f"sqlite:///{of_words / 'mixtrial.sqlite'}")) as store,
        pytest.raises(RatingsError, match=told),
    ):
        read_collected(store, "here", config=other)


def test_an_answer_that_the_configuration_lacks_leaves_its_page_type_out(
    of_words: Path, tmp_path: Path
) -> None:
    """The answers on other page types are analysed; a table has no configuration."""
    other = tmp_path / "other.yaml"
    other.write_text(CONFIG.replace("{value: good}", "{value: best}"), encoding="utf-8")
    with closing(open_store(f"sqlite:///{of_words / 'mixtrial.sqlite'}")) as store:
        data = read_collected(store, "here", config=other)
    assert set(data.tables.ratings["song"]) == {"two"}
    assert "'good' is not a response of the page one (bad, fair, best)" in repr(data.facts.files)
    said = run("report", tmp_path / "table.csv", "--config", other)[1]
    assert "--config is only for collected sessions" in said


def test_words_without_a_configuration_are_refused_with_the_option(of_words: Path) -> None:
    """The sentence names it."""
    with (
        closing(open_store(f"sqlite:///{of_words / 'mixtrial.sqlite'}")) as store,
        pytest.raises(
            RatingsError, match=r"holds words and not numbers; give the configuration.*--config"
        ),
    ):
        read_collected(store, "here")
