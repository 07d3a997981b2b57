"""Actions on a whole study: create, copy, archive, delete and restore.

New folders of studies have a hidden name until they are complete. Deleted studies are in
``.trash``, named after the study and the time, until somebody removes the folder by hand.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mixtrial.server.settings import SettingsError
from mixtrial.studies.listing import listed_study
from mixtrial.studies.naming import free_name, safe_name
from mixtrial.studies.study_folder import DATABASE, NOTES, STUDY_FILE, StudyFolder, study_folder
from stimuli.first_study.study_text import template_text

TRASH = ".trash"
LONGEST_TITLE = 200
MOMENT = "%Y-%m-%dT%H%M%S"
NOT_COPIED = re.compile(
    rf"{re.escape(DATABASE)}.*|{re.escape(NOTES)}|.*\.databases|build|\..*|reports?|.*\.rescued-.*"
)
"""Answers, builds and what follows from them stay with the study that they belong to."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """A study in the trash: its name in the trash, its earlier name, and when it was deleted."""

    place: str
    name: str
    title: str
    thrown_at: datetime


def checked_title(title: str) -> str:
    """A valid title of a study; ``SettingsError`` if it is empty or too long."""
    plain = " ".join(title.split())
    if not plain or len(plain) > LONGEST_TITLE:
        raise SettingsError(f"The title of a study must have 1 to {LONGEST_TITLE} characters.")
    return plain


def new_study(
    folder: Path, title: str, template: str | None = None, *, is_import: bool = False
) -> StudyFolder:
    """A new study, with or without a template's file; after a failure, nothing of it is left."""
    plain = checked_title(title)
    text = None if template is None else with_title(template_text(template), plain)
    with _made(folder, plain) as (path, study):
        StudyFolder(path).note(title=plain, is_import=is_import)
        if text is not None:
            (path / STUDY_FILE).write_text(text, encoding="utf-8")
    return study


def duplicate(study: StudyFolder, title: str) -> StudyFolder:
    """Copy the study file and all files beside it, except answers and builds.

    The copy is a separate study, so the answers of the two studies never mix. The copy gets a title
    that is not used yet. If the study file has an identifier, the identifier is replaced by the
    name of the copy.
    """
    plain = _free_title(study.path.parent, title)
    with _made(study.path.parent, plain) as (path, copy):
        _copy(study, path, plain)
        file = path / STUDY_FILE
        if file.is_file():
            text = with_title(file.read_text("utf-8"), plain)
            file.write_text(with_identifier(text, copy.name), encoding="utf-8")
    return copy


def _free_title(folder: Path, title: str) -> str:
    """Title that no other study has, such as ``Choir (copy 2)``: identifiers can depend on it."""
    number, room = 1, LONGEST_TITLE - len(" (copy 1000)")
    while True:
        ending = "(copy)" if number == 1 else f"(copy {number})"
        plain = checked_title(f"{title[:room]} {ending}")
        if free_name(folder, plain) == safe_name(plain):
            return plain
        number += 1


def new_version(study: StudyFolder, title: str, text_of: Callable[[str], str]) -> StudyFolder:
    """A new study with the sound of a study that has begun, and with another study file.

    Parameters
    ----------
    study
        The study with participants; it is not changed.
    title
        Name of the new study.
    text_of
        Function that returns the text of the new study file; its argument is the study's name,
        which becomes the identifier.
    """
    plain = checked_title(title)
    with _made(study.path.parent, plain) as (path, made):
        _copy(study, path, plain)
        (path / STUDY_FILE).write_text(text_of(made.name), encoding="utf-8", newline="")
    return made


def _copy(study: StudyFolder, path: Path, title: str) -> None:
    """Copy the files of a study, except answers and builds."""
    for source in study.path.iterdir():
        if NOT_COPIED.fullmatch(source.name):
            continue
        if source.is_dir():
            shutil.copytree(source, path / source.name)
        else:
            shutil.copyfile(source, path / source.name)
    StudyFolder(path).note(title=title)


def with_title(text: str, title: str) -> str:
    """A study file with another title; a title on several lines is not changed."""
    quoted = "'" + title.replace("'", "''") + "'"
    return re.sub(r"(?m)^title:[ \t]+(?![|>&*{\[]).*$", lambda _: f"title: {quoted}", text, count=1)


@contextmanager
def _made(folder: Path, title: str) -> Iterator[tuple[Path, StudyFolder]]:
    """A folder that is filled under a hidden name, and the study that it will become."""
    name = free_name(folder, title)
    part = folder / f".{name}.unfinished"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    try:
        yield part, StudyFolder(folder / name)
        part.rename(folder / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def to_trash(study: StudyFolder) -> None:
    """Move a study to the trash; afterwards, the study's address no longer works."""
    study.note(is_open=False)
    trash = study.path.parent / TRASH
    trash.mkdir(mode=0o700, exist_ok=True)
    place = f"{study.name}.{datetime.now(UTC):{MOMENT}}"
    number, target = 1, trash / place
    while target.exists():
        number += 1
        target = trash / f"{place}.{number}"
    study.path.rename(target)


def trashed(folder: Path) -> list[Thrown]:
    """Studies in the trash; the study that was deleted most recently comes first."""
    if not (folder / TRASH).is_dir():
        return []
    found = []
    for path in (folder / TRASH).iterdir():
        name, _, moment = path.name.partition(".")
        try:
            thrown_at = datetime.strptime(moment[:17], MOMENT).replace(tzinfo=UTC)
        except ValueError:
            continue
        title = listed_study(StudyFolder(path)).title
        found.append(Thrown(path.name, name, name if title == path.name else title, thrown_at))
    return sorted(found, key=lambda each: each.thrown_at, reverse=True)


def restore(folder: Path, place: str) -> StudyFolder:
    """Restore a study from the trash, under another name if its own name is in use."""
    thrown = next((each for each in trashed(folder) if each.place == place), None)
    if thrown is None:
        raise SettingsError("This study is no longer in the trash.")
    target = folder / free_name(folder, thrown.name)
    (folder / TRASH / thrown.place).rename(target)
    return study_folder(folder, target.name)


def with_identifier(text: str, name: str) -> str:
    """A study file with its identifier, if any, replaced by this name; comments stay."""
    return re.sub(
        r"(?m)^identifier:[ \t]+[^\s#]+", lambda _: f"identifier: '{name}'", text, count=1
    )
