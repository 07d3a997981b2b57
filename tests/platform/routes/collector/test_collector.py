"""The collector answers as webMUSHRA wants it, keeps what it acknowledges, and shows no secrets."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import uvicorn
from starlette.testclient import TestClient
from typer.testing import CliRunner

from db import engine
from db.store.store import Store, open_store
from mixtrial.commands.cli import app
from mixtrial.routes.collector import app as collector
from mixtrial.routes.collector.app import collector_app
from mixtrial.server.settings import SettingsError
from posted_sessions import body, session

WAYS = ("/service/write.php", "/service/write", "/harbour_mixes/collect", "/a/b/service/write.php")


class Scene:
    """An archive, a client of its collector, and the lines that it told."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "study.sqlite"
        self.store: Store = open_store(f"sqlite:///{self.path}")
        self.told: list[str] = []
        self.client = TestClient(collector_app(self.store, self.told.append))

    def kept(self) -> list[tuple[str, int]]:
        """Name and version of each session that is kept."""
        return [(each.session, each.version) for each in self.store.collected_sessions()]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A collector on an empty archive."""
    scene = Scene(tmp_path)
    yield scene
    scene.store.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_kept_session_is_answered_by_200_and_nothing_else(scene: Scene, way: str) -> None:
    """WebMUSHRA takes any text of the answer for an error; the page may be of another origin."""
    answer = scene.client.post(way, content=body(session()), headers={"Origin": "https://a.org"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert scene.kept() == [("u1", 1)]
    assert scene.told == ["harbour_mixes: session u1, 1 page"]
    [held] = scene.store.collected_sessions()
    assert json.loads(held.content) == session()


def test_a_browser_that_asks_first_is_told_that_it_may(scene: Scene) -> None:
    """The preflight of a page of another origin that sends headers of its own."""
    asked = {
        "Origin": "https://a.org", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-requested-with",
    }  # fmt: skip
    answer = scene.client.options("/service/write.php", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert scene.kept() == []


def test_sent_again_it_is_one_session_and_other_content_is_flagged(scene: Scene) -> None:
    """By the uuid: the same is acknowledged and not doubled, in whichever encoding."""
    for sent in (body(session()), body(session()), body(session("u1", "mushra", "lms"))):
        assert scene.client.post("/service/write.php", content=sent).status_code == 200
    form = {"sessionJSON": json.dumps(session())}
    assert scene.client.post("/service/write.php", data=form).status_code == 200
    assert scene.kept() == [("u1", 1), ("u1", 2)]
    assert [line.partition("; ")[2] for line in scene.told] == [
        "", "it was there, nothing is doubled",
        "ANOTHER VERSION of a session that is there: both are kept",
        "it was there, nothing is doubled",
    ]  # fmt: skip


def test_what_is_no_session_is_refused_and_its_body_kept_for_repair(scene: Scene) -> None:
    """400 with the reason; every byte is there; mended, it is a session."""
    broken = body(session())[:-1] + b"\xff\x00"
    for _ in range(2):
        answer = scene.client.post("/service/write.php", content=broken)
        assert (answer.status_code, answer.text) == (400, "The posted text is not UTF-8.")
    [held] = scene.store.unreadable_bodies()
    assert held.body == broken
    assert "kept to be repaired" in scene.told[0]
    mended = held.body.replace(b"\xff\x00", b"}")
    assert scene.client.post("/service/write.php", content=mended).status_code == 200
    assert scene.client.post("/service/write.php", content=b"").status_code == 400
    assert len(scene.store.unreadable_bodies()) == 1


def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it says its length or not; nothing of it is kept."""
    monkeypatch.setattr(collector, "MAX_SESSION_BYTES", 1000)
    large = b"sessionJSON=" + b" " * 1000
    for content in (large, iter([large[:600], large[600:]])):
        assert scene.client.post("/service/write.php", content=content).status_code == 413
    assert scene.store.unreadable_bodies() == []


