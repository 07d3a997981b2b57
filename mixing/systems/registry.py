"""Every mixing system there is: found by looking into the package, never listed by hand.

A system is one file of :mod:`mixing.systems` with a ``NAME`` and a ``create`` (see
:mod:`mixing.systems.base`). Names are read from the files without running them, so that asking
which systems exist does not load any network or filter.
"""

from __future__ import annotations

import ast
import importlib
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import cast

from mixing.systems.base import MixingSystem, SystemSettings

_NOT_SYSTEMS = {"__init__", "base", "registry"}


class UnknownSystemError(ValueError):
    """A system name nobody answers to; the message is one sentence meant for the user."""


def system_names() -> tuple[str, ...]:
    """Names of all systems, sorted."""
    return tuple(sorted(_modules()))


def create_system(name: str, settings: SystemSettings | None = None) -> MixingSystem:
    """System called ``name``, ready to mix.

    Raises
    ------
    UnknownSystemError
        No system has that name; the message suggests the nearest.
    AudioError
        The settings do not suit the system, e.g. ``human`` without a reference.
    """
    return cast(MixingSystem, _module(name).create(settings or SystemSettings()))


def takes_weights(name: str) -> bool:
    """Whether a system uses the folder of weights of its settings; raise as `create_system`."""
    module = _module(name)
    return hasattr(module, "TAKES_WEIGHTS") and bool(module.TAKES_WEIGHTS)


def _module(name: str) -> ModuleType:
    modules = _modules()
    if name not in modules:
        raise UnknownSystemError(_unknown(name, tuple(sorted(modules))))
    return importlib.import_module(f"mixing.systems.{modules[name]}")


def _unknown(name: str, known: tuple[str, ...]) -> str:
    nearest = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else f"; there are {', '.join(known)}"
    return f"there is no mixing system {name!r}{hint}"


@lru_cache(maxsize=1)
def _modules() -> dict[str, str]:
    """Module of each system name."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        name = None if path.stem in _NOT_SYSTEMS else _declared_name(path)
        if name is not None:
            found[name] = path.stem
    return found


def _declared_name(path: Path) -> str | None:
    """Value of a module-level ``NAME = "..."`` (or ``NAME: Final = "..."``), None without one."""
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
