"""Before a study's doors open: where they cannot be opened, one sentence says why."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, cast

import pytest

from db.records.errors import StoreError
from harbour_study import build_stimuli, write_study
from mixtrial.commands.study import serve as module
from mixtrial.commands.study.serve import announce, served_at
from mixtrial.server.process import (
    check_place,
    port_is_free,
    server_environment,
    wait_until_ready,
)
from mixtrial.server.public_address import public_address_of
from mixtrial.server.settings import SettingsError
from stimuli.study.study import StudyError

FOREIGN = "192.0.2.1"
"""An address for documentation (RFC 5737): no machine has it."""


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of loopback that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_named(taken: int) -> None:
    """The port is in the sentence, with the option that chooses another."""
    with pytest.raises(SettingsError, match=f"Port {taken} is in use; choose another with --port"):
        check_place("127.0.0.1", taken)
    assert not port_is_free("127.0.0.1", taken)


def test_another_machines_address_is_not_called_a_taken_port() -> None:
    """The host is wrong."""
    with pytest.raises(SettingsError, match=f"{FOREIGN} is not an address of this machine"):
        check_place(FOREIGN, 0)


def test_a_host_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an unknown name nor one that cannot be a name is a traceback."""
    with pytest.raises(SettingsError, match=r"There is no host a\.\.b"):
        check_place("a..b", 0)

    def unknown(*_given: object, **_more: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SettingsError, match="There is no host nowhere"):
        check_place("nowhere", 0)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "The database does not hold a study"}', "The database does not hold a study"),
        (b"Internal Server Error", "the lines above say why"),
        (b'["error"]', "the lines above say why"),
    ],
)
def test_a_server_that_cannot_open_its_study_is_quoted(body: bytes, said: str) -> None:
    """Its own sentence where it has one, and no traceback where it has none."""

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: object) -> None:
            """Say nothing."""

    class Running:
        def poll(self) -> None:
            """Not ended."""

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(SettingsError, match=said):
                wait_until_ready(cast(Any, Running()), "127.0.0.1", server.server_port)
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MIXTRIAL_DATABASE_URL", "mysql://host/x", "must be SQLite or PostgreSQL"),
        ("MIXTRIAL_DATABASE_URL", "sqlite:////nowhere-at-all/x.sqlite", "cannot be opened"),
        ("MIXTRIAL_ADMIN_PASSWORD_HASH", "plain", "must be a scrypt hash"),
        ("MIXTRIAL_OIDC_ISSUER", "https://id.example.org", "needs MIXTRIAL_OIDC_CLIENT_ID"),
    ],
)
def test_a_bad_setting_is_named_before_a_server_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """The command says it itself, and starts no process."""
    build_stimuli(tmp_path, n_songs=1)
    study = write_study(tmp_path, n_songs=1)
    monkeypatch.setenv(name, value)
    started: list[object] = []
    monkeypatch.setattr(module, "start_server", lambda *given: started.append(given))
    monkeypatch.setattr(module, "check_place", lambda *_place: None)
    with pytest.raises((SettingsError, StoreError), match=said):
        module.serve(study)
    assert started == []


def test_a_build_whose_files_tell_more_than_sound_is_refused_before_a_server_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As earlier versions wrote them; the sentence says what to do."""
    build_stimuli(tmp_path, n_songs=1)
    study = write_study(tmp_path, n_songs=1)
    file = next((tmp_path / "build" / "audio").iterdir())
    content = file.read_bytes()
    file.write_bytes(content[:26] + b"the sum of it all" + content[43:])
    monkeypatch.setattr(module, "start_server", lambda *_given: pytest.fail("it started"))
    with pytest.raises(StudyError, match=r"earlier version of mixtrial, .*; build the study again"):
        module.serve(study)


@pytest.mark.parametrize(("status", "said"), [(-9, "by signal 9"), (3, "with status 3")])
def test_a_server_that_ends_by_itself_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    """Whoever watches over the command learns that the server was killed, and by what."""
    build_stimuli(tmp_path, n_songs=1)
    study = write_study(tmp_path, n_songs=1)

    class Ended:
        def wait(self) -> int:
            return status

        def poll(self) -> int:
            return status

    monkeypatch.setattr(module, "start_server", lambda *_given: Ended())
    monkeypatch.setattr(module, "check_place", lambda *_place: None)
    monkeypatch.setattr(module, "wait_until_ready", lambda *_given: None)
    with pytest.raises(SettingsError, match=f"The server ended by itself, {said}"):
        module.serve(study)


def test_a_path_before_the_pages_is_told_to_the_server(tmp_path: Path) -> None:
    """By its environment; what cannot be one is said before anything is started."""
    told = server_environment(tmp_path, tmp_path, None, None, "/study1/")
    assert public_address_of(told).base_path == "/study1"
    assert served_at("127.0.0.1", 8501, told) == "http://localhost:8501/study1"
    with pytest.raises(SettingsError, match="The base path must begin with a slash"):
        server_environment(tmp_path, tmp_path, None, None, "study1")


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://localhost:8501/admin"),
        ("::1", "http://localhost:8501/admin"),
        ("2001:db8::7", "http://[2001:db8::7]:8501/admin"),
        ("listening.example.org", "http://listening.example.org:8501/admin"),
    ],
)
def test_links_can_be_pressed(host: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An address of IPv6 is in brackets."""
    announce("Harbour Lights", served_at(host, 8501, {}), "secret", hidden=False)
    assert shown in capsys.readouterr().out
