"""A request for a study goes to its server, and a request for none ends in the studio."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from answering import answering
from mixtrial.server.session_cookie import SESSION_COOKIE
from mixtrial.studies.changes import new_study
from mixtrial.studio.forwarding import study_forwarder
from mixtrial.studio.forwarding.study_forwarder import NOT_OPEN, STARTING, StudyForwarder
from stimuli.study.manifest import MANIFEST_NAME


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Give the body back, and the path in a header."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(201)
        self.send_header("X-Path", self.path)
        self.send_header("X-Asked", "|".join(f"{k}={v}" for k, v in self.headers.items()))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """The same."""
        self.do_POST()

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


class FakeStudio:
    """A studio whose one server is at a port, or has a fault."""

    def __init__(self, folder: Path, port: int | None) -> None:
        self.folder, self.port, self.servers = folder, port, self

    def port_of(self, _study: object) -> int:
        """As :class:`StudyServers` has it."""
        if self.port is None:
            raise ChildProcessError("its server ends by itself")
        return self.port


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Port of a server that echoes."""
    with answering(Echo) as port:
        yield port


@pytest.fixture
def studio(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> FakeStudio:
    """A studio with an open study, ``choir``, and one that is not, ``organ``."""
    new_study(tmp_path, "Choir").note(is_open=True)
    new_study(tmp_path, "Organ")
    opened = FakeStudio(tmp_path, port)
    monkeypatch.setattr(study_forwarder, "current_studio", lambda: opened)
    return opened


@pytest.fixture
def client(studio: FakeStudio) -> TestClient:
    """Somebody who asks the studio."""
    return TestClient(
        Starlette(middleware=[Middleware(StudyForwarder)]), "http://lab.example:8080",
        client=("203.0.113.9", 5000), follow_redirects=False,
    )  # fmt: skip


def test_a_request_is_passed_on_as_it_is_with_who_asks(client: TestClient) -> None:
    """Path, query, body, host and status; what others say of the asker is not believed."""
    body = bytes(range(256)) * 4096
    answer = client.post(
        "/s/choir/api/autosave%20x?p=a%2Fb",
        content=body,
        headers={"X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1"},
    )
    assert (answer.status_code, answer.content) == (201, body)
    assert answer.headers["x-path"] == "/s/choir/api/autosave%20x?p=a%2Fb"
    asked = answer.headers["x-asked"].lower().split("|")
    assert "host=lab.example:8080" in asked
    assert [each for each in asked if "forwarded" in each] == [
        "x-forwarded-for=203.0.113.9", "x-forwarded-proto=http",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/s/organ/", "/s/none/", "/s/../choir/", "/s/.studio/", "/s/%2e%2e/choir/", "/s/"]
)
def test_a_study_that_is_not_open_has_no_address(client: TestClient, path: str) -> None:
    """Whether it is there cannot be told from the answer."""
    answer = client.get(path)
    assert answer.status_code == 404
    if path.startswith("/s/") and ".." not in path:
        assert NOT_OPEN in answer.text
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"{path}_stcore/stream"):
        pass


def test_a_server_that_is_gone_is_asked_for_again(client: TestClient, studio: FakeStudio) -> None:
    """Pages say so; programs are told in their own way when to come again."""
    studio.port = None
    page, save = client.get("/s/choir/"), client.post("/s/choir/api/autosave", content=b"{}")
    assert (page.status_code, save.status_code) == (503, 503)
    assert STARTING in page.text
    assert save.json() == {"error": STARTING}
    assert page.headers["retry-after"] == save.headers["retry-after"] == "3"
    studio.port = 1  # nobody listens there
    assert client.post("/s/choir/api/autosave", content=b"{}").status_code == 503


def test_a_page_waits_for_a_server_that_has_just_gone(
    client: TestClient, studio: FakeStudio, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was killed is back in seconds; whoever asked for a page need not know."""
    ports = iter([1, 1, port])
    monkeypatch.setattr(studio, "port_of", lambda _study: next(ports))
    assert client.get("/s/choir/").status_code == 201


def test_addresses_without_their_last_sign_lead_on(client: TestClient) -> None:
    """The studio is at ``/admin``; a study's name alone is its first page."""
    assert client.get("/").headers["location"] == "/admin"
    assert client.get("/s/choir").headers["location"] == "/s/choir/"


def test_before_a_study_is_open_whoever_has_signed_in_reaches_all_but_the_way_in(
    client: TestClient, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dashboard and preview, once it is built; a look enrols nobody, and no stranger looks."""
    monkeypatch.setattr(study_forwarder, "is_signed_in", lambda _studio, cookie: cookie == "ours")
    cookie = {"Cookie": f"{SESSION_COOKIE}=ours"}
    assert client.get("/s/organ/admin", headers=cookie).status_code == 404  # not built
    (studio.folder / "organ" / "build").mkdir()
    (studio.folder / "organ" / "build" / MANIFEST_NAME).write_text("song\n")
    reached = {
        path: client.get(f"/s/organ/{path}", headers=cookie).status_code
        for path in ("admin", "?preview=welcome", "", "?p=token")
    }
    assert reached == {"admin": 201, "?preview=welcome": 201, "": 404, "?p=token": 404}
    forged = {"Cookie": f"{SESSION_COOKIE}=forged"}
    assert client.get("/s/organ/admin", headers=forged).status_code == 404
    assert client.get("/s/organ/admin").status_code == 404
