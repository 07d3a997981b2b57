"""The tutorials: each line is given in its order; what any page of the docs calls is there."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.main import get_command

import places
from docs_examples import console_lines, example_of, give
from mixtrial.commands.cli import app

PAGES = sorted(path.name for path in (places.ROOT / "docs").glob("*.md"))


def options_of(words: list[str]) -> set[str]:
    """Options of the command that a line calls."""
    command = get_command(app)
    for word in words[1:]:
        if not hasattr(command, "commands") and command.name != "mixtrial":
            break
        found = command.get_command(None, word)  # type: ignore[attr-defined]
        assert found is not None, f"there is no command {word}"
        command = found
    parameters = command.real().params  # type: ignore[attr-defined]
    return {name for each in parameters for name in (*each.opts, *each.secondary_opts)}


def test_every_line_of_the_docs_calls_a_command_and_options_that_there_are() -> None:
    """In the console blocks of all pages."""
    lines = [(page, words) for page in PAGES for words in console_lines(page)]
    ours = [(page, words) for page, words in lines if words[0] == "mixtrial"]
    assert len(ours) > 30
    for page, words in ours:
        asked = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert asked <= options_of(words), (page, words)


@pytest.mark.slow
def test_the_tutorial_of_four_mixes_ends_in_its_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mixed, planned, rehearsed, and drawn for one column of a paper."""
    monkeypatch.chdir(tmp_path)
    for words in console_lines("tutorial-mixes.md"):
        give(words[1:])
    report = Path("mixes/report")
    assert "<svg" in (report / "figures" / "overall-forest-column.svg").read_text("utf-8")
    assert (report / "latex" / "figures" / "overall-forest-column.pdf").is_file()
    assert "mixed model" in (report / "methods.md").read_text("utf-8")
    results = json.loads((report / "results.json").read_text("utf-8"))
    assert results["data"]["n_participants"] == 20


@pytest.mark.slow
def test_the_tutorial_of_a_panel_ends_in_a_table_to_pay_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The study file of the page is checked, built, rehearsed, served and exported."""
    monkeypatch.chdir(tmp_path)
    first, *rest = console_lines("tutorial-panel.md")
    give(first[1:])
    study = Path("codecs/study.yaml")
    study.write_text(example_of("tutorial-panel.md", "yaml", "panel"), encoding="utf-8")
    for words in rest:
        give(words[1:])
    people = pd.read_csv("codecs/participants.csv")
    assert list(people["participant_kind"]) == ["simulated"] * 10  # as long as nobody has come
    assert Path("codecs/backup.sqlite").stat().st_size > 10_000
    assert Path("codecs/rehearsal/report.html").is_file()
