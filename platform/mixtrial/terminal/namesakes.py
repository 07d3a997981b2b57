"""Other files and packages named like mixtrial's packages, which would be imported instead."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import mixtrial

FLOORS = ("analysis", "db", "mixing", "stimuli")
"""The packages beside ``mixtrial``, in a wheel or in a checkout."""


class NamesakeError(ValueError):
    """Another module has the name of one of our packages, and Python finds it first."""


def check_namesakes() -> None:
    """Raise ``NamesakeError`` if Python would import another module in place of our package."""
    own = Path(str(mixtrial.__file__)).resolve().parent.parent
    for name in FLOORS:
        found = find_spec(name)
        place = Path(found.origin).resolve() if found and found.origin else None
        if place not in {folder / name / "__init__.py" for folder in (own, own.parent)}:
            where = f"{place} is imported" if place else "nothing is found"
            raise NamesakeError(
                f"Python does not find mixtrial's own package {name} ({where}). Start in another "
                "folder, or install mixtrial in its own virtual environment."
            )
