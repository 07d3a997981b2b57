"""Tables leave as CSV that analysis reads exactly and spreadsheets cannot run."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from db.records.errors import StoreError
from harbour_study import SYSTEMS, open_installation, write_study
from mixtrial.commands.cli import app
from mixtrial.exports.csv_text import as_csv, download, rated_pages, warnings_about
from mixtrial.exports.registry import exports, offered_exports
from mixtrial.exports.webmushra import webmushra_table
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import Installation
from mixtrial.simulation.in_process import simulate_participants


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_can_be_a_formula(start: str) -> None:
    """A cell that a spreadsheet would run gets an apostrophe; numbers stay numbers."""
    table = pd.DataFrame({"group": [f"{start}cmd|' /C calc'!A0"], "rating": [-1.5]})
    back = pd.read_csv(io.StringIO(as_csv(table), newline=""))
    assert back["group"][0] == f"'{start}cmd|' /C calc'!A0"
    assert back["rating"][0] == -1.5


awkward = st.sampled_from("a,\"'\r\n;é🎧 =")
texts = st.text(awkward | st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.lists(texts, max_size=5))
def test_any_other_text_comes_back_as_it_was(texts: list[str]) -> None:
    """Commas, quotes, line ends and emoji survive the way through a file."""
    plain = [text for text in texts if text[0] not in "=+-@\t\r" and "\0" not in text]
    csv = as_csv(pd.DataFrame({"text": plain, "number": range(len(plain))}))
    back = pd.read_csv(io.StringIO(csv, newline=""), keep_default_na=False, dtype=str)
    assert back["text"].to_list() == plain


def test_missing_values_are_empty_and_lines_end_with_lf() -> None:
    """No NaN, no CR."""
    table = pd.DataFrame({"rating": [1.0, None], "plays": [1, 2]})
    assert as_csv(table) == "rating,plays\n1.0,1\n,2\n"


def test_training_and_unfinished_sessions_are_kept_on_request_only() -> None:
    """The rows an analysis starts from are finished participants' rating pages."""
    table = pd.DataFrame(
        {
            "rating": [1, 2, 3, 4],
            "phase": ["training", "rating", "training", "rating"],
            "finished": [True, True, False, False],
        }
    )
    assert rated_pages(table)["rating"].to_list() == [2]
    assert rated_pages(table, include_training=True)["rating"].to_list() == [1, 2]
    assert rated_pages(table, include_unfinished=True)["rating"].to_list() == [2, 4]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A study in which two simulated participants have taken part."""
    installation = open_installation(write_study(tmp_path, n_songs=2))
    list(simulate_participants(installation, 2, seed=1))
    yield installation
    installation.store.close()


def test_the_codebook_explains_every_column_that_leaves(installation: Installation) -> None:
    """Each column of ratings, participants and events has a meaning in words."""
    book = pd.read_csv(io.StringIO(download(installation, "codebook")))
    for table in ("ratings", "participants", "events", "balance"):
        columns = pd.read_csv(io.StringIO(download(installation, table))).columns
        assert sorted(book.loc[book["table"] == table, "column"]) == sorted(columns)
    assert book["meaning"].str.len().gt(10).all()


def test_yes_and_no_are_words_and_no_column_is_empty(installation: Installation) -> None:
    """A study without parts has no column ``part``; an unfinished participant has no time."""
    tables = {
        name: pd.read_csv(
            io.StringIO(download(installation, name)), dtype=str, keep_default_na=False
        )
        for name in ("ratings", "participants", "listening", "events", "balance", "codebook")
    }
    for name, table in tables.items():
        assert (table != "").any().all(), name
    assert "part" not in tables["ratings"]
    assert set(tables["ratings"]["finished"]) == {"true"}
    assert set(tables["participants"]["consented"]) == {"true"}
    trials = pd.DataFrame({"correct": pd.array([True, None, False], dtype="boolean")})
    assert as_csv(trials) == 'correct\ntrue\n""\nfalse\n'


def test_ratings_leave_in_the_columns_of_webmushra(installation: Installation) -> None:
    """The columns of its mushra.csv in its order, and a trial for each song and question."""
    table = pd.read_csv(io.StringIO(download(installation, "webmushra")))
    assert list(table.columns) == [
        "session_test_id", "group", "device", "session_uuid", "trial_id", "rating_stimulus",
        "rating_score", "rating_time", "rating_comment",
    ]  # fmt: skip
    ratings = installation.store.ratings("harbour-lights")
    ratings = ratings[ratings["phase"] == "rating"].reset_index(drop=True)
    assert table["rating_score"].to_list() == ratings["rating"].to_list()
    assert table["trial_id"][0] == f"{ratings['song'][0]}_{ratings['attribute'][0]}"
    assert table["rating_time"][0] == round(ratings["time_s"][0] * 1000)
    one = webmushra_table(ratings[ratings["attribute"] == "overall"], "harbour-lights")
    assert set(one["trial_id"]) == {"song0", "song1"}


def test_a_comment_stands_beside_the_ratings_of_its_stimulus(installation: Installation) -> None:
    """Each question's rating of that mix by that participant, and no other rating."""
    ratings = rated_pages(installation.store.ratings("harbour-lights"))
    first = ratings.iloc[0]
    comments = pd.DataFrame(
        [{"participant": first["participant"], "part": first["part"], "song": first["song"],
          "replicate": first["replicate"], "system": first["system"], "phase": "rating",
          "comment": "=dull"}]
    )  # fmt: skip
    said = webmushra_table(ratings, "harbour-lights", comments)["rating_comment"]
    own = (ratings["participant"] == first["participant"]) & (ratings["song"] == first["song"])
    own &= ratings["system"] == first["system"]
    assert (said[own] == "=dull").all()
    assert (said[~own] == "").all()


