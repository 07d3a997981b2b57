"""All available mixing systems; they are found in the package, and no list is needed.

A system is a file in :mod:`mixing.systems`, or a module of another installed package (entry points
of the group ``mixtrial.systems``). The file of a system defines ``NAME`` and ``create`` (see
:mod:`mixing.systems.base`). Names are read without running the files, so listing the systems loads
no network and no filter.
"""

from __future__ import annotations

import ast
import importlib
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import cast

from mixing.plugins import Plugin, plugins, with_plugins
from mixing.systems.base import MixingSystem, SystemSettings

KIND = "systems"

_NOT_SYSTEMS = {"__init__", "base", "levels", "registry", "song_files"}


class UnknownSystemError(ValueError):
    """Error for a system name that does not exist; the message is one sentence for the user."""


def system_names() -> tuple[str, ...]:
    """Names of all systems, sorted."""
    return tuple(sorted({*_modules(), *_plugins()}))


def create_system(name: str, settings: SystemSettings | None = None) -> MixingSystem:
    """The system with this ``name``, ready to mix.

    Raises
    ------
    UnknownSystemError
        No system has this name; the error message suggests the most similar name.
    PluginError
        The system is a plug-in that cannot be used.
    AudioError
        The settings are not valid for this system, for example ``human`` without a reference.
    """
    return cast(MixingSystem, _module(name).create(settings or SystemSettings()))


def takes_weights(name: str) -> bool:
    """Whether a system uses a folder of weights. Raises the errors of `create_system`."""
    module = _module(name)
    return hasattr(module, "TAKES_WEIGHTS") and bool(module.TAKES_WEIGHTS)


def takes_reference(name: str) -> bool:
    """Whether a system imitates the reference in its settings; False for an unknown system."""
    try:
        module = _module(name)
    except UnknownSystemError:
        return False
    return hasattr(module, "TAKES_REFERENCE") and bool(module.TAKES_REFERENCE)


def plugin_code(name: str) -> Path | None:
    """Folder (or file) with the code of a plug-in's system; None for a system of mixtrial."""
    return _plugins()[name].code_folder() if name in _plugins() else None


def plugin_faults() -> dict[Plugin, str]:
    """An error message for each plug-in that cannot be used; all are loaded to find them."""
    own: dict[str, ModuleType | None] = dict.fromkeys(_modules())
    return with_plugins(KIND, own, _checked).faults


def _module(name: str) -> ModuleType:
    modules = _modules()
    if name in modules:
        return importlib.import_module(f"mixing.systems.{modules[name]}")
    if name not in _plugins():
        raise UnknownSystemError(_unknown(name, system_names()))
    plugin = _plugins()[name]
    module = plugin.load()
    try:
        return _checked(name, module)[name]
    except (AttributeError, ValueError) as error:
        raise plugin.fault(error) from error


def _checked(name: str, module: ModuleType) -> dict[str, ModuleType]:
    """Module of a plug-in. Raises an error if the module does not have a system's form."""
    if name != module.NAME:
        raise ValueError(
            f"The NAME of the system is {module.NAME!r}, but its entry point is called {name!r}."
        )
    if not callable(module.create):
        raise ValueError("The value of create in the system's module is not a function.")
    return {name: module}


def _plugins() -> dict[str, Plugin]:
    """Plug-ins by system name; if two plug-ins have the same name, the first one is used."""
    found: dict[str, Plugin] = {}
    for plugin in plugins(KIND):
        if plugin.name not in _modules():
            found.setdefault(plugin.name, plugin)
    return found


def _unknown(name: str, known: tuple[str, ...]) -> str:
    nearest = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {nearest[0]!r}?" if nearest else f"There are {', '.join(known)}."
    return f"There is no mixing system {name!r}. {hint}"


@lru_cache(maxsize=1)
def _modules() -> dict[str, str]:
    """Module of each system, by name."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        name = None if path.stem in _NOT_SYSTEMS else _declared_name(path)
        if name is not None:
            found[name] = path.stem
    return found


def _declared_name(path: Path) -> str | None:
    """Value of a module-level ``NAME = "..."`` or ``NAME: Final = "..."``; None if absent."""
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign):
            targets: list[ast.expr] = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        named = any(isinstance(target, ast.Name) and target.id == "NAME" for target in targets)
        if named and isinstance(statement.value, ast.Constant):
            return str(statement.value.value)
    return None
