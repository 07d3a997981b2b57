"""Every format there is: found by looking into the package, never listed by hand.

Names are those of the files, which are not run for it, so that asking which formats exist
loads nothing.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

import mixtrial.exports

if TYPE_CHECKING:
    from mixtrial.exports.table import Format
    from stimuli.study.study import Study

_NOT_FORMATS = {"base", "registry"}


def format_names() -> tuple[str, ...]:
    """Names of all formats, sorted."""
    names = {each.name for each in pkgutil.iter_modules(mixtrial.exports.__path__)}
    return tuple(sorted(names - _NOT_FORMATS))


@cache
def formats() -> dict[str, Format]:
    """Each format by its name, in the order in which the dashboard offers them."""
    found: dict[str, Format] = {
        name: importlib.import_module(f"mixtrial.exports.{name}").FORMAT for name in format_names()
    }
    return dict(sorted(found.items(), key=lambda item: item[1].place))


def offered_formats(study: Study) -> dict[str, Format]:
    """Those of them of which a study can have rows."""
    return {name: each for name, each in formats().items() if each.is_offered(study)}
