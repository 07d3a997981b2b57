"""The dashboard guards itself, counts rightly and stays blind until told otherwise."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.ratings import participants
from analysis.scale import Scale
from db.copies.backup import back_up, restore
from db.records.errors import StoreError
from harbour_study import SYSTEMS, build_stimuli, open_installation, write_study
from mixtrial.dashboard import router, signin
from mixtrial.dashboard.frame import count_axis
from mixtrial.dashboard.snapshot import take_snapshot
from mixtrial.dashboard.tables import draw_table
from mixtrial.dashboard.views import balance, screening
from mixtrial.dashboard.views.answers.explored_figure import look_for
from mixtrial.dashboard.views.answers.ratings import (
    describe_all,
    means_chart,
    means_table,
    shown_names,
)
from mixtrial.dashboard.views.overview import funnel
from mixtrial.dashboard.views.progress import completion_chart, song_table
from mixtrial.dashboard.views.screening import prepared
from mixtrial.dashboard.views.stimuli import described
from mixtrial.exports.csv_text import download
from mixtrial.exports.registry import export_names
from mixtrial.reporting.study_data import StudyFacts
from mixtrial.reporting.study_reader import study_facts
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.session_cookie import (
    SESSION_COOKIE,
    begin_session,
    end_sessions,
    issue_session,
)
from mixtrial.server.settings import settings_from_environment
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.studies.study_folder import FROM_STUDIO, StudyFolder
from stimuli.design.balance import balance_table
from stimuli.study_keys.rated_scale import Range, scale_of
from survey_pages import drawn

VIEWS = (
    "overview",
    "preview",
    "open",
    "progress",
    "screening",
    "balance",
    "ratings",
    "explore",
    "report",
    "stimuli",
    "data",
)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A built study with four simulated participants."""
    folder = tmp_path_factory.mktemp("dashboard")
    build_stimuli(folder, n_songs=2)
    installation = open_installation(write_study(folder, n_songs=2))
    list(simulate_participants(installation, 4, seed=1))
    yield installation
    installation.store.close()


@pytest.fixture
def page(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard as Streamlit runs it, on this study."""
    monkeypatch.setattr(router, "current_installation", lambda: installation)

    def script() -> None:
        from mixtrial.dashboard.router import render_dashboard

        render_dashboard()

    return AppTest.from_function(script, default_timeout=120)


def shown(page: AppTest) -> str:
    """All that a page holds, as one text."""
    return " ".join(str(element.proto) for element in page.main)


def test_nothing_of_the_study_shows_before_the_sign_in(page: AppTest) -> None:
    """Without a cookie there is a password field and no figure."""
    page.run()
    drawn(page)
    assert 'type=\\"password\\"' in shown(page)
    for secret in ("Enrolled", "P001", *SYSTEMS):
        assert secret not in shown(page)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_draws_for_whoever_has_signed_in(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    """No exception in any view, and the study's title on each."""
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)
    page.query_params["view"] = view
    page.run()
    drawn(page)
    assert "Harbour Lights" in shown(page)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_draws_while_nobody_has_come(
    tmp_path: Path, page: AppTest, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    """An empty, unbuilt study is not an error."""
    empty = open_installation(write_study(tmp_path, n_songs=2))
    monkeypatch.setattr(router, "current_installation", lambda: empty)
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)
    page.query_params["view"] = view
    page.run()
    drawn(page)
    empty.store.close()


def test_a_study_that_the_studio_has_not_opened_is_not_called_open(
    page: AppTest, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed-in people see its dashboard before; nobody can take part by its link."""
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)
    folder = StudyFolder(installation.settings.study_path.parent)
    said = [router.NOT_OPEN in shown(page.run())]
    monkeypatch.setenv(FROM_STUDIO, "1")
    for is_open in (False, True):
        folder.note(is_open=is_open)
        said.append(router.NOT_OPEN in shown(page.run()))
    assert said == [False, True, False]


def test_ratings_are_blind_until_the_blind_is_lifted_and_that_is_logged(
    page: AppTest, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Letters before; after the tick and the button names, and a line in the log."""
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)
    page.query_params["view"] = "ratings"
    page.run()
    assert "System A" in shown(page)
    assert not [system for system in SYSTEMS if f">{system}<" in shown(page)]
    page.checkbox[0].check().run()
    next(button for button in page.button if "for good" in button.label).click().run()
    drawn(page)
    assert "System A" not in shown(page)
    assert ">cnn<" in shown(page)
    action = installation.store.actions("harbour-lights")[-1]
    assert (action.kind, action.detail) == ("unblind", "after 4 finished participants")


