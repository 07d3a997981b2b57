"""Every page type there is: found by looking into the package, never listed by hand.

A page type is one file of :mod:`stimuli.page_types` with a class called ``Options``, whose field
``type`` has its name.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import stimuli.page_types
from stimuli.page_types.base import PartOptions


@cache
def page_types() -> dict[str, type[PartOptions]]:
    """Class of each page type's keys, by the type's name, sorted."""
    found = {}
    for name in sorted(each.name for each in pkgutil.iter_modules(stimuli.page_types.__path__)):
        module = importlib.import_module(f"stimuli.page_types.{name}")
        if hasattr(module, "Options"):  # else a file that types share
            options: type[PartOptions] = module.Options
            found[str(options.model_fields["type"].default)] = options
    return found
