"""Whoever asks for the dashboard's page sets off the reading of its tables, once at a time."""

from __future__ import annotations

import logging
from threading import Event

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from mixtrial.application import reading_ahead
from mixtrial.application.reading_ahead import ReadingAhead
from mixtrial.server.session_cookie import SESSION_COOKIE


class Dashboard:
    """Stands for the dashboard: notes whose cookie came, and may be slow or at fault."""

    def __init__(self) -> None:
        self.came: list[str | None] = []
        self.begun, self.may_end = Event(), Event()
        self.may_end.set()
        self.error: Exception | None = None

    def read_ahead(self, cookie: str | None) -> None:
        """Read, as slowly as it is let."""
        self.came.append(cookie)
        self.begun.set()
        self.may_end.wait(60)
        if self.error is not None:
            raise self.error


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    """A dashboard whose reading is noted."""
    found = Dashboard()
    monkeypatch.setattr(reading_ahead, "dashboard", lambda: (None, found.read_ahead))
    return found


def client() -> TestClient:
    """Somebody who asks a server that has no page at all."""
    return TestClient(Starlette(middleware=[Middleware(ReadingAhead)]))


def test_the_page_of_the_dashboard_sets_it_off_and_nothing_else_does(dashboard: Dashboard) -> None:
    """Not the survey, not a route, not a form that is posted there; once while one is reading."""
    visitor = client()
    for path in ("/", "/api/healthz", "/admin/else"):
        visitor.get(path)
    visitor.post("/admin")
    assert dashboard.came == []
    dashboard.may_end.clear()
    visitor.cookies.set(SESSION_COOKIE, "mine")
    visitor.get("/admin?view=explore")
    dashboard.begun.wait(60)
    visitor.get("/admin")
    dashboard.may_end.set()
    assert dashboard.came == ["mine"]


def test_what_fails_is_in_the_log_and_the_next_may_read(
    dashboard: Dashboard, caplog: pytest.LogCaptureFixture
) -> None:
    """The page itself is served all the same."""
    dashboard.error = RuntimeError("no memory left")
    with caplog.at_level(logging.ERROR):
        visitor = client()
        visitor.get("/admin")
        while len(dashboard.came) < 2:  # until the first has ended, another is not begun
            visitor.get("/admin")
    assert "the dashboard could not read ahead" in caplog.text
