"""Registry of all tools whose studies are read; found in the package, never listed by hand."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from pkgutil import iter_modules

from mixtrial.imports.reading.project import Project, projects_at
from mixtrial.imports.studies import readers
from mixtrial.imports.studies.imported_study import StudyReader
from stimuli.study.study import StudyError

MOST_NAMED = 6


@cache
def study_readers() -> dict[str, StudyReader]:
    """Reader of each tool, by the name of its file."""
    names = sorted(each.name for each in iter_modules(readers.__path__))
    return {name: importlib.import_module(f"{readers.__name__}.{name}").READER for name in names}


def found_projects(path: Path) -> list[tuple[Project, StudyReader]]:
    """All projects of other tools at a path, each with its reader."""
    return [
        (project, reader)
        for project in projects_at(path)
        for reader in study_readers().values()
        if reader.is_mine(project.legible)
    ]


def found_project(path: Path) -> tuple[Project, StudyReader]:
    """The only project of another tool at a path, and its reader.

    Raises
    ------
    StudyError
        The path holds no project of another tool, or more than one.
    """
    found = found_projects(path)
    tools = ", ".join(reader.tool for reader in study_readers().values())
    if not found:
        raise StudyError(f"{path} holds no study of a known tool ({tools}).")
    if len(found) > 1:
        names = [str(project.file) for project, _ in found]
        shown = ", ".join(names[:MOST_NAMED]) + (" and more" if names[MOST_NAMED:] else "")
        raise StudyError(f"{path} holds {len(found)} studies; name one of them: {shown}.")
    return found[0]
