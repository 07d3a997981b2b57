"""Plug-ins from other installed packages, found by entry points and loaded when needed.

Conventions
-----------
An entry point of a group such as ``mixtrial.systems`` names a module of the same form as the files
beside that kind's registry. A plug-in that cannot be used causes an error message and nothing else.
If two entries have the same name, the first one is kept: mixtrial's own entry, or the earlier
plug-in.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Generic, TypeVar

T = TypeVar("T")

_LOG = logging.getLogger("mixtrial.plugins")


class PluginError(ValueError):
    """Error for a plug-in that cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry point: its kind (such as ``systems``), its name, its module and its package."""

    kind: str
    name: str
    module: str
    package: str
    version: str

    def __str__(self) -> str:
        return f"The plug-in {self.name!r} of the package {self.package} {self.version}"

    def load(self) -> ModuleType:
        """Return the plug-in's module. Raise ``PluginError`` if loading fails for any reason."""
        try:
            return importlib.import_module(self.module)
        except (Exception, SystemExit) as error:
            raise self.fault(error) from error

    def fault(self, error: BaseException) -> PluginError:
        """Error message for an error that occurred when the plug-in was loaded or checked."""
        said = str(error).strip().partition("\n")[0]
        reason = f"{type(error).__name__}{': ' if said else ''}{said.removesuffix('.')}"
        return PluginError(f"{self} ({self.kind}) cannot be used: {reason}.")

    def code_folder(self) -> Path:
        """Folder of the module's package, or the file of the module if there is no such folder."""
        found = find_spec(self.module.partition(".")[0])
        if found is None or found.origin is None:
            raise PluginError(f"{self} ({self.kind}) cannot be used: its package is not installed.")
        file = Path(found.origin)
        return file.parent if found.submodule_search_locations else file


@dataclass(frozen=True, slots=True)
class Catalogue(Generic[T]):
    """Entries of a kind by name, and one error message per plug-in that cannot be used."""

    entries: dict[str, T]
    faults: dict[Plugin, str]

    def told(self) -> dict[str, T]:
        """Entries by name; errors of plug-ins are printed on standard error."""
        for sentence in self.faults.values():
            _LOG.warning("mixtrial: %s", sentence)
        return self.entries


@cache
def plugins(kind: str) -> tuple[Plugin, ...]:
    """Plug-ins of a kind, sorted by name and package; they are not loaded."""
    found = {
        Plugin(kind, each.name, each.value, each.dist.name, each.dist.version)
        for each in entry_points(group=f"mixtrial.{kind}")
        if each.dist is not None
    }
    return tuple(sorted(found, key=lambda each: (each.name, each.package)))


def catalogue(
    kind: str,
    package: ModuleType,
    without: Collection[str],
    entries_of: Callable[[str, ModuleType], Mapping[str, T]],
) -> Catalogue[T]:
    """Entries of the modules of a package (except modules in ``without``), and of plug-ins.

    ``entries_of`` returns the entries of a module, given the module and a name; see
    :func:`with_plugins`.
    """
    own: dict[str, T] = {}
    for name in sorted({each.name for each in iter_modules(package.__path__)} - set(without)):
        own |= entries_of(name, importlib.import_module(f"{package.__name__}.{name}"))
    return with_plugins(kind, own, entries_of)


def with_plugins(
    kind: str, own: Mapping[str, T], entries_of: Callable[[str, ModuleType], Mapping[str, T]]
) -> Catalogue[T]:
    """Entries of mixtrial itself, and entries of plug-ins.

    Parameters
    ----------
    kind
        Kind of the plug-ins, such as ``systems``.
    own
        Entries of mixtrial itself.
    entries_of
        Function that returns the entries of a module, given the module and the name of its entry
        point. ``entries_of`` raises an error if the module does not have the right form.
    """
    found, faults = dict(own), {}
    for plugin in plugins(kind):
        try:
            more = _entries_of(plugin, entries_of)
            taken = sorted(set(more) & set(found))
            if taken:
                raise PluginError(
                    f"{plugin} ({kind}) cannot be used: the name {taken[0]!r} is already used."
                )
        except PluginError as error:
            faults[plugin] = str(error)
        else:
            found |= more
    return Catalogue(found, faults)


def _entries_of(
    plugin: Plugin, entries_of: Callable[[str, ModuleType], Mapping[str, T]]
) -> Mapping[str, T]:
    module = plugin.load()
    try:
        return entries_of(plugin.name, module)
    except Exception as error:
        raise plugin.fault(error) from error
