"""Looks at means are noted; declared looks say go on or stop, and hide means until the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.ratings.table import RatingsError
from analysis.sequential.plan import ContrastSoFar, Look, SequentialFinding, SequentialPlan
from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.dashboard import router
from mixtrial.dashboard.views.answers.declared_looks import sentence
from mixtrial.exports.csv_text import download
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.report_context import report_context
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


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Installation]:
    """The same with a plan that looks at six and at eight participants."""
    build_stimuli(tmp_path, n_songs=2)
    path = write_study(tmp_path, n_songs=2)
    plan = "{contrasts: [[cnn, human]], looks: {at: [6, 8], spending: pocock}}"
    path.write_text(f"{path.read_text('utf-8')}analysis: {plan}\n", "utf-8")
    installation = open_installation(path)
    list(simulate_participants(installation, 7, seed=1))
    make_real(installation.store)
    yield installation
    installation.store.close()


def text_of(page: AppTest) -> str:
    """All that a page holds."""
    return " ".join(str(element.proto) for element in page.main)


def page_of(installation: Installation, view: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A view of the dashboard, for somebody who has signed in."""
    monkeypatch.setattr(router, "current_installation", lambda: installation)
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)

    def script() -> None:
        from mixtrial.dashboard.router import render_dashboard

        render_dashboard()

    page = AppTest.from_function(script, default_timeout=120)
    page.query_params["view"] = view
    page.run()
    drawn(page)
    return page


def looks(installation: Installation) -> list[tuple[str, int, bool]]:
    """Looks that were noted."""
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
    """While all are simulated nothing is; drawn again, a view is not a further look."""
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


@pytest.mark.parametrize("view", ["ratings", "explore"])
def test_a_plan_with_looks_shows_a_decision_and_no_mean(
    planned: Installation, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    """Seven of eight: one look was taken, the next is named, no system is; nothing is noted."""
    shown = text_of(page_of(planned, view, monkeypatch))
    assert "With 6 participants" in shown
    assert "Means are hidden until the study is closed" in shown
    assert "System A" not in shown
    assert looks(planned) == []
    planned.store.set_study_status(STUDY, "closed")
    assert "System A" in text_of(page_of(planned, view, monkeypatch))


def test_whoever_overrules_the_plan_sees_means_and_the_report_says_so(
    planned: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tick, the button, a line in the log, a time in the facts, a departure in the plan."""
    page = page_of(planned, "ratings", monkeypatch)
    assert read_study(planned).facts.overruled_at is None
    page.checkbox[0].check().run()
    next(button for button in page.button if "Overrule" in button.label).click().run()
    drawn(page)
    assert "System A" in text_of(page)
    assert "Go on or stop?" in text_of(page)
    action = planned.store.actions(STUDY)[-1]
    assert (action.kind, action.detail) == ("overrule", "after 7 finished participants")
    data = read_study(planned)
    assert data.facts.overruled_at is not None
    context = report_context(data, ReportOptions())[1]
    assert context.looking.plan == SequentialPlan((("cnn", "human"),), (6, 8), "pocock")
    assert context.plan is not None
    item = next(each for each in context.plan.items if each.what == "Looks before the end")
    assert item.declared == "looks at 6 and 8 participants, alpha spent as Pocock"
    assert item.departs


def test_a_report_on_looks_has_the_model_that_they_test(planned: Installation) -> None:
    """An option cannot make it another; the looks' p would stand beside its estimates."""
    with pytest.raises(RatingsError, match="primary model of the report cannot be ordinal"):
        report_context(read_study(planned), ReportOptions(model="ordinal"))


def look_at(n_listeners: int, *p_holm: float) -> Look:
    """A look at contrasts with these p-values."""
    return Look(
        n_listeners, "2026-01-01", tuple(ContrastSoFar("a", "b", 1, 0, 2, p, p) for p in p_holm)
    )


DECLARED = SequentialPlan((), (6, 12), "pocock")
ANYTIME = SequentialPlan((), anytime=True)


@pytest.mark.parametrize(
    ("found", "plan", "decision", "said"),
    [
        (SequentialFinding((), 3, 6), DECLARED, "go on",
         "3 have finished; the first look is due at 6."),
        (SequentialFinding((), 3, 20), ANYTIME, "go on", "the first look is due at 20."),
        (SequentialFinding((), 7, 12), DECLARED, "go on",
         "The ratings of this look cannot carry the mixed model."),
        (SequentialFinding((look_at(6, 0.01, 0.2),), 7, 12), DECLARED, "go on",
         "With 6 participants 1 of 2 contrasts is shown to differ. The next look is due at 12."),
        (SequentialFinding((look_at(6, 0.01, 0.02),), 7, 12), DECLARED, "stop",
         "With 6 participants 2 of 2 contrasts are shown to differ."),
        (SequentialFinding((look_at(12, 0.3),), 12, None), DECLARED, "stop",
         "With 12 participants 0 of 1 contrasts are shown to differ. No look is left."),
        (SequentialFinding((look_at(25, 0.3),), 25, 26), ANYTIME, "go on",
         "With 25 participants 0 of 1 contrasts are shown to differ."),
    ],
)  # fmt: skip
def test_the_decision_in_words(
    found: SequentialFinding, plan: SequentialPlan, decision: str, said: str
) -> None:
    """Stop when every contrast is shown, or no look is left."""
    assert found.decision == decision
    assert sentence(found, plan).endswith(said)
