"""Options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
