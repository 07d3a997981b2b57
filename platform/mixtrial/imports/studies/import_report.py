"""``import.md``: what became of each line of another tool's study."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mixtrial.imports.reading.notes import Kind, Note
from mixtrial.imports.reading.project import Project
from mixtrial.imports.studies.imported_study import ImportedStudy

_HEADINGS: dict[Kind, str] = {
    "lost": "Without a counterpart",
    "assumed": "Assumed",
    "taken": "Taken",
}


def import_report(
    project: Project, tool: str, study: ImportedStudy, notes: list[Note], n_files: int
) -> str:
    """The report as Markdown; texts of the source are escaped."""
    return "\n".join(_lines(project, tool, study, notes, n_files)) + "\n"


def _lines(
    project: Project, tool: str, study: ImportedStudy, notes: list[Note], n_files: int
) -> Iterator[str]:
    n_pages, n_left = len(study.pages), len(study.as_they_are)
    yield f"# {_plain(study.title)}: what was imported"
    yield ""
    yield f"Read from `{project.file.name.replace('`', '')}` ({tool}), SHA-256 `{project.sha256}`."
    yield f"Pages with sound that were taken: {n_pages}. Pages that stay as they are: {n_left}."
    yield f"Audio files copied: {n_files}. Numbers are lines of that file."
    if study.as_they_are:
        yield from ("", "## Pages that stay as they are")
        source = project.legible.split("\n")
        for page in study.as_they_are:
            lines = f"{page.line}–{page.last_line}"
            yield from ("", f"Lines {lines}: {_plain(page.what)}: {_plain(page.why)}.", "")
            yield from (f"    {line.rstrip()}" for line in source[page.line - 1 : page.last_line])
    for kind, heading in _HEADINGS.items():
        those = sorted((n for n in notes if n.kind == kind), key=lambda note: note.line)
        yield from ("", f"## {heading}", "")
        yield from (f"* {_place(note)}{_plain(note.text)}" for note in those)
        if not those:
            yield "Nothing."


def _place(note: Note) -> str:
    return f"line {note.line}: " if note.line else ""


def _plain(text: str) -> str:
    """Text on one line, with all Markdown characters escaped."""
    return re.sub(r"([\\`*_\[\]<>#|&~])", r"\\\1", " ".join(text.split()))
