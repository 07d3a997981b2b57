"""Version of the program: the commit of its Git checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path


def commit_of_the_program() -> str:
    """First 12 digits of the Git commit; ``"unknown"`` without a Git checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.stdout.strip()
