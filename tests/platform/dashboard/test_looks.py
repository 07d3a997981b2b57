"""Who looks at means while a study runs is noted, once for each number of listeners."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.dashboard import router
from mixtrial.exports.csv_text import download
from mixtrial.reporting.study_reader import read_study
from mixtrial.server.installation import Installation
from mixtrial.simulation.in_process import simulate_participants
from participants import make_real
from survey_pages import drawn

STUDY = "harbour-lights"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Installation]:
    """A study that four have finished, by simulation."""
    build_stimuli(tmp_path, n_songs=2)
    installation = open_installation(write_study(tmp_path, n_songs=2))
    list(simulate_participants(installation, 4, seed=1))
    yield installation
    installation.store.close()


def page_of(installation: Installation, view: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A view of the dashboard, for somebody who has signed in."""
    monkeypatch.setattr(router, "current_installation", lambda: installation)
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)

    def script() -> None:
        from mixtrial.dashboard.router import render_dashboard

        render_dashboard()

    page = AppTest.from_function(script, default_timeout=60)
    page.query_params["view"] = view
    page.run()
    drawn(page)
    return page


def looks(installation: Installation) -> list[tuple[str, int, bool]]:
    """What was noted."""
    return [(e.kind, e.n_listeners, e.is_blind) for e in installation.store.looks(STUDY)]


@pytest.mark.parametrize(
    ("view", "noted"),
    [
        ("ratings", [("means", 4, True)]),
        ("explore", [("figures", 4, True)]),
        ("overview", []),
        ("screening", []),
        ("data", []),
    ],
)
def test_views_of_means_are_noted_with_the_number_of_real_listeners(
    running: Installation,
    monkeypatch: pytest.MonkeyPatch,
    view: str,
    noted: list[tuple[str, int, bool]],
) -> None:
    """While all are simulated nothing is; drawn again, a view is no further look."""
    page_of(running, view, monkeypatch)
    assert looks(running) == []
    make_real(running.store)
    page_of(running, view, monkeypatch).run()
    assert looks(running) == noted


def answers_leave_in_a_download(installation: Installation) -> None:
    """The table of the dashboard's link."""
    download(installation, "ratings")


@pytest.mark.parametrize(
    ("act", "kind"), [(answers_leave_in_a_download, "table"), (read_study, "report")]
)
def test_tables_and_reports_are_looks_with_names(
    running: Installation, act: Callable[[Installation], object], kind: str
) -> None:
    """The same on the same answers counts once."""
    make_real(running.store)
    act(running)
    act(running)
    assert looks(running) == [(kind, 4, False)]


def test_a_table_without_answers_is_no_look(running: Installation) -> None:
    """The table of balance has none."""
    make_real(running.store)
    download(running, "balance")
    assert looks(running) == []


def test_a_report_tells_of_its_own_look(running: Installation) -> None:
    """The look is noted before the log is read, so that the same report comes again."""
    make_real(running.store)
    first, again = read_study(running).facts.looks, read_study(running).facts.looks
    assert first is not None
    assert [(each.kind, each.n_listeners, each.status) for each in first] == [("report", 4, "open")]
    assert again == first
