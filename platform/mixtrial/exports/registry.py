"""Every format there is: found by looking into the package, never listed by hand."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import mixtrial.exports
from mixtrial.exports.table import Format
from stimuli.study.study import Study

_NOT_FORMATS = {"answer_columns", "column_meanings", "csv_text", "registry", "table"}


@cache
def formats() -> dict[str, Format]:
    """Each format by its name, in the order in which the dashboard offers them.

    A module has ``FORMAT``, whose name is the module's, or ``FORMATS``, each with its name.
    """
    names = {each.name for each in pkgutil.iter_modules(mixtrial.exports.__path__)} - _NOT_FORMATS
    found: dict[str, Format] = {}
    for name in sorted(names):
        module = importlib.import_module(f"mixtrial.exports.{name}")
        found |= module.FORMATS if hasattr(module, "FORMATS") else {name: module.FORMAT}
    return dict(sorted(found.items(), key=lambda item: item[1].place))


def offered_formats(study: Study) -> dict[str, Format]:
    """Those of them of which a study can have rows."""
    return {name: each for name, each in formats().items() if each.is_offered(study)}


def format_names() -> tuple[str, ...]:
    """Names of all formats, sorted."""
    return tuple(sorted(formats()))
