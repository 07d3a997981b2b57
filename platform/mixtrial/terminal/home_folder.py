"""A home folder for accounts without one, such as nameless users in containers and clusters.

Streamlit and the browser that draws figures fail without the user's home folder. Without the user's
home folder, numba makes a folder called ``~`` in the current folder.
"""

from __future__ import annotations

import os
from pathlib import Path


def name_a_home() -> None:
    """Set ``HOME`` to a folder for this process and its children; nothing is stored there."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = "/nonexistent"  # Debian's name for the home of accounts without a home
