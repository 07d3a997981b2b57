"""Interface of the functions that export a study for another tool, and the list of these tools."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from pkgutil import iter_modules

from mixtrial.exports import studies
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study


@dataclass(frozen=True, slots=True)
class StudyWriter:
    """Writer of a study into an empty folder, in the format of a tool.

    ``write`` returns one sentence for each setting that does not exist in the tool.
    """

    tool: str
    write: Callable[[Study, Manifest, Path], tuple[str, ...]]


def writer_names() -> tuple[str, ...]:
    """Sorted names of the tools that a study can be written for."""
    own = __name__.rpartition(".")[2]
    return tuple(sorted(each.name for each in iter_modules(studies.__path__) if each.name != own))


def study_writer(name: str) -> StudyWriter:
    """The writer for a tool, one of :func:`writer_names`."""
    writer: StudyWriter = importlib.import_module(f"{studies.__name__}.{name}").WRITER
    return writer
