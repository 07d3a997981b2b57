"""Options that several commands share, each defined once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from analysis.ratings.table import RatingsError
from analysis.scale import Scale, scale_from_text
from mixtrial.server.settings import SettingsError

StimuliFolder = Annotated[
    Path | None, typer.Option(help="Folder that `mixtrial build` wrote; default: build/.")
]
"""Folder of a study's build; None for the one beside the study file."""

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        help="Database URL; default: mixtrial.sqlite beside the study file.",
        envvar="MIXTRIAL_DATABASE_URL",
    ),
]
"""As SQLAlchemy writes it; None for the file beside the study file."""

Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Address of a Dask scheduler; its workers do the work."),
]
"""Such as ``tcp://10.0.0.1:8786``; None for this machine."""

WithUnfinished = Annotated[
    bool, typer.Option("--unfinished", help="Include participants who have not finished.")
]
"""Of a table that is written; else it has those who finished."""

WithoutSimulated = Annotated[
    bool | None,
    typer.Option(
        "--without-simulated/--with-simulated",
        help="Exclude simulated participants; default: exclude them if there are real ones.",
    ),
]
"""Of a table that is written."""


def check_out_folder(out: Path) -> None:
    """Raise ``SettingsError``, before any work, if the folder given by ``--out`` cannot be used."""
    there = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not there.is_dir():
        raise SettingsError(f"{there} is a file; --out takes a folder.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise SettingsError(f"The folder {there} cannot be written; name another by --out.")


def is_study_file(source: Path) -> bool:
    """Whether a source is a study, and neither an archive nor a table."""
    return source.suffix.lower() in {".yaml", ".yml"}


def scale_option(text: str | None) -> Scale | None:
    """Scale that ``--scale`` names, such as 1:5 or 1:5:1; None if it was not given.

    Raises
    ------
    RatingsError
        It names none.
    """
    try:
        return None if text is None else scale_from_text(text)
    except ValueError as error:
        raise RatingsError(f"--scale: {error}") from None
