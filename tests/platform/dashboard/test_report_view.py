"""A report from the dashboard: made by a process of its own, told, opened, refused while blind."""

from __future__ import annotations

import json
import re
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import delete
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from analysis.report.write import UNFINISHED
from db.models import ActionRow
from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.dashboard import router
from mixtrial.dashboard.views.answers.report import answer_table, in_words
from mixtrial.reporting.job import process, progress
from mixtrial.reporting.job.progress import ReportProgress, read_progress, write_progress
from mixtrial.reporting.job.start import report_file, report_folder, start_report
from mixtrial.routes.route_table import ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.session_cookie import SESSION_COOKIE, begin_session
from mixtrial.simulation import in_process
from mixtrial.simulation.in_process import simulate_participants
from route_server import answer_for
from survey_pages import drawn
from waiting import until

REPORT = "/api/admin/report/report.html"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A study with three participants who pass for real ones, and two simulated."""
    folder = tmp_path_factory.mktemp("reported")
    build_stimuli(folder, n_songs=2)
    path = write_study(folder, n_songs=2)
    with path.open("a", encoding="utf-8") as file:
        file.write("parts: [{type: attributes, attributes: [overall]}]\n")
    opened = open_installation(path)
    with pytest.MonkeyPatch.context() as patch:
        enrol = in_process.enrol
        patch.setattr(in_process, "enrol", lambda installation, _kind: enrol(installation))
        patch.setattr("mixtrial.participation.autosave._impossible_listening", lambda *_: None)
        list(simulate_participants(opened, 3, seed=1))
    list(simulate_participants(opened, 2, seed=2))
    yield opened
    opened.store.close()


@pytest.fixture(autouse=True)
def covered_again(study: Installation) -> Iterator[None]:
    """Forget afterwards that the names were uncovered, so that each test begins with them blind."""
    yield
    with study.store._engine.begin() as connection:
        connection.execute(delete(ActionRow))


@pytest.fixture
def page(study: Installation, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The report's view, for somebody who has signed in."""
    monkeypatch.setattr(router, "current_installation", lambda: study)
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)

    def script() -> None:
        from mixtrial.dashboard.router import render_dashboard

        render_dashboard()

    at = AppTest.from_function(script, default_timeout=120)
    at.query_params["view"] = "report"
    return at


def shown(page: AppTest) -> str:
    """All that a page holds, as one text."""
    return " ".join(str(element.proto) for element in page.main)


