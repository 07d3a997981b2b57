"""Registry of the archive's files for other programs, found by searching this package."""

from __future__ import annotations

import importlib
from functools import cache
from pkgutil import iter_modules

import mixtrial.reporting.archive_files as package
from mixtrial.reporting.archive_files.archive_file import ArchiveFile

_NOT_FILES = {"analysed_rows", "archive_file", "registry", "script_text", "tables"}


@cache
def archive_files() -> tuple[ArchiveFile, ...]:
    """The files of the archive in the order in which they are written."""
    names = sorted({each.name for each in iter_modules(package.__path__)} - _NOT_FILES)
    found = [importlib.import_module(f"{package.__name__}.{name}").FILE for name in names]
    return tuple(sorted(found, key=lambda file: file.place))
