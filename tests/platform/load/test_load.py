"""The load measurement measures: visitors turn real pages, on one process and on two."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from mixtrial.load import saves
from mixtrial.load.__main__ import (
    crash_rows,
    crowd_rows,
    rush_rows,
    save_rows,
    stranger_rows,
    turn_rows,
)
from mixtrial.load.crashes import CrashFigures
from mixtrial.load.crowd import CrowdFigures, measure_crowd
from mixtrial.load.saves import SaveFigures
from mixtrial.load.scene import N_SONGS, SYSTEMS, made_up_study, opened
from mixtrial.load.strangers import StrangerFigures, measure_strangers
from mixtrial.load.turns import TurnFigures, measure_turns
from mixtrial.server.limits import MOST_FAILURES
from mixtrial.server.settings import SettingsError
from route_server import free_port


@pytest.mark.slow
def test_two_workers_turn_pages_for_visitors_who_speak_streamlits_protocol() -> None:
    """Three visitors for some seconds: pages turn, nothing fails, every save is in the archive."""
    with made_up_study() as study:
        figures = measure_crowd(study, free_port(), 3, 0.3, 4.0, workers=2)
        installation = opened(study)
        pages, ratings = installation.store.pages("load"), installation.store.ratings("load")
        installation.store.close()
    assert figures.errors == ()
    assert figures.n_turns >= 6
    assert figures.turn_p50_ms <= figures.turn_p95_ms <= figures.turn_max_ms
    n_closed = int((pages["closed_at"] != "").sum())
    assert n_closed >= figures.n_turns
    counts = ratings.groupby(["participant", "phase", "song"]).size()
    assert (counts == len(SYSTEMS) * 5).sum() == n_closed


@pytest.mark.slow
def test_strangers_cost_a_bounded_amount() -> None:
    """A thousand wrong passwords at once and 10,000 page runs a second, while somebody saves.

    The limit on the time is ten times what is wanted, for a machine that is busy with other work;
    before messages were read in turn a save had no answer within two minutes.
    """
    with made_up_study() as study:
        figures = measure_strangers(study, free_port(), 1000, 10_000, 15.0)
    assert figures.outcomes == {"wrong": MOST_FAILURES, "wait": 1000 - MOST_FAILURES}
    assert figures.n_reruns >= 10_000
    assert figures.save_p95_ms <= 10 * 500.0
    assert figures.memory_mib <= 100.0


@pytest.mark.slow
def test_page_turns_are_weighed_beside_an_empty_route_and_a_run_of_the_script() -> None:
    """Each is done as often; all participants have come as far as they were turned."""
    with made_up_study() as study:
        figures = measure_turns(study, free_port(), free_port(), 3)
        installation = opened(study)
        closed = (installation.store.pages("load")["closed_at"] != "").sum()
        installation.store.close()
    assert (figures.n_turns, closed) == (60, 60)
    assert 0 < figures.turn_ms < figures.run_ms
    assert figures.page_bytes > 1000


def test_the_made_up_study_goes_when_it_is_done() -> None:
    """Its folder is removed; it has as many songs as Li (2022)."""
    with made_up_study() as study:
        installation = opened(study)
        assert len(installation.study.rated_songs) == N_SONGS
        installation.store.close()
    assert not study.parent.exists()


@pytest.fixture
def crowd() -> CrowdFigures:
    """Figures of a crowd, made up."""
    times = {"turn_p50_ms": 20.0, "turn_p95_ms": 65.4, "turn_max_ms": 300.0, "save_p95_ms": 40.0}
    costs = {"cpu_ms_per_page": 14.0, "client_ms_per_page": 2.0, "kib_per_session": 55.0}
    return CrowdFigures(200, 10.0, 1, 700, pages_per_s=15.0, errors=("Error: x",), **times, **costs)


def test_the_table_says_what_was_measured_and_what_was_wanted(crowd: CrowdFigures) -> None:
    """Each row holds a figure, its unit and its aim; errors and losses are counted."""
    rows = crowd_rows(crowd, most_ms=50) + rush_rows(dataclasses.replace(crowd, workers=2))
    told = {what: (measured, wanted) for what, measured, wanted in rows}
    who = "200 participants, 10 s a page"
    assert told[f"{who}: page turn, 95 % within"] == ("65 ms", "at most 50 ms")
    assert told[f"{who}: errors in 700 page turns"] == ("1", "0")
    who = "2 workers, 200 participants without a pause"
    assert told[f"{who}: pages a second that two idle processors have time for"][0] == "125"
    ours, theirs = SaveFigures(300, 280, 200, 500, 1, 2), SaveFigures(100, 40, 200, 10, 4, 470)
    saved = {what: measured for what, measured, _ in save_rows(ours, theirs)}
    turns = {what: measured for what, measured, _ in turn_rows(TurnFigures(0.5, 4, 5, 25, 2700, 9))}
    assert turns["a page turn less one save, in empty routes"] == "2.0"
    assert turns["a page turn, in runs of the script"] == "0.20"
    assert saved["acknowledged and lost, 20 at a time (500 acknowledged)"] == "3"
    assert saved["ours / pymushra, 480 pages one by one"] == "3.0"
    assert saved["ours / pymushra, the last 100 of them"] == "7.0"
    assert ("pymushra", "not measured (--pymushra)", "–") in save_rows(ours, None)
    crashed = crash_rows(CrashFigures(20, 8, 7, 2240, 1, 0, 2, 73.4))
    assert [row[1] for row in crashed] == ["7 of 8", "1", "2"]
    strange = stranger_rows(StrangerFigures(7.2, 70.4, 826.0, 44.2, {"wrong": 5, "wait": 995}, 9))
    assert [row[1] for row in strange] == ["5", "70 ms", "7 ms", "44 MiB"]


def test_pymushra_is_started_by_a_path_within_this_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``make load`` names the python of its environment so; what is not there is named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "python").symlink_to(sys.executable)
    monkeypatch.setattr(
        saves,
        "PYMUSHRA_SERVER",
        "import http.server, sys\n"
        "where = ('127.0.0.1', int(sys.argv[2]))\n"
        "http.server.HTTPServer(where, http.server.SimpleHTTPRequestHandler).serve_forever()\n",
    )
    database = tmp_path / "elsewhere" / "webmushra.json"
    database.parent.mkdir()
    port = free_port()
    with saves._pymushra(Path("python"), database, port) as url:
        assert url == f"http://127.0.0.1:{port}"
    with (
        pytest.raises(SettingsError, match="There is no Python no/python"),
        saves._pymushra(Path("no/python"), database, port),
    ):
        pass
