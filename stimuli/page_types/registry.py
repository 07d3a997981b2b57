"""Registry of all page types, which are found in the package and never listed by hand.

A page type is one file of :mod:`stimuli.page_types`, or of another installed package (entry points
of the group ``mixtrial.page_types``). The file has a class called ``Options``, and the class has a
field ``type`` with the name of the page type. A plug-in's JavaScript file is beside its Python file
and has the same name.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import stimuli.page_types
from mixing.plugins import Catalogue, Plugin, with_plugins
from stimuli.page_types.base import PartOptions


@cache
def page_types() -> dict[str, type[PartOptions]]:
    """Classes of the page types' keys, sorted by the names of the page types."""
    return dict(sorted(_catalogue().told().items()))


def plugin_faults() -> dict[Plugin, str]:
    """One sentence for each plug-in that cannot be used."""
    return _catalogue().faults


def plugin_scripts() -> dict[str, Path]:
    """For each page type from a plug-in, the file that the browser runs."""
    paths = {name: _script(sys.modules[each.__module__]) for name, each in page_types().items()}
    return {name: path for name, path in paths.items() if path.is_file()}


def _catalogue() -> Catalogue[type[PartOptions]]:
    found = {}
    for name in sorted(each.name for each in pkgutil.iter_modules(stimuli.page_types.__path__)):
        module = importlib.import_module(f"stimuli.page_types.{name}")
        if hasattr(module, "Options"):  # modules without Options only help page types
            options: type[PartOptions] = module.Options
            found[str(options.model_fields["type"].default)] = options
    return with_plugins("page_types", found, _of_plugin)


def _of_plugin(name: str, module: ModuleType) -> dict[str, type[PartOptions]]:
    options: type[PartOptions] = module.Options
    if not issubclass(options, PartOptions):
        raise TypeError("The plug-in's class Options does not derive from PartOptions.")
    if options.model_fields["type"].default != name:
        raise ValueError(f"The type of the plug-in's class Options is not {name!r}.")
    if not _script(module).is_file():
        raise ValueError(f"The script {_script(module).name} is missing beside the module.")
    return {name: options}


def _script(module: ModuleType) -> Path:
    return Path(str(module.__file__)).with_suffix(".js")
