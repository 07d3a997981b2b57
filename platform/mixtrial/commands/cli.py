"""The ``mixtrial`` command; the module of a subcommand is imported only when it is called.

Each command is a function in a module of this package. The table of commands lists all commands.
The module of a command is loaded only when the command is called. Because modules are loaded late,
``mixtrial --help`` is fast, although every module imports what it needs at its top. An error
becomes one sentence on stderr and exit code 2.
"""

from __future__ import annotations

import ast
import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from mixtrial.terminal.extras import extra_sentence
from mixtrial.terminal.home_folder import name_a_home
from mixtrial.terminal.namesakes import NamesakeError, check_namesakes

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130

ROOMS: dict[str, dict[str, str]] = {
    "Start": {"demo": "demo", "version": "version", "plugins": "plugins"},
    "Make mixes": {"mix": "mix"},
    "Train networks": {
        "separate": "learning.separate",
        "prepare": "learning.prepare",
        "train": "learning.train",
        "evaluate": "learning.evaluate",
    },
    "Run a study": {
        "new": "study.new",
        "plan": "study.plan",
        "check": "study.check",
        "build": "study.build",
        "serve": "study.serve",
        "studio": "study.studio",
        "collect": "study.collect",
        "simulate": "study.simulate",
        "backup": "study.backup",
        "restore": "study.backup",
    },
    "Import": {"import": "importing"},
    "Analyse": {
        "export": "answers.export",
        "merge": "answers.merge",
        "report": "answers.report",
        "archive": "answers.archive",
    },
}
"""Module of each command below ``mixtrial.commands``, by the heading under which help lists it."""

GROUPS: dict[str, dict[str, str]] = {
    "importing": {"study": "importing.study", "results": "importing.results"},
}
"""Commands of a command, by the folder that holds them."""


class LazyCommand(TyperCommand):
    """A command whose module is loaded when it is called.

    The command's help line is read from the text of the module's file; the file is not run.
    """

    def __init__(self, name: str, module: str, heading: str) -> None:
        self.module = f"mixtrial.commands.{module}"
        help_line = _docstring(self.module, name)
        super().__init__(name, help=help_line, rich_help_panel=heading)

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Context of the loaded command; the caller runs the command in this context."""
        return self.real().make_context(info_name, args, parent, **extra)

    def real(self) -> Any:
        """The loaded command."""
        function = getattr(importlib.import_module(self.module), str(self.name))
        one = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        one.command(self.name)(function)
        return typer.main.get_command(one)


class CommandGroup(TyperGroup):
    """A command with subcommands; its help line is the docstring of the subcommands' package."""

    def __init__(self, name: str, folder: str, heading: str) -> None:
        modules = GROUPS[folder]
        commands = [LazyCommand(each, module, heading) for each, module in modules.items()]
        help_line = _docstring(f"mixtrial.commands.{folder}")
        super().__init__(
            name=name,
            help=help_line,
            commands=commands,
            rich_help_panel=heading,
            no_args_is_help=True,
        )

    def real(self) -> Any:
        """The command itself."""
        return self


class Commands(TyperGroup):
    """Names of all commands, in the order of the table."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """Names of all commands."""
        return [name for names in ROOMS.values() for name in names]

    def get_command(self, _ctx: Any, cmd_name: str) -> LazyCommand | CommandGroup | None:
        """The command of a given name; None if no command has this name."""
        for heading, names in ROOMS.items():
            if cmd_name in names:
                kind = CommandGroup if names[cmd_name] in GROUPS else LazyCommand
                return kind(cmd_name, names[cmd_name], heading)
        return None


app = typer.Typer(
    name="mixtrial",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def mixtrial() -> None:
    """Listening tests for music mixes: make mixes, ask listeners, analyse the answers."""


def main() -> None:
    """Run the command line; after bad input, print one sentence and return exit code 2."""
    try:
        check_namesakes()
        name_a_home()
        app(prog_name="mixtrial")
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except Exception as error:
        sentence = sentence_for(error)
        if sentence is None:
            raise
        typer.echo(f"mixtrial: {sentence}", err=True)
        sys.exit(EXIT_BAD_INPUT)


def sentence_for(error: Exception) -> str | None:
    """Return a sentence about ``error``; None if ``error`` shows a fault in the program itself."""
    if isinstance(error, NamesakeError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return extra_sentence(error.name or "")
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}."
    return str(error) if isinstance(error, _errors_for_the_reader()) else None


def _docstring(module: str, function: str = "") -> str:
    """First line of the docstring of a function or module; the file is read but not run."""
    found = find_spec(module)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(module)
    parsed = ast.parse(Path(found.origin).read_text(encoding="utf-8"))
    if not function:
        return (ast.get_docstring(parsed) or "").partition("\n\n")[0]
    for node in parsed.body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return (ast.get_docstring(node) or "").partition("\n\n")[0]
    raise AttributeError(f"{module} has no function {function}")


def _errors_for_the_reader() -> tuple[type[Exception], ...]:
    # The following modules are loaded only after an error, so that the help is fast.
    from analysis.ratings.table import RatingsError
    from db.records.errors import StoreError
    from mixing.audio import AudioError
    from mixing.learning.weight_files import WeightsError
    from mixing.plugins import PluginError
    from mixing.systems.registry import UnknownSystemError
    from mixtrial.server.settings import SettingsError
    from stimuli.study.study import StudyError

    return (
        AudioError,
        UnknownSystemError,
        PluginError,
        WeightsError,
        StudyError,
        StoreError,
        RatingsError,
        SettingsError,
    )
