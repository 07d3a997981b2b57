"""The ``mixtrial`` command: one thin door to every floor.

Each command is a function in ``mixtrial.commands``; this module lists them and turns what went
wrong into one sentence on stderr and exit code 2. Nothing heavy is imported here:
``mixtrial --help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from mixtrial.commands.answers.archive import archive
from mixtrial.commands.answers.export import export
from mixtrial.commands.answers.report import report
from mixtrial.commands.demo import demo
from mixtrial.commands.learning.evaluate import evaluate
from mixtrial.commands.learning.prepare import prepare
from mixtrial.commands.learning.separate import separate
from mixtrial.commands.learning.train import train
from mixtrial.commands.mix import mix
from mixtrial.commands.study.backup import backup, restore
from mixtrial.commands.study.build import build
from mixtrial.commands.study.check import check
from mixtrial.commands.study.plan import plan
from mixtrial.commands.study.serve import serve
from mixtrial.commands.study.simulate import simulate
from mixtrial.commands.version import version

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="mixtrial",
    help="Listening tests for music mixes: make the mixes, ask listeners, answer with statistics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
ROOMS: dict[str, tuple[Callable[..., None], ...]] = {
    "Begin": (demo, version),
    "Make mixes": (mix,),
    "Teach networks": (separate, prepare, train, evaluate),
    "Run a study": (plan, check, build, serve, simulate, backup, restore),
    "Answer": (export, report, archive),
}
for room, commands in ROOMS.items():
    for command in commands:
        app.command(rich_help_panel=room)(command)


def main() -> None:
    """Run the command line; bad input ends with one sentence and exit code 2."""
    try:
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
    """Return what to tell the reader about ``error``; None when it is a fault of our own."""
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror.lower()}"
    return str(error) if isinstance(error, _errors_for_the_reader()) else None


def _errors_for_the_reader() -> tuple[type[Exception], ...]:
    # Imported only when something went wrong, so that help and version stay fast.
    from analysis.ratings.table import RatingsError
    from db.records import StoreError
    from mixing.audio import AudioError
    from mixing.learning.weight_files import WeightsError
    from mixing.systems.registry import UnknownSystemError
    from mixtrial.server.settings import SettingsError
    from stimuli.study.study import StudyError

    return (
        AudioError,
        UnknownSystemError,
        WeightsError,
        StudyError,
        StoreError,
        RatingsError,
        SettingsError,
    )
