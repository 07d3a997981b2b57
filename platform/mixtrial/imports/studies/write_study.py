"""Imported study as a folder: study.yaml, audio, import.md; written completely or not at all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from mixtrial.imports.reading.notes import Note, Notes, shortened
from mixtrial.imports.reading.project import Project
from mixtrial.imports.studies.import_report import import_report
from mixtrial.imports.studies.imported_study import ImportedStudy, StudyReader
from mixtrial.imports.studies.registry import found_project
from mixtrial.imports.studies.study_file import StudyFile
from stimuli.loading.load import load_study
from stimuli.study.new_folder import new_folder, refuse_filled
from stimuli.study.study import StudyError

STUDY_FILE, REPORT_FILE = "study.yaml", "import.md"


@dataclass(frozen=True, slots=True)
class Import:
    """Result of an import: the tool, the study, and its notes."""

    tool: str
    study: ImportedStudy
    notes: tuple[Note, ...]

    n_missing: int

    def count(self, kind: str) -> int:
        """Number of notes of a given kind."""
        return sum(note.kind == kind for note in self.notes)


def import_study(path: Path, out: Path, title: str = "") -> Import:
    """Read the study of another tool at ``path`` and write it as the new folder ``out``.

    Parameters
    ----------
    path
        Settings file of the study, or a folder with one such file.
    out
        The new folder.
    title
        Name of the study, which replaces the name in the settings.

    Raises
    ------
    StudyError
        The path holds no study, no page of the study has a counterpart, or the folder ``out`` is
        not empty.
    """
    refuse_filled(out)
    project, reader = found_project(path)
    notes = Notes()
    study = reader.read(project, notes)
    if not study.pages:
        raise StudyError(
            _without_sounds(project, notes.missing)
            if notes.missing
            else _why_nothing(project, study, notes.made)
        )
    if title:
        study = replace(study, title=title)
    with new_folder(out) as folder:
        study = _write(folder, project, reader, study, notes)
    return Import(reader.tool, study, tuple(notes.made), len(notes.missing))


def _write(
    folder: Path, project: Project, reader: StudyReader, study: ImportedStudy, notes: Notes
) -> ImportedStudy:
    """Write the files of the study; return the study with those pages that have files."""
    n_notes = len(notes.made)
    file = StudyFile(study, notes)
    study = replace(study, pages=tuple(file.pages))
    if not study.pages:
        raise StudyError(_why_nothing(project, study, notes.made[n_notes:]))
    for place, source in file.copies.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / place)
    (folder / STUDY_FILE).write_text(_as_yaml(file.keys), encoding="utf-8")
    report = import_report(project, reader.tool, study, notes.made, len(file.copies))
    (folder / REPORT_FILE).write_text(report, encoding="utf-8")
    try:
        load_study(folder / STUDY_FILE)
    except StudyError as error:
        raise StudyError(_why_not(project, folder, error)) from None
    return study


def _without_sounds(project: Project, missing: list[Note]) -> str:
    """One sentence that names the first missing audio files, if they prevent all pages."""
    files = dict.fromkeys(f"line {note.line}: {note.text}" for note in missing)
    shown = "; ".join(shortened(each) for each in list(files)[:3])
    return (
        f"No page of {project.file.name} has its sounds ({shown}), so nothing was written. Put the "
        "audio where the settings look for it."
    )


def _why_nothing(project: Project, study: ImportedStudy, notes: list[Note]) -> str:
    """One sentence with the reasons why no page could be used, each with its line numbers."""
    lines: dict[str, list[str]] = {}
    for page in study.as_they_are:
        lines.setdefault(f"{page.what}: {page.why}", []).append(str(page.line))
    reasons = [
        f"line{'s' * (len(each) > 1)} {', '.join(each)}: {what}" for what, each in lines.items()
    ]
    reasons = reasons or [f"line {note.line}: {note.text}" for note in notes if note.kind == "lost"]
    shown = "; ".join(shortened(reason) for reason in reasons[:3]) or "it has no page with sound"
    return f"No page of {project.file.name} has a counterpart ({shown}), so nothing was written."


def _why_not(project: Project, folder: Path, error: StudyError) -> str:
    """A fault of the study file, which is not yet written; therefore without line numbers."""
    fault = re.sub(rf"^{re.escape(STUDY_FILE)}(, line \d+)?: ", "", str(error))
    fault = fault.replace(str(folder / STUDY_FILE), "the study file of it")
    return (
        f"{project.file.name} has settings that no study can have, so nothing was written. "
        f"{shortened(fault)}"
    )


class _PlainDumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        """Write repeated values in full, because aliases are not allowed in study files."""
        return True


def _as_yaml(keys: Mapping[str, object]) -> str:
    head = f"# Imported from another tool; {REPORT_FILE} says what became of each of its lines.\n"
    return head + yaml.dump(
        keys, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=100
    )