def test_a_tab_shows_the_dashboard_until_its_session_is_ended(
    page: AppTest, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cookie that was signed and never begun opens nothing; one that was ended no more."""
    secret = installation.settings.secret
    cookies = {SESSION_COOKIE: issue_session(secret)}
    monkeypatch.setattr(type(signin.st.context), "cookies", cookies)
    assert 'type=\\"password\\"' in shown(page.run())
    cookies[SESSION_COOKIE] = begin_session(installation)
    assert "Enrolled" in shown(page.run())
    end_sessions(installation, cookies[SESSION_COOKIE])
    assert 'type=\\"password\\"' in shown(page.run())
    assert "Enrolled" not in shown(page)
    assert router.WATCH_S <= 20.0


def test_letters_say_nothing_of_the_order_in_the_study_file(installation: Installation) -> None:
    """The letters are those of a keyed order: all different, and another key gives others."""
    study = installation.study
    names = [shown_names(study, bytes([key]) * 32, False) for key in range(30)]
    orders = {tuple(name[system] for system in SYSTEMS) for name in names}
    assert len(orders) > 10
    assert all(sorted(order) == [f"System {letter}" for letter in "ABCD"] for order in orders)
    assert shown_names(study, b"", True) == {system: system for system in SYSTEMS}


def test_uncovered_systems_go_by_their_labels_here_and_in_archives(
    installation: Installation,
) -> None:
    """While the names are covered there are letters; look and order stay those of the study."""
    study = installation.study
    first, *others = study.systems
    named = first.model_copy(update={"label": "The rules"})
    study = study.model_copy(update={"systems": (named, *others)})
    uncovered = shown_names(study, b"", True)
    assert uncovered == {name: name for name in SYSTEMS} | {first.name: "The rules"}
    assert "The rules" not in shown_names(study, bytes(32), False).values()
    table = pd.DataFrame({"system": list(uncovered.values()), "song": "s"})
    assert look_for(table, study, uncovered).systems == tuple(uncovered[n] for n in SYSTEMS)
    facts = study_facts(dataclasses.replace(installation, study=study))
    assert facts.system_labels == {first.name: "The rules"}
    assert StudyFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts


def test_letters_outlive_restarts_passwords_and_a_restored_backup(
    installation: Installation, tmp_path: Path
) -> None:
    """Processes that know no secret, or another password, show the letters shown before."""
    expected = shown_names(installation.study, installation.blinding_key, False)
    place = installation.settings.study_path
    said = {"MIXTRIAL_STUDY": str(place)}
    for environment in (said, said, {**said, "MIXTRIAL_ADMIN_PASSWORD": "another one"}):
        process = load_installation(settings_from_environment(environment))
        assert shown_names(process.study, process.blinding_key, False) == expected
        process.store.close()
    copy, brought_back = tmp_path / "copy.backup", tmp_path / "restored.sqlite"
    back_up(installation.settings.database_url, copy)
    restore(f"sqlite:///{brought_back}", copy, installation.study.identifier)
    elsewhere = {**said, "MIXTRIAL_DATABASE_URL": f"sqlite:///{brought_back}"}
    process = load_installation(settings_from_environment(elsewhere))
    assert shown_names(process.study, process.blinding_key, False) == expected
    process.store.close()


def test_the_key_of_the_letters_leaves_with_no_download(installation: Installation) -> None:
    """Neither its bytes nor its digits are in a table that researchers can take."""
    key = installation.blinding_key.hex()
    assert all(key not in download(installation, name) for name in export_names())
    assert key not in repr(installation)


def test_who_has_not_signed_in_is_not_told_where_the_database_is(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A study that cannot be opened is one sentence on the page; the cause is in the log."""

    def no_database() -> Installation:
        raise StoreError("the database postgresql://mixtrial:***@10.0.0.5/x cannot be opened")

    monkeypatch.setattr(router, "current_installation", no_database)
    page.run()
    assert [each.value for each in page.error] == [
        "The study cannot be opened. The server's log says why."
    ]
    assert "10.0.0.5" not in shown(page)
    assert "10.0.0.5" in caplog.text


def test_the_funnel_counts_each_milestone() -> None:
    """Hand-counted: five enrolled, one finished."""
    people = pd.DataFrame(
        {
            "consented": [False, True, True, True, True],
            "group": ["", "", "hobbyist", "hobbyist", "hobbyist"],
            "volume": [None, None, None, 0.5, 0.5],
            "pages_closed": [0, 0, 0, 1, 4],
            "pages_planned": [4, 4, 4, 4, 4],
            "finished_at": [None, None, None, None, "2026-01-01"],
        }
    )
    assert [count for _, count in funnel(people)] == [5, 4, 3, 2, 2, 1, 1]


def test_means_count_participants_not_ratings() -> None:
    """Two participants with means 40 and 60 but unequal numbers of ratings: 50, +- 127.1.

    The half width is t(0.975, 1) = 12.706 times the standard error of 40 and 60, which is 10.
    """
    rows = [("P1", song, 40.0) for song in "abc"] + [("P2", "a", 60.0)]
    ratings = pd.DataFrame(rows, columns=["participant", "song", "rating"]).assign(
        system="cnn", attribute="overall", group="hobbyist"
    )
    table = means_table(describe_all(ratings), Scale(-100, 200))
    assert table.iloc[0][["Mean", "95 % interval", "Participants", "Ratings"]].to_list() == [
        pytest.approx(50.0),
        "-77.1 to 177.1",
        2,
        4,
    ]
    cut = means_table(describe_all(ratings), Scale(0, 100))
    assert cut["95 % interval"].to_list() == ["◂ 0.0 to 100.0 ▸"]


def test_pages_are_counted_past_the_training_of_each_part() -> None:
    """Two parts of two pages: pages 1 to 4 without a gap, and nobody trains twice at once."""
    now = pd.Timestamp("2026-11-22T12:00Z")
    kinds = ["training", "rating", "rating", "training", "rating", "rating"]
    pages = pd.DataFrame(
        [
            {"participant": who, "page_index": index, "phase": kind, "song": "a",
             "opened_at": now, "closed_at": now if who == "P1" else pd.NaT}
            for who in ("P1", "P2") for index, kind in enumerate(kinds)
        ]
    )  # fmt: skip
    completed, opened = completion_chart(pages).data
    assert list(completed.x) == ["Training 1", "1", "2", "Training 2", "3", "4"]
    assert list(completed.y) == [1] * 6
    assert list(opened.y) == [1] * 6
    one_part = completion_chart(pages[pages["page_index"] < 3]).data[0]
    assert list(one_part.x) == ["Training", "1", "2"]


def test_words_of_a_scale_stand_where_participants_saw_them() -> None:
    """Five points from 0 to 100; or, as BS.1534-3 has it, the middles of five intervals."""
    described = pd.DataFrame(
        [{"system": "A", "attribute": "overall", "mean": 62.0, "ci_low": 60.0, "ci_high": 64.0}]
    )
    words = ("Schlecht", "Dürftig", "Ordentlich", "Gut", "Ausgezeichnet")
    points = means_chart(described, {"overall": "Overall"}, scale_of((), words)).layout.xaxis
    assert list(points.tickvals) == [0, 25, 50, 75, 100]
    fifths = scale_of((), words, name_intervals=True)
    middles = means_chart(described, {"overall": "Overall"}, fifths).layout.xaxis
    assert list(middles.tickvals) == [10, 30, 50, 70, 90]
    assert middles.ticktext[3] == "70<br>Gut"
    opinion = scale_of((Range(minimum=1, maximum=5, step=1),), words)
    own = means_chart(described, {"overall": "Overall"}, opinion).layout.xaxis
    assert list(own.tickvals) == [1, 2, 3, 4, 5]
    assert own.range[0] < 1
    assert own.range[1] > 5


def test_songs_are_listed_by_title_with_their_progress() -> None:
    """Planned, opened and completed rating pages of each song; training is left out."""
    pages = pd.DataFrame(
        {
            "participant": ["P1", "P1", "P2", "P2"],
            "song": ["a", "b", "a", "b"],
            "phase": ["rating", "rating", "rating", "training"],
            "opened_at": ["x", "x", None, "x"],
            "closed_at": ["x", None, None, "x"],
        }
    )
    table = song_table(pages, {"a": "Meadow"})
    assert table.to_numpy().tolist() == [["Meadow", 2, 1, 1], ["b", 1, 1, 0]]


def test_a_mix_is_described_in_words() -> None:
    """Bands without gain are left out; a finished file has no parameters."""
    report = {
        "eq": [
            {"frequency_hz": 500.0, "gain_db": 0.0, "q": 1.0},
            {"frequency_hz": 2000.0, "gain_db": 3.4, "q": 1.0},
        ],
        "level": {"relative_loudness_lu": -3.4},
        "compression": None,
        "reverb": None,
    }
    assert described(report) == [
        ("Equaliser", "2 kHz +3.4 dB"),
        ("Level", "vocal -3.4 LU against the backing"),
    ]
    assert described({}) == [("Mix", "a finished file; no parameters are known")]


def test_tables_escape_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group or song called like a tag is shown, not run."""
    from mixtrial.dashboard import tables

    drawn: list[str] = []
    monkeypatch.setattr(tables.st, "html", drawn.append)
    draw_table(pd.DataFrame({"<b>Song</b>": ["<script>alert(1)</script>"]}))
    assert "<script>" not in drawn[0]
    assert "&lt;script&gt;" in drawn[0]


def test_screening_says_why_in_words_and_stays_blind(installation: Installation) -> None:
    """A participant who always rates 50 is flagged with the figure; no system or song is named."""
    ratings = installation.store.ratings(installation.study.identifier)
    ratings = ratings[ratings["phase"] == "rating"].copy()
    ratings.loc[ratings["participant"] == "P002", "rating"] = 50.0
    ratings.loc[ratings["participant"] == "P003", "plays"] = 0
    rows = screening.screened(prepared(ratings, screening.durations_s(installation)))
    table = screening.readable(rows, {"P001"}, {}).set_index("Participant")
    assert (
        "ratings hardly differ (SD 0, below 5 % of the scale)"
        in table.loc["P002", "Reasons to look"]
    )
    assert "one value in 100% of the ratings" in table.loc["P002", "Reasons to look"]
    assert "was never played" in table.loc["P003", "Reasons to look"]
    assert (table.loc["P001", "State"], table.loc["P002", "State"]) == ("finished", "under way")
    assert list(table.index[:2]) != ["P001", "P004"]  # the flagged come first
    text = table.to_csv()
    assert not [name for name in (*SYSTEMS, "song0", "song1") if name in text]


def test_a_page_shorter_than_its_stimulus_is_named(installation: Installation) -> None:
    """The time of the page is held against the length of the file that was played."""
    ratings = installation.store.ratings(installation.study.identifier)
    ratings = ratings[ratings["phase"] == "rating"]
    rows = screening.screened(prepared(ratings, {"song0": 1e6, "song1": 1e6}))
    assert all("a page took less time" in screening.reasons(row, "en") for row in rows)


def test_every_flag_of_the_analysis_has_its_words() -> None:
    """No flag would be shown by its bare name."""
    source = inspect.getsource(participants._flags)
    names = re.findall(r'^        "?(\w+)"?: ', source, re.M)
    assert {getattr(participants, name, name) for name in names} == set(screening.REASONS)


def test_the_balance_of_completed_pages_is_shown_with_a_verdict(installation: Installation) -> None:
    """Four participants fill the design for four systems: every row is even."""
    slots = balance.slots_of(take_snapshot(installation), completed_only=True)
    table = balance.readable(balance_table(slots, installation.study), {}, {})
    everybody = table[table["Among"] == "Everybody"]
    assert set(everybody["Even"]) == {"yes"}
    row = everybody.set_index("What").loc["System in a position on the page"]
    assert (row["Cells"], row["Fewest"], row["Most"]) == (16, 2, 2)


@pytest.mark.parametrize(("most", "step"), [(0, 1), (1, 1), (6, 1), (7, 2), (13, 5), (500, 100)])
def test_a_count_axis_has_whole_ticks_that_do_not_repeat(most: int, step: int) -> None:
    """Worked out by hand: steps of 1, 2 or 5 times a power of ten, six of them at most."""
    assert count_axis(most) == {"rangemode": "tozero", "dtick": step}
