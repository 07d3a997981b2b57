"""One participant's data: all of it leaves by their code, and all of it can be deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.models import Base
from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.session_cookie import SESSION_COOKIE, begin_session
from mixtrial.simulation.in_process import simulate_participants
from route_server import answer_for

STUDY = "harbour-lights"
TABLES = ("participant", "consent", "page", "slot", "rating", "event", "contact")
"""Where something of a participant stands."""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A study that two have finished; the first left an address."""
    build_stimuli(tmp_path, n_songs=1)
    installation = open_installation(write_study(tmp_path, n_songs=1))
    list(simulate_participants(installation, 2, seed=1))
    installation.store.record_contact(token_of(installation, 0), "ada@example.org")
    yield installation
    installation.store.close()


@pytest.fixture
def client(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A researcher who has signed in."""
    answer_for(monkeypatch, lambda: installation)
    with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE), follow_redirects=False) as one:
        one.cookies[SESSION_COOKIE] = begin_session(installation)
        yield one


def asked(installation: Installation, query: str) -> list[Any]:
    """Answer of the database."""
    with installation.store._engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def token_of(installation: Installation, index: int) -> str:
    """A participant's token."""
    query = f"SELECT token FROM participant WHERE participant_index = {index}"
    return str(asked(installation, query)[0])


def code_of(installation: Installation, index: int) -> str:
    """A participant's personal code."""
    query = f"SELECT completion_code FROM participant WHERE participant_index = {index}"
    return str(asked(installation, query)[0])


def n_rows(installation: Installation) -> dict[str, int]:
    """How many rows each table has."""
    return {
        name: asked(installation, f"SELECT count(*) FROM {name}")[0]
        for name in Base.metadata.tables
    }


def test_by_their_code_all_rows_of_a_participant_leave_and_no_others(
    client: TestClient, installation: Installation
) -> None:
    """Half of what two have said, and the address; neither link nor sound can be opened by it."""
    code = code_of(installation, 0)
    answer = client.post("/api/admin/participant", data={"code": code.lower()})
    said = f'attachment; filename="{STUDY}-P001.json"'
    assert (answer.status_code, answer.headers["content-disposition"]) == (200, said)
    content = json.loads(answer.content)
    assert set(content) == {"study", "participant_number", *TABLES}
    there = n_rows(installation)
    for name in ("participant", "consent", "page", "slot", "rating"):
        assert len(content[name]) == there[name] / 2 > 0, name
    theirs = {page["id"] for page in content["page"]}
    events = "SELECT count(*) FROM event WHERE page_id IN ({})".format(str(theirs).strip("{}"))
    assert len(content["event"]) == asked(installation, events)[0] > 0
    assert content["contact"] == [{"address": "ada@example.org"}]
    assert content["participant"][0]["completion_code"] == code
    tokens = "SELECT token FROM participant UNION SELECT audio_token FROM slot"
    assert not [token for token in asked(installation, tokens) if token in answer.text]
    action = installation.store.actions(STUDY)[-1]
    assert (action.kind, action.detail) == ("download", "everything of P001")


def test_a_link_serves_as_a_code_and_what_is_unknown_is_told(
    client: TestClient, installation: Installation
) -> None:
    """Without a sign-in, and from another site, nothing leaves."""
    link = f"https://listening.example.org/?p={token_of(installation, 1)}"
    found = client.post("/api/admin/participant", data={"code": link})
    assert found.json()["participant_number"] == "P002"
    unknown = client.post("/api/admin/participant", data={"code": "ABCDEFGHJK"})
    assert unknown.headers["location"] == "/admin?view=data&code=unknown"
    assert client.post("/api/admin/participant", content=b"x" * 5000).status_code == 413
    elsewhere = {"origin": "https://evil.example"}
    foreign = client.post("/api/admin/participant", data={"code": link}, headers=elsewhere)
    client.cookies.clear()
    stranger = client.post("/api/admin/participant", data={"code": link})
    assert (foreign.status_code, stranger.status_code) == (403, 403)


def test_after_a_withdrawal_nothing_of_it_is_left(
    client: TestClient, installation: Installation
) -> None:
    """The number stays taken; the log names it and nothing else; the file holds no trace."""
    code = code_of(installation, 0)
    content = client.post("/api/admin/participant", data={"code": code}).json()
    before = n_rows(installation)
    assert installation.store.withdraw(code, STUDY) == "P001"
    after = n_rows(installation)
    for name in TABLES:
        n_theirs = len(content[name]) if name != "participant" else 0
        assert after[name] == before[name] - n_theirs, name
    refused = client.post("/api/admin/participant", data={"code": code})
    assert refused.headers["location"].endswith("code=unknown")
    path = Path(installation.settings.database_url.removeprefix("sqlite:///"))
    held = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert code.encode() not in held
    assert b"ada@example.org" not in held
