"""The document on Qualtrics: its file is read by its commands, and gives what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

import places
from analysis.ratings.table import read_ratings
from mixtrial.commands import cli

PAGE = (places.ROOT / "docs" / "from-qualtrics.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """Fenced blocks of the page."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S)


def test_the_export_that_is_shown_becomes_the_table_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve ratings of three people; the addresses stay behind."""
    monkeypatch.chdir(tmp_path)
    Path("survey.csv").write_text(blocks("csv")[0], encoding="utf-8")
    [command, report] = blocks("console")
    done = CliRunner().invoke(cli.app, shlex.split(command)[1:])
    assert done.exit_code == 0, done.output
    table = read_ratings("ratings.csv")
    assert len(table) == 12
    assert set(table["system"]) == {"Mix A", "Mix B"}
    assert set(table["song"]) == {"harbour", "lantern"}
    assert set(table["group"]) == {"Professional", "Hobbyist"}
    rated = table.set_index(["participant", "song", "system"])["rating"]
    assert rated["R_3c", "lantern", "Mix A"] == 1
    assert "192.0.2" not in Path("ratings.csv").read_text("utf-8")
    assert shlex.split(report)[1:3] == ["report", "ratings.csv"]
    assert Path("ratings.import.md").is_file()


def test_without_the_scale_the_command_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the page says."""
    monkeypatch.chdir(tmp_path)
    Path("survey.csv").write_text(blocks("csv")[0], encoding="utf-8")
    done = CliRunner().invoke(cli.app, ["import", "results", "survey.csv"])
    assert "Give the scale, such as --scale 1:5" in str(done.exception)
    assert sorted(path.name for path in Path().iterdir()) == ["survey.csv"]
