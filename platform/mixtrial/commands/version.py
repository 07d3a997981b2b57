"""``mixtrial version``: installed versions in two lines, for a paper or a bug report."""

from __future__ import annotations

import platform

import typer

import mixtrial
from mixtrial.terminal.extras import installed_extras


def version() -> None:
    """Print the versions of mixtrial and Python, and the installed extras."""
    typer.echo(f"mixtrial {mixtrial.__version__} (Python {platform.python_version()})")
    found = installed_extras()
    there = [extra for extra, is_there in found.items() if is_there]
    missing = [extra for extra, is_there in found.items() if not is_there]
    typer.echo(f"extras: {', '.join(there) or 'none'}; missing: {', '.join(missing) or 'none'}")
