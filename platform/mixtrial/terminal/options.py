"""Options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.ratings.table import RatingsError
from analysis.scale import Scale, scale_from_text

StimuliFolder = Annotated[
    Path | None, typer.Option(help="Where `mixtrial build` wrote; default: build/.")
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

WithUnfinished = Annotated[
    bool, typer.Option("--unfinished", help="Keep participants who have not finished.")
]
"""Of a table that is written; else it has those who finished."""

WithoutSimulated = Annotated[
    bool, typer.Option("--without-simulated", help="Leave simulated participants out.")
]
"""Of a table that is written."""


def is_study_file(source: Path) -> bool:
    """Whether a source is a study, and neither an archive nor a table."""
    return source.suffix.lower() in {".yaml", ".yml"}


def scale_option(text: str | None) -> Scale | None:
    """Scale that ``--scale`` names, such as 1:5 or 1:5:1; None where it was not given.

    Raises
    ------
    RatingsError
        It names none.
    """
    try:
        return None if text is None else scale_from_text(text)
    except ValueError as error:
        raise RatingsError(f"--scale: {error}") from None
