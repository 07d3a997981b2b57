"""``/api/page``: the page that a player turns to, for whoever has its link and nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from browser_study import SYSTEMS, write_study
from db.records.errors import StoreUnavailableError
from db.records.steps import Step
from mixtrial.participation.enrolment import enrol
from mixtrial.routes import rate_limit
from mixtrial.routes.player.page import MAX_WISH_BYTES
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.limits import RateLimit
from participants import put_on_page
from route_server import answer_for
from survey_pages import save, served, survey

MORE = ["pages: {break_after: 1, training_feedback: true, back: true}"]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """A study with practice, feedback, two songs and a break, whose routes answer."""
    for loaded in served(write_study(tmp_path, more=MORE), monkeypatch):
        answer_for(monkeypatch, lambda kept=loaded: kept)
        yield loaded


@pytest.fixture
def client(installation: Installation) -> Iterator[TestClient]:
    """A client of the routes as the server mounts them."""
    with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE)) as opened:
        yield opened


@pytest.fixture
def token(installation: Installation) -> str:
    """Link of somebody who stands on the practice page."""
    token = enrol(installation).token
    put_on_page(installation.store, token, 0, Step.TRAINING)
    return token


def wish(client: TestClient, token: str, page: object, kind: str, **more: object) -> Any:
    """Answer to a wish."""
    return client.post("/api/page", json={"token": token, "page": page, "wish": kind, **more})


def got(client: TestClient, token: str, page: int, kind: str) -> dict[str, Any] | None:
    """Page that a wish leads to; None where a form comes."""
    answer = wish(client, token, page, kind)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    found: dict[str, Any] | None = answer.json()["page"]
    return found


def test_a_page_comes_opened_with_what_stands_above_it(client: TestClient, token: str) -> None:
    """Numbers for its saves, sounds that open, heading and progress; no name of a system."""
    answer = wish(client, token, 0, "open")
    page, above = answer.json()["page"], answer.json()["above"]
    assert (page["page"], page["epoch"], page["seq"]) == (0, 1, 0)
    assert client.get(f"/{page['urls'][0]}").headers["content-type"] == "audio/flac"
    assert above["heading"].startswith('<div class="mx-heading"><h1>Practice</h1><p>')
    assert 'aria-valuenow="25"' in above["header"]  # of three pages and what comes before them
    assert above["page_title"] == "Practice · Which mix is best?"
    assert not [name for name in SYSTEMS if name in answer.text]
    assert got(client, token, 0, "open")["epoch"] == 2


def test_what_comes_between_two_pages_is_the_surveys_to_draw(
    client: TestClient, installation: Installation, token: str
) -> None:
    """Feedback after practice, a break after a song; once the page was opened it turns to it."""
    for index in (0, 1):
        got(client, token, index, "open")
        save(installation, token, index, 40.0)
        assert got(client, token, index, "next") is None
        page = got(client, token, index + 1, "open")  # its shell was drawn: the form is over
        assert page["page"] == index + 1
        assert got(client, token, index, "next")["page"] == index + 1
    assert got(client, token, 2, "back")["page"] == 1
    assert got(client, token, 2, "back")["page"] == 1, "sent twice it leads back once"
    save(installation, token, 1, 40.0)
    assert got(client, token, 1, "next")["page"] == 2, "the break is over for good"
    save(installation, token, 2, 40.0)
    assert got(client, token, 2, "next") is None
    assert "That was the last song" in "".join(e.proto.body for e in survey(token).get("html"))


def test_nobody_wishes_for_a_page_ahead(
    client: TestClient, installation: Installation, token: str
) -> None:
    """The page is the one that the database names, whatever number is sent."""
    for number, kind in ((2, "open"), (1, "next"), (7, "next"), (2, "back")):
        assert got(client, token, number, kind)["page"] == 0
    installation.store.withdraw(token)
    assert wish(client, token, 0, "open").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "Invalid JSON"),
        (b'{"token": "tttttttttttttttt", "page": 0, "wish": "skip"}', 400, "wish: "),
        (b'{"token": "tttttttttttttttt", "page": -1, "wish": "next"}', 400, "page: "),
        (
            b'{"token": "tttttttttttttttt", "page": 0, "wish": "next"}',
            404,
            "This link does not belong to any participant",
        ),
        (b"x" * (MAX_WISH_BYTES + 1), 413, "too large"),
    ],
)
def test_what_is_no_wish_is_refused_in_a_sentence(
    client: TestClient, body: bytes, status: int, said: str
) -> None:
    """Malformed, forged, of nobody, too long."""
    answer = client.post("/api/page", content=body)
    assert answer.status_code == status
    assert said in answer.json()["error"]


def test_other_sites_and_a_database_that_is_away_are_told_so(
    client: TestClient, installation: Installation, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """403 for the former; 503 for the latter, to be asked again."""
    said = {"token": token, "page": 0, "wish": "open"}
    foreign = {"sec-fetch-site": "cross-site"}
    assert client.post("/api/page", json=said, headers=foreign).status_code == 403

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailableError("the database cannot be written to")

    monkeypatch.setattr(type(installation.store), "open_page", away)
    answer = client.post("/api/page", json=said)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")


def test_wishes_of_one_participant_are_counted_with_their_saves(
    client: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks without end is answered 429, before anything is looked up."""
    limit = RateLimit(rate_limit.PARTICIPANT_PER_S, 3, clock=lambda: 0.0)
    monkeypatch.setattr(rate_limit, "autosave_limit", lambda: limit)
    body = json.dumps({"token": token, "page": 0, "wish": "next", "more": 1}).encode()
    statuses = [client.post("/api/page", content=body).status_code for _ in range(5)]
    assert statuses == [400, 400, 400, 429, 429]