def test_what_was_heard_and_said_leaves_as_tables(installation: Installation) -> None:
    """One stimulus of a rated page a row; a study without comments has their columns only."""
    heard = pd.read_csv(io.StringIO(download(installation, "listening")))
    assert set(heard["phase"]) == {"rating"}
    assert (heard["heard_s"] > 0).all()
    assert pd.read_csv(io.StringIO(download(installation, "comments"))).empty


def test_the_proof_of_balance_leaves_as_a_table(installation: Installation) -> None:
    """Hand-counted: of two participants each rated both songs, and one more is under way."""
    enrol(installation, "simulated")
    table = pd.read_csv(io.StringIO(download(installation, "balance")))
    row = table["criterion"] == "participants of a song"
    counts = table[row & (table["among"] == "everybody")].set_index("pages")
    assert counts.loc["completed", ["cells", "fewest", "most"]].to_list() == [2, 2, 2]
    assert counts.loc["planned", ["cells", "fewest", "most"]].to_list() == [2, 3, 3]
    assert not any(system in table.to_csv() for system in SYSTEMS)
    enrol(installation)
    real = pd.read_csv(io.StringIO(download(installation, "balance")))
    assert set(real["pages"]) == {"planned"}  # a real one has come; simulated plans count no more
    assert real.loc[real["criterion"] == "participants of a song", "most"].max() == 1


def test_the_reader_is_warned_of_mixed_tables() -> None:
    """Real beside simulated participants, and two versions of a study, are worth a sentence."""
    assert warnings_about(["participant"], ["a"]) == []
    mixed = warnings_about(["participant", "simulated"], ["a", "b"])
    assert len(mixed) == 2
    assert "--without-simulated" in mixed[0]
    assert "study_fingerprint" in mixed[1]


DOORS = """
import sys, mixtrial.commands.answers.export
print(*sys.modules)
import mixtrial.commands.study.check, mixtrial.commands.study.build, mixtrial.commands.demo
print(*sys.modules)
"""


def test_an_export_loads_no_figures_and_no_statistics() -> None:
    """A table is written as it was stored: what only a report draws and computes stays shut.

    Nor do ``check``, ``build`` and ``demo`` load filters and statistics before they need them.
    """
    shown = subprocess.run(
        [sys.executable, "-c", DOORS], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    loaded = {name.split(".")[0] for name in shown[0].split()}
    assert "pandas" in loaded
    assert not loaded & {"plotly", "numba", "scipy", "statsmodels"}
    assert not set(shown[1].split()) & {"plotly", "scipy.signal", "scipy.stats", "statsmodels"}


def test_the_command_writes_every_table_that_the_dashboard_offers(
    installation: Installation, tmp_path: Path
) -> None:
    """The same bytes; a misspelt one is named with the right word, an empty one is refused."""
    study = str(installation.settings.study_path)
    written = set()
    for name in offered_exports(installation.study):
        out, offered = tmp_path / f"{name}.csv", download(installation, name)
        told = CliRunner().invoke(app, ["export", study, "--table", name, "--out", str(out)])
        if out.exists():
            assert out.read_text(encoding="utf-8") == offered
            written.add(name)
        else:
            assert offered.count("\n") == 1, told.output  # names of columns alone
    assert written == set(offered_exports(installation.study)) - {"stimuli"}  # nothing was built
    told = CliRunner().invoke(app, ["export", study, "--table", "listning"])
    assert told.exit_code == 2
    assert "Did you mean" in told.output
    told = CliRunner().invoke(app, ["export", study, "--table", "comments"])
    assert isinstance(told.exception, StoreError)
    said = "The table 'comments' of this study is empty. --table ratings has rows."
    assert str(told.exception) == said


@pytest.mark.parametrize(
    ("phase", "finished", "options", "said"),
    [
        ("training", True, (), "every row is of a training page; --include-training exports"),
        (
            "training",
            False,
            ("--unfinished",),
            "every row is of a training page; --include-training",
        ),
        ("rating", False, (), "no participant has finished the study yet; --unfinished exports"),
        ("training", False, ("--include-training",), "no participant has finished the study yet"),
        (
            "training",
            False,
            (),
            "of somebody who has not finished; --include-training and",
        ),
        ("rating", True, ("--without-simulated",), "leave --without-simulated out"),
    ],
)
def test_an_export_without_rows_names_the_option_that_keeps_some(
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
    phase: str,
    finished: bool,
    options: tuple[str, ...],
    said: str,
) -> None:
    """Comments of practice pages alone are no sign that nobody has finished."""
    row = {
        "participant": "a",
        "phase": phase,
        "finished": finished,
        "participant_kind": "simulated",
    }
    table = pd.DataFrame([row])
    asked = replace(exports()["comments"], rows=lambda _: table)
    monkeypatch.setattr("mixtrial.commands.answers.export.exports", lambda: {"comments": asked})
    study = str(installation.settings.study_path)
    told = CliRunner().invoke(app, ["export", study, "--table", "comments", *options])
    assert isinstance(told.exception, StoreError)
    assert said in str(told.exception)
