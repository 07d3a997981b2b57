"""No log and no file holds a participant's token, whatever fails while they take part."""

from __future__ import annotations

import http.client
import json
import logging
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from browser_study import Server, running_server, write_study
from db.records.participation import Participant
from db.records.steps import Step
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import load_installation
from mixtrial.server.settings import settings_for_study
from nginx_server import needs_nginx, nginx
from participants import put_on_page
from route_server import free_port
from survey_pages import served, survey
from waiting import until


def ask(port: int, who: Participant) -> list[int]:
    """All that a browser asks under an address with a token in it, and one long save."""
    sound = who.pages[0].slots[0].audio_token
    events = [{"t_ms": float(number), "kind": "play", "slot": 0} for number in range(2000)]
    save = {"token": who.token, "page": 0, "epoch": 1, "seq": 1, "events": events}
    statuses = []
    for method, path, body in (
        ("GET", f"/?p={who.token}", None),
        ("GET", f"/_stcore/health?p={who.token}", None),
        ("GET", f"/api/audio/{sound}", None),
        ("GET", f"/api/headphones/{who.token}/0/0", None),
        ("POST", "/api/autosave", json.dumps(save)),
        ("POST", "/api/autosave", json.dumps(save | {"seq": "one"})),
        ("GET", f"/?p={who.token}&long={'x' * 9000}", None),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with suppress(OSError, http.client.HTTPException):
            connection.request(method, path, body)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
    return statuses


def tokens_in(files: list[Path], who: Participant) -> list[tuple[Path, str]]:
    """Which file holds which of a participant's secrets."""
    secrets = [who.token, *(slot.audio_token for page in who.pages for slot in page.slots)]
    return [
        (file, secret)
        for file in files
        for secret in secrets
        if secret.encode() in file.read_bytes()
    ]


def told(server: Server) -> Path:
    """Where a server's log is."""
    return server.study.parent / "server.log"


@needs_nginx
def test_a_walk_with_failures_leaves_no_token_in_any_file_or_log(tmp_path: Path) -> None:
    """One replica is away, the database breaks, then the other replica is gone too."""
    study = write_study(tmp_path)
    installation = load_installation(settings_for_study(study))
    token = enrol(installation).token
    put_on_page(installation.store, token, 0, Step.TRAINING)
    assert installation.store.page_state(token, 0).epoch == 1
    who = installation.store.find_participant(token)
    assert who is not None
    installation.store.close()
    with running_server(study) as server, nginx([server.port, free_port()]) as (front, log):
        assert 204 in ask(front, who)
        with closing(sqlite3.connect(tmp_path / "mixtrial.sqlite")) as database:
            database.execute("ALTER TABLE slot RENAME TO broken")
        assert 503 in ask(front, who)
        server.stop()
        assert set(ask(front, who)) <= {502, 414}
        until(lambda: "502" in log.read_text())
        files = [*log.parent.rglob("*"), *tmp_path.rglob("*")]
        files = [file for file in files if file.is_file() and "mixtrial.sqlite" not in file.name]
        assert {log, log.parent / "error.log", told(server)} <= set(files)
        assert "the database cannot be used" in told(server).read_text()
        assert tokens_in(files, who) == []


def test_a_page_that_the_database_fails_leaves_no_token_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says what failed, with the way there, and not for whom."""
    serving = served(write_study(tmp_path), monkeypatch)
    installation = next(serving)
    token = enrol(installation).token
    with closing(sqlite3.connect(tmp_path / "mixtrial.sqlite")) as database:
        database.execute("ALTER TABLE participant RENAME TO broken")
    survey(token)
    logged = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert "no such table: participant" in logged
    assert "Traceback" in logged
    assert token not in logged
    serving.close()
