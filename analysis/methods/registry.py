"""All available methods; they are found in the package, so there is no list to maintain.

Other installed packages can add methods: with entry points of the group ``mixtrial.methods``.
"""

from collections.abc import Collection
from functools import cache
from types import ModuleType

import analysis.methods
from analysis.methods.base import Method
from mixing.plugins import Catalogue, Plugin, catalogue

_NOT_METHODS = {
    "base", "group_residuals", "latent_ratings", "model_rows", "planned", "registry",
}  # fmt: skip


@cache
def methods() -> dict[str, Method]:
    """Each method with its key, in the order in which sections are computed and read.

    A module has either one `METHOD`, whose key is the name of the module, or `METHODS` with one key
    for each.
    """
    found = _catalogue().told()
    return dict(sorted(found.items(), key=lambda item: item[1].place))


def plugin_faults() -> dict[Plugin, str]:
    """A sentence about each plug-in that cannot be used."""
    return _catalogue().faults


def _catalogue() -> Catalogue[Method]:
    return catalogue("methods", analysis.methods, _NOT_METHODS, _entries)


def _entries(name: str, module: ModuleType) -> dict[str, Method]:
    found = module.METHODS if hasattr(module, "METHODS") else {name: module.METHOD}
    if not all(isinstance(method, Method) for method in found.values()):
        raise TypeError("METHOD of the module is not a Method.")
    return dict(found)


def methods_for(also: Collection[str]) -> dict[str, Method]:
    """Methods of an analysis: those that always run, and those that were requested by name.

    Raises
    ------
    ValueError
        There is no method with the requested name.
    """
    known = {method.on_request for method in methods().values()} - {""}
    for name in also:
        if name not in known:
            raise ValueError(f"There is no analysis {name!r}; choose {', '.join(known)}.")
    return {key: m for key, m in methods().items() if not m.on_request or m.on_request in also}


def shown_as_tables() -> dict[str, str]:
    """Titles of the methods that the report shows as plain tables, each with the method's key."""
    return {key: method.title for key, method in methods().items() if method.title}
