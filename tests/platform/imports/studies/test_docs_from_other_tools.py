"""The examples of docs/from-webmushra.md and docs/from-waet.md are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import uvicorn
from starlette.testclient import TestClient
from typer.testing import CliRunner

from docs_examples import DOCS, example_of
from mixtrial.commands.cli import app
from mixtrial.imports.studies.registry import study_readers
from other_tools import write_tones
from posted_sessions import body, session
from stimuli.loading.load import load_study

RESULTS = """\
session_test_id,years,session_uuid,trial_id,rating_stimulus,rating_score,rating_time,rating_comment
harbour_mixes,6,u1,chorus,reference,100,41250,
harbour_mixes,6,u1,chorus,codec_a,58,41250,
harbour_mixes,6,u1,chorus,codec_b,62,41250,
"""
WAET_SESSION = """\
<waetresult key="key1"><waet><setup interface="APE"/></waet><page ref="chorus" state="complete">
<audioelement ref="chorus-b" name="mix_b"><value interface-name="clarity">0.61</value>
</audioelement></page></waetresult>
"""


def commands_of(page: str) -> list[list[str]]:
    """Words of each command that a page shows in a block."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [line.split() for block in blocks for line in block.splitlines()]


def run_all(page: str) -> None:
    """Run the commands of a page; each has to end well."""
    for words in commands_of(page):
        told = CliRunner().invoke(app, words[1:])
        assert told.exit_code == 0, (words, told.output, told.exception)


def post_a_session(server: uvicorn.Server) -> None:
    """In the place of a server's run: a participant comes, and posts what the front end has."""
    with TestClient(server.config.app) as visitor:  # type: ignore[arg-type]
        assert visitor.get("/?config=harbour.yaml").text == "front end"
        assert visitor.get("/results/mushra.csv").status_code == 404
        answer = visitor.post("/service/write.php", content=body(session("u7")))
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_page_on_webmushra_can_be_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In, checked, built, out again, sessions collected, and the results read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(uvicorn.Server, "run", post_a_session)
    write_tones(tmp_path / "site" / "media", ("reference.wav", "a.wav", "b.wav"))
    for folder in ("configs", "results"):
        (tmp_path / "site" / folder).mkdir()
    config = example_of("from-webmushra.md", "yaml")
    (tmp_path / "site" / "configs" / "harbour.yaml").write_text(config, encoding="utf-8")
    (tmp_path / "site" / "results" / "mushra.csv").write_text(RESULTS, encoding="utf-8")
    (tmp_path / "site" / "index.html").write_text("front end", encoding="utf-8")
    run_all("from-webmushra.md")
    assert load_study("harbour/study.yaml").parts[0].type == "mushra"
    assert (tmp_path / "harbour-webmushra" / "configs" / "harbour_mixes.yaml").is_file()
    assert "codec_a" in (tmp_path / "ratings.csv").read_text("utf-8")
    assert "u7,chorus,cnn,58" in (tmp_path / "collected" / "mushra.csv").read_text("utf-8")


def test_the_page_on_waet_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In, checked, built, and the results read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "session.xml").write_text(WAET_SESSION, encoding="utf-8")
    write_tones(tmp_path / "theirs" / "media", ("a.wav", "b.wav"))
    project = example_of("from-waet.md", "xml")
    (tmp_path / "theirs" / "harbour.xml").write_text(project, encoding="utf-8")
    run_all("from-waet.md")
    assert load_study("harbour/study.yaml").parts[0].type == "ape"
    assert "key1,all,chorus,mix_b,clarity,61.0" in (tmp_path / "ratings.csv").read_text("utf-8")


def test_the_readme_names_every_tool_whose_studies_are_read() -> None:
    """In the row of the command."""
    [row] = re.findall(
        r"^\| `mixtrial import study` .*$", (DOCS.parent / "README.md").read_text("utf-8"), re.M
    )
    assert all(reader.tool in row for reader in study_readers().values())