def test_a_report_is_made_after_uncovering_and_holds_real_participants_alone(
    study: Installation, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the ratings to p: the view, a tick, a button; five have finished, three are real."""
    begun: list[tuple[Installation, str]] = []

    def start(installation: Installation, language: str) -> None:
        begun.append((installation, language))

    monkeypatch.setattr("mixtrial.dashboard.views.answers.report.start_report", start)
    drawn(page.run())
    assert study.store.study_status("harbour-lights") == "open"
    assert [each.label for each in page.button] == [
        "Uncover the names for good and make the report"
    ]
    assert page.button[0].disabled
    page.checkbox[0].check().run()
    page.button[0].click().run()
    assert begun == [(study, "en")]
    assert [each.kind for each in study.store.actions("harbour-lights")] == ["unblind"]
    folder = report_folder(study)
    folder.mkdir(parents=True)
    monkeypatch.setattr(process, "write_report", without_pictures(process.write_report))
    monkeypatch.setenv("MIXTRIAL_STUDY", str(study.settings.study_path))
    assert process.main(folder) == 0
    told = read_progress(folder)
    assert (told.state, told.share, told.n_participants) == ("done", 1.0, 3)
    results = json.loads((folder / "report" / "results.json").read_text())
    assert results["data"]["n_participants"] == 3
    with zipfile.ZipFile(folder / "report" / "report.zip") as packed:
        assert {"report.html", "results.json", "methods.md"} <= set(packed.namelist())
    drawn(page.run())
    text = shown(page)
    assert "3 participants" in text
    assert "report.html" in text
    smallest = min(pair["p_holm"] for pair in results["report"]["answers"]["overall"]["pairs"])
    assert f">{smallest:.3f}<".replace(">0.", ">.") in text or ">&lt; .001<" in text
    check_routes(study, monkeypatch)


def without_pictures(write):
    """The report without a browser to draw it, which is not tested here."""

    def written(ratings, out, context, tell):
        import dataclasses

        return write(ratings, out, dataclasses.replace(context, pictures=False), tell)

    return written


def check_routes(study: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every made file is shown in a sandbox, to who has signed in, and nothing beside it."""
    answer_for(monkeypatch, lambda: study)
    client = TestClient(Starlette(routes=ROUTES))
    assert client.get("/api/admin/report/report.html").status_code == 403
    client.cookies.set(SESSION_COOKIE, begin_session(study))
    answer = client.get("/api/admin/report/report.html")
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"].startswith("inline")
    check_links(client)
    packed = client.get("/api/admin/report/report.zip")
    assert packed.headers["content-disposition"].startswith("attachment")
    for name in ("nothing.html", "../progress.json", "%2e%2e/%2e%2e/%2e%2e/study.yaml", ""):
        assert client.get(f"/api/admin/report/{name}").status_code == 404


def check_links(client: TestClient) -> None:
    """A figure that the sandboxed page links to opens by its pass alone: that file, no other."""
    links = re.findall(r'<a href="(figures/[^"]+)" target="_blank">', client.get(REPORT).text)
    assert links
    stranger = TestClient(client.app, headers={"sec-fetch-site": "cross-site"})
    folder = REPORT.rpartition("/")[0]
    (first, _, ticket), (last, *_) = (links[place].partition("?") for place in (0, -1))
    assert stranger.get(f"{folder}/{first}?{ticket}").status_code == 200
    for refused in (f"{folder}/{first}", f"{folder}/{last}?{ticket}", f"{REPORT}?{ticket}"):
        assert stranger.get(refused).status_code == 403


def test_a_report_waits_for_the_declared_looks(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the plan hides means there is no way to a report, uncovered or not."""
    monkeypatch.setattr("mixtrial.dashboard.views.answers.report.hides_means", lambda _: True)
    drawn(page.run())
    assert "Means are hidden until the study is closed" in shown(page)
    assert [each.label for each in page.button] == ["Overrule the plan"]


def test_a_report_goes_on_without_whoever_asked_and_is_begun_once(
    study: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of its own; asked for again while it runs, nothing begins."""
    monkeypatch.setattr("mixtrial.reporting.job.start.report_folder", lambda _: tmp_path / "job")
    code = "import pathlib, sys; pathlib.Path(sys.argv[1], 'begun').write_text('x')"
    command = [sys.executable, "-c", code]
    assert start_report(study, command).state == "running"
    until(lambda: (tmp_path / "job" / "begun").is_file())
    assert start_report(study, ["not", "run"]).state == "running"


def test_a_cancelled_report_leaves_the_one_before_and_nothing_else(
    study: Installation, page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for in the view; the process clears what it had begun and ends, browsers and all."""
    job = tmp_path / "job"
    for module in ("reporting.job.start", "dashboard.views.answers.report"):
        monkeypatch.setattr(f"mixtrial.{module}.report_folder", lambda _: job)
    (job / "report").mkdir(parents=True)
    write_progress(job, ReportProgress("done", 1.0, n_participants=3))
    (job / "report" / "report.html").write_text("earlier")
    start_report(study, [sys.executable, "-c", ""])
    monkeypatch.setenv("MIXTRIAL_STUDY", str(study.settings.study_path))
    study.store.log_action("harbour-lights", "unblind")
    ended = Event()

    def end_the_thread() -> None:
        ended.set()
        raise OSError("the process itself would be gone")

    monkeypatch.setattr(process, "_end_at_once", end_the_thread)

    def written_for_long(_ratings, out, _context, tell):
        (out / f"{UNFINISHED}x").mkdir()
        tell(0.5, "drawing")
        drawn(page.run())
        assert "drawing" in shown(page)
        next(each for each in page.button if each.label == "Cancel").click().run()
        assert ended.wait(20.0)
        assert not (out / f"{UNFINISHED}x").exists()
        raise OSError(1, "a browser has gone")

    monkeypatch.setattr(process, "write_report", written_for_long)
    monkeypatch.setattr(process._Teller, "end", lambda *_args, **_said: None)
    process.main(job)
    assert (read_progress(job).state, read_progress(job).n_participants) == ("done", 3)
    assert report_file(study, "report.html").read_text() == "earlier"
    assert sorted(path.name for path in job.iterdir()) == [
        "earlier.json", "progress.json", "report", "report.log",
    ]  # fmt: skip


def test_a_report_that_fails_says_why(
    study: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study file that broke meanwhile; something unforeseen; a process that fell silent."""
    monkeypatch.setenv("MIXTRIAL_STUDY", str(tmp_path / "gone.yaml"))
    assert process.main(tmp_path) == 2
    assert read_progress(tmp_path).state == "failed"
    assert "gone.yaml" in read_progress(tmp_path).error
    monkeypatch.setenv("MIXTRIAL_STUDY", str(study.settings.study_path))
    monkeypatch.setattr(process, "write_report", lambda *_: 1 / 0)
    assert process.main(tmp_path) == 2
    assert "nobody foresaw" in read_progress(tmp_path).error
    write_progress(tmp_path, ReportProgress("running", started_s=1.0))
    assert read_progress(tmp_path).state == "running"
    monkeypatch.setattr(progress.time, "time", lambda: 1e12)
    assert "ended without a word" in read_progress(tmp_path).error
    assert report_file(study, "../progress.json") is None


def test_what_is_left_follows_from_what_it_took() -> None:
    """A quarter in 20 s: 60 s more; below a tenth nobody knows."""
    now = time.time()
    quarter = ReportProgress(
        "running", 0.25, "drawing", started_s=now, told_s=now + 20.0, written_s=now + 20.0
    )
    assert quarter.left_s == pytest.approx(60.0)
    assert replace(quarter, written_s=now + 35.0).left_s == pytest.approx(45.0)
    assert replace(quarter, written_s=now + 99.0).left_s == pytest.approx(30.0)
    assert in_words(quarter) == "25%, about 60 s left: drawing"
    assert ReportProgress("running", 0.05, started_s=now, written_s=now + 9.0).left_s is None


def test_the_answer_begins_with_the_smallest_p() -> None:
    """Labels, and p as it is printed."""
    pairs = [
        {"higher": "a", "lower": "b", "difference": 3.0, "p_holm": 0.04, "verdict": "different"},
        {"higher": "b", "lower": "c", "difference": 9.0, "p_holm": 1e-5, "verdict": "different"},
        {"higher": "a", "lower": "c", "difference": 1.0, "p_holm": None, "verdict": None},
    ]
    table = answer_table(pairs, {"b": "The rules"})
    assert table.to_numpy().tolist() == [
        ["The rules", "c", "< .001", 9.0, "different"],
        ["a", "The rules", ".040", 3.0, "different"],
        ["a", "c", "–", 1.0, "–"],
    ]
