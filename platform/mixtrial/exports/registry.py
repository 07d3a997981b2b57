"""Every export there is: found by looking into the package, never listed by hand."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import mixtrial.exports
from mixtrial.exports.table import Export
from stimuli.study.study import Study

_NOT_EXPORTS = {"answer_columns", "column_meanings", "csv_text", "registry", "table", "text_tables"}


@cache
def exports() -> dict[str, Export]:
    """Each export by its name, in the order in which the dashboard offers them.

    A module has ``EXPORT``, whose name is the module's, or ``EXPORTS``, each with its name.
    """
    names = {each.name for each in pkgutil.iter_modules(mixtrial.exports.__path__)} - _NOT_EXPORTS
    found: dict[str, Export] = {}
    for name in sorted(names):
        module = importlib.import_module(f"mixtrial.exports.{name}")
        found |= module.EXPORTS if hasattr(module, "EXPORTS") else {name: module.EXPORT}
    return dict(sorted(found.items(), key=lambda item: item[1].place))


def offered_exports(study: Study) -> dict[str, Export]:
    """Those of them of which a study can have rows."""
    return {name: each for name, each in exports().items() if each.is_offered(study)}


def export_names() -> tuple[str, ...]:
    """Names of all exports, sorted."""
    return tuple(sorted(exports()))
