"""Registry of results formats; it finds them in the folder, so nobody has to list them."""

from __future__ import annotations

import importlib
from functools import cache
from pkgutil import iter_modules

import mixtrial.imports.results.formats
from analysis.ratings.table import RatingsError
from mixtrial.imports.results.format import ResultsFormat
from mixtrial.imports.results.results_file import ResultsFile


@cache
def formats() -> dict[str, ResultsFormat]:
    """All formats, by module name; each module defines its format as ``FORMAT``."""
    package = mixtrial.imports.results.formats
    names = sorted(each.name for each in iter_modules(package.__path__))
    return {name: importlib.import_module(f"{package.__name__}.{name}").FORMAT for name in names}


def format_of(file: ResultsFile) -> ResultsFormat | None:
    """Format of a file; None if the file has no known format.

    Raises
    ------
    RatingsError
        The file could have either of two formats.
    """
    found = [each for each in formats().values() if each.is_mine(file)]
    if len(found) > 1:
        names = " and ".join(each.title for each in found)
        raise RatingsError(f"{file.name} could be {names}; remove the columns of one of them.")
    return found[0] if found else None
