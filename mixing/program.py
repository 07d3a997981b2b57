"""Version of the program, which is the commit of its Git checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path


def commit_of_the_program() -> str:
    """First twelve digits of the Git commit; ``"unknown"`` outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.stdout.strip()
