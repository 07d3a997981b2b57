"""The first page of the docs: every line that it has somebody copy is given, in order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
from typer.testing import CliRunner

from docs_examples import console_lines, give
from mixtrial.commands.cli import app

COMMANDS = ["version", "new", "check", "build", "serve", "simulate", "report"]
CODECS = {"mp3.mp3": "MPEG_LAYER_III", "opus.opus": "OPUS", "vorbis.ogg": "VORBIS"}


def test_the_first_page_leads_from_nothing_to_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recordings are made and coded, the test is built, served, rehearsed and answered."""
    monkeypatch.chdir(tmp_path)
    lines = console_lines("index.md")
    assert [(program, command) for program, command, *_ in lines] == [
        ("mixtrial", command) for command in COMMANDS
    ]
    said = {words[1]: give(words[1:]) for words in lines}
    kinds = {path.name: soundfile.info(path).subtype
             for path in Path("codecs/audio/neon_tide").iterdir()}  # fmt: skip
    assert kinds == {**CODECS, "reference.flac": "PCM_24"}
    assert len(list(Path("codecs/audio").iterdir())) == 3
    assert "MUSHRA (ITU-R BS.1534-3)" in said["check"]
    assert "18 stimuli of 3 recordings" in said["build"]
    assert "password: " in said["serve"]
    assert "12 simulated participants took part" in said["simulate"]
    results = json.loads(Path("codecs/report/results.json").read_text(encoding="utf-8"))
    assert results["report"]["sample"]["n_simulated"] == 12
    assert Path("codecs/report/report.html").is_file()


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["codecs"], "codecs is not empty, but --example needs a new folder"),
        (["other", "--template", "codec"], "--example has its own recordings"),
    ],
)
def test_the_example_touches_no_folder_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], refusal: str
) -> None:
    """A folder with something in it is refused, and a template beside it; nothing is written."""
    monkeypatch.chdir(tmp_path)
    Path("codecs").mkdir()
    Path("codecs/mine.txt").write_text("mine")
    told = CliRunner().invoke(app, ["new", *words, "--example"])
    assert refusal in str(told.exception)
    assert [path.name for path in tmp_path.rglob("*")] == ["codecs", "mine.txt"]
