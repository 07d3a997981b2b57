"""The command as a newcomer meets it: quick help, true documentation, clear refusals."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import places
from mixtrial.commands import cli

ROOT = places.ROOT
COMMANDS = (
    "demo", "version", "mix", "separate", "prepare", "train", "evaluate", "new", "plan", "check",
    "build", "serve", "collect", "simulate", "backup", "restore", "export", "report",
    "archive", "merge", "plugins", "import", "studio",
)  # fmt: skip
HEAVY = (
    "torch", "librosa", "numba", "pandas", "scipy", "numpy", "streamlit", "plotly", "sqlalchemy",
    "alembic", "pedalboard", "pydantic", "statsmodels", "jinja2", "yaml",
)  # fmt: skip


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command as the shell would and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["mixtrial", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_help_imports_nothing_heavy() -> None:
    """``mixtrial --help`` answers at once because a command's module waits until it is called."""
    script = f"""
import sys
from mixtrial.commands import cli
sys.argv = ["mixtrial", "--help"]
try:
    cli.main()
except SystemExit:
    print([m for m in {HEAVY!r} if m in sys.modules])
"""
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert shown.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_stands_in_the_readme(command: str) -> None:
    """No command without a sentence of its own, none that the README forgets."""
    shown = CliRunner().invoke(cli.app, [command, "--help"])
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) > 5
    assert f"`mixtrial {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_menu_lists_exactly_these_commands() -> None:
    """A command that is added must be documented, one that is removed must go from the docs."""
    listed = [name for names in cli.ROOMS.values() for name in names]
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_menu_says_of_a_command_what_the_command_says(command: str) -> None:
    """The line that help reads from the file is the one that the loaded command has."""
    shown = typer.main.get_command(cli.app).get_command(None, command)  # type: ignore[attr-defined]
    assert shown.help
    assert shown.real().help.startswith(shown.help)


def test_an_unknown_command_is_refused_with_exit_code_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt command is named."""
    assert run_main(monkeypatch, "biuld") == 2
    assert "biuld" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "nowhere.yaml"),
        ("serve", "nowhere.yaml"),
        ("simulate", "nowhere.yaml"),
        ("export", "nowhere.yaml", "--out", "r.csv"),
        ("report", "nowhere.yaml", "--out", "report"),
        ("report", "nowhere.csv", "--out", "report"),
        ("mix", "--vocal", "no.wav", "--backing", "nowhere.wav", "--system", "random",
         "--out", "m.flac"),
    ],
)  # fmt: skip
def test_a_missing_file_is_one_sentence(
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Exit code 2, one line that names the file, no traceback, nothing written."""
    monkeypatch.chdir(tmp_path)
    assert run_main(monkeypatch, *arguments) == 2
    told = capsys.readouterr().err.strip()
    assert told.count("\n") == 0
    assert told.startswith("mixtrial: ")
    assert "no.wav" in told or "nowhere." in told
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_refused_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The demo says which port is taken and leaves no folder behind."""
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run_main(monkeypatch, "demo", "--port", port) == 2
    assert f"Port {port} is in use" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_our_own_is_not_hidden() -> None:
    """A bug is shown as a bug: only errors meant for the reader become a sentence."""
    assert cli.sentence_for(ValueError("shapes (2,3) and (4,)")) is None
    assert cli.sentence_for(KeyError("x")) is None
