"""``mixtrial version``: what is installed, in one line to paste into a report or a bug note."""

from __future__ import annotations

import platform
from importlib.metadata import version as installed_version

import typer


def version() -> None:
    """Print the versions of mixtrial and of Python."""
    typer.echo(f"mixtrial {installed_version('mixtrial')} (Python {platform.python_version()})")
