"""``mixtrial import study``: a study of another tool as a folder with a study of mixtrial."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mixtrial.imports.studies.write_study import REPORT_FILE, STUDY_FILE, Import, import_study


def study(
    project: Annotated[
        Path,
        typer.Argument(help="Settings file of another tool, or a folder with one such file."),
    ],
    out: Annotated[Path, typer.Option(help="New folder to write: study.yaml, audio, import.md.")],
) -> None:
    """Convert a study of another tool, with a report on each line of its settings."""
    done = import_study(project, out)
    n_left = len(done.study.as_they_are)
    typer.echo(f"{done.tool}: {_counted(len(done.study.pages), 'page')} with sound taken.")
    if n_left:
        typer.echo(f"{_counted(n_left, 'page')} without a counterpart: see {out / REPORT_FILE}.")
    if done.n_missing:
        typer.echo(f"{_counted(done.n_missing, 'audio file')} could not be taken.", err=True)
    typer.echo(_notes(done))
    typer.echo(f"wrote {out / STUDY_FILE}; read {out / REPORT_FILE}, then: ", nl=False)
    typer.echo(f"mixtrial check {out / STUDY_FILE}")


def _notes(done: Import) -> str:
    lost, assumed = done.count("lost"), done.count("assumed")
    return f"{_counted(lost, 'key')} without a counterpart, {_counted(assumed, 'assumption')}."


def _counted(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}"
