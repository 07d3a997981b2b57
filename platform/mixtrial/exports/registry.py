"""Registry of all exports, which are found in the package and never listed by hand.

Other installed packages can add exports (entry points of the group ``mixtrial.exports``).
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

import mixtrial.exports
from mixing.plugins import Catalogue, Plugin, catalogue
from mixtrial.exports.table import Export
from stimuli.study.study import Study

_NOT_EXPORTS = {
    "answer_columns", "column_meanings", "csv_text", "registry", "sav", "studies", "table",
    "variable_names",
}  # fmt: skip


@cache
def exports() -> dict[str, Export]:
    """Each export by its name, in the order in which the dashboard offers them.

    The module of an export has either one export, ``EXPORT``, with the module's name, or several,
    ``EXPORTS``, with their own names.
    """
    found = _catalogue().told()
    return dict(sorted(found.items(), key=lambda item: item[1].place))


def plugin_faults() -> dict[Plugin, str]:
    """One sentence for each plug-in that cannot be used."""
    return _catalogue().faults


def _catalogue() -> Catalogue[Export]:
    return catalogue("exports", mixtrial.exports, _NOT_EXPORTS, _entries)


def _entries(name: str, module: ModuleType) -> dict[str, Export]:
    found = module.EXPORTS if hasattr(module, "EXPORTS") else {name: module.EXPORT}
    if not all(isinstance(each, Export) for each in found.values()):
        raise TypeError(
            "The variable EXPORT (or an entry of EXPORTS) must be an object of the class Export."
        )
    return dict(found)


def offered_exports(study: Study) -> dict[str, Export]:
    """Exports that can have rows in a study."""
    return {name: each for name, each in exports().items() if each.is_offered(study)}


def export_names() -> tuple[str, ...]:
    """Names of all exports, sorted."""
    return tuple(sorted(exports()))