def test_a_locked_database_acknowledges_nothing_and_takes_the_session_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 and when to come again, in the terminal too; afterwards 200."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 100)
    scene = Scene(tmp_path)
    with closing(sqlite3.connect(scene.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for content in (body(session()), b"hello"):
            answer = scene.client.post("/service/write.php", content=content)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
        assert scene.told[0].startswith("NOT KEPT, the front end was told so")
        assert scene.client.get("/api/healthz").status_code == 503
        other.execute("ROLLBACK")
    assert scene.client.post("/service/write.php", content=body(session())).status_code == 200
    assert scene.kept() == [("u1", 1)]
    scene.store.close()


def test_hostile_texts_are_texts(scene: Scene) -> None:
    """No line of the terminal obeys them; long names and escapes are refused, the rest is kept."""
    evil = session("'; DROP TABLE collected; --<script>", test="../../etc")
    evil["trials"][0] = {
        "id": "\x1b[2J", "type": "mushra",
        "responses": [{"stimulus": "=cmd()", "score": "1", "comment": "\0\ud800", "time": "x"}],
    }  # fmt: skip
    raw = b"sessionJSON=" + json.dumps(evil).encode()
    assert scene.client.post("/service/write.php", content=raw).status_code == 200
    assert scene.kept() == [("'; DROP TABLE collected; --<script>", 1)]
    forged = body(session("u9\nharbour_mixes: session u10, 1 page"))
    assert scene.client.post("/service/write.php", content=forged).status_code == 400
    assert all(line.isprintable() for line in scene.told)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of webMUSHRA with results of earlier days, beside a secret."""
    folder = tmp_path / "site"
    files = {
        "index.html": "<p>front end", "configs/harbour.yaml": "testname: Harbour",
        "results/harbour/mushra.csv": "secret", "service/write.php": "<?php secret",
        ".git/config": "secret", "lib/hidden.PHP": "secret", "lib/a.js": "1",
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "lib" / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


def test_the_front_end_is_served_without_results_and_programs(scene: Scene, site: Path) -> None:
    """Its pages and sounds are there; what others said, and what lies beside the site, is not."""
    (site / "lib" / "earlier").symlink_to(site / "results")
    (site / "lib" / "keeper.txt").symlink_to(site / "service" / "write.php")
    client = TestClient(collector_app(scene.store, scene.told.append, site))
    assert client.get("/?config=harbour.yaml").text == "<p>front end"
    assert client.get("/configs/harbour.yaml").text == "testname: Harbour"
    assert client.get("/lib/a.js").status_code == 200
    for path in (
        "/results/harbour/mushra.csv", "/Results/harbour/mushra.csv", "/service/write.php",
        "/.git/config", "/lib/hidden.PHP", "/lib/link.txt", "/lib/..%2f..%2fsecret.txt",
        "/lib/../results/harbour/mushra.csv", "/%2e%2e/secret.txt", "//results/harbour/mushra.csv",
        "/lib%2f..%2fresults/harbour/mushra.csv", "/./results/harbour/mushra.csv",
        "/lib/%2e%2e/%2egit/config", "/lib/earlier/harbour/mushra.csv", "/lib/keeper.txt",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code in (404, 405), path
        assert "secret" not in answer.text, path
    assert client.post("/service/write.php", content=body(session())).status_code == 200
    assert scene.kept() == [("u1", 1)]


def test_a_folder_without_a_front_end_is_a_sentence(scene: Scene, tmp_path: Path) -> None:
    """It is said before anything is served."""
    with pytest.raises(
        SettingsError, match=r"is not a copy of webMUSHRA, because it has no index\.html"
    ):
        collector_app(scene.store, scene.told.append, tmp_path)


def test_what_is_kept_of_each_test_is_told_when_it_starts(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sessions, answers by page type, other versions, and what is to be repaired."""
    for said in (session("u1"), session("u2", "mushra", "lss"), session("u1", "lms"),
                 session("u3", test="lantern")):  # fmt: skip
        scene.client.post(WAYS[0], content=body(said))
    scene.client.post(WAYS[0], content=b"sessionJSON=no")
    monkeypatch.setattr(uvicorn.Server, "run", lambda _self: None)
    told = CliRunner().invoke(app, ["collect", str(scene.path)])
    assert told.exit_code == 0, told.output
    lines = [re.sub(r"the last .*; answers", "…; answers", line.strip())
             for line in told.output.splitlines()]  # fmt: skip
    further = "1 of other content under the same name"
    assert lines[3:6] == [
        f"harbour_mixes: 2 sessions, …; answers: mushra 4, lss 1; {further}",
        "lantern: 1 session, …; answers: mushra 2",
        "to be repaired: 1 (posted, but no session)",
    ]
    served = CliRunner().invoke(app, ["serve", str(scene.path)])
    assert "is a database; name the study.yaml beside it" in str(served.exception)
