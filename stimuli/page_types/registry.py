"""Every page type there is: found by looking into the package, never listed by hand.

A page type is one file of :mod:`stimuli.page_types` with a class called ``Options``, whose field
``type`` has its name.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from stimuli.page_types.base import PartOptions

_NOT_TYPES = {"__init__", "base", "pairs", "registry"}


@cache
def page_types() -> dict[str, type[PartOptions]]:
    """Class of each page type's keys, by the type's name, sorted."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in _NOT_TYPES:
            module = importlib.import_module(f"stimuli.page_types.{path.stem}")
            options: type[PartOptions] = module.Options
            found[str(options.model_fields["type"].default)] = options
    return found
