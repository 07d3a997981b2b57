"""A home for accounts that have none: containers and clusters may run us as a nameless number.

Streamlit and the browser that draws figures need the user's home and fail without one; numba makes
a folder called ``~`` in the current folder.
"""

from __future__ import annotations

import os
from pathlib import Path


def name_a_home() -> None:
    """Let ``HOME`` name a folder, for this process and those it starts; nothing is kept there."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = "/nonexistent"  # Debian's name for the home of those without one
