"""``mixtrial version``: what is installed, in one line to paste into a report or a bug note."""

from __future__ import annotations

import platform

import typer

import mixtrial


def version() -> None:
    """Print the versions of mixtrial and of Python."""
    typer.echo(f"mixtrial {mixtrial.__version__} (Python {platform.python_version()})")
