"""The studies of a folder, each with its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from db.reading.at_a_glance import Glance, glance_at
from mixtrial.studies.naming import is_safe
from mixtrial.studies.study_folder import StudyFolder, is_study
from stimuli.loading.load import load_study
from stimuli.study.manifest import MANIFEST_NAME, manifest_of
from stimuli.study.study import Study, StudyError

DRAFT, BUILT, STOPPED, ARCHIVED = "draft", "built", "stopped", "archived"


@dataclass(frozen=True, slots=True)
class ListedStudy:
    """One study in the list of studies.

    ``state`` is draft, built, open, paused, closed, archived, or stopped (people took part, but the
    study's address does not answer now). ``fault`` is a sentence if the study cannot be used,
    otherwise empty.
    """

    folder: StudyFolder
    title: str
    state: str
    enrolled: int
    finished: int
    changed_at: datetime
    fault: str = ""

    @property
    def is_built(self) -> bool:
        """Whether the study could be opened now."""
        return self.state != DRAFT and not self.fault


def studies_in(folder: Path) -> list[ListedStudy]:
    """All studies of a folder; the study that was changed most recently comes first."""
    found = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    listed = [listed_study(StudyFolder(path)) for path in found if is_study(path)]
    return sorted(listed, key=lambda each: each.changed_at, reverse=True)


def listed_study(folder: StudyFolder) -> ListedStudy:
    """State of one study, from its present files."""
    notes = folder.notes()
    seen = glance_at(folder.database) or Glance("open", 0, 0)
    fault = "" if is_safe(folder.name) else UNSAFE
    study: Study | None = None
    if folder.study_file.is_file():
        try:
            study = read_study(folder)
        except StudyError as error:
            fault = str(error)
    is_built = study is not None and is_whole(folder, study)
    state = _state(notes.is_archived, notes.is_open, is_built=is_built, seen=seen)
    title = study.title if study is not None else notes.title or folder.name
    return ListedStudy(
        folder, title, state, seen.enrolled, seen.finished, _changed_at(folder), fault
    )


UNSAFE = (
    "its folder has a name that cannot stand in an address; rename the folder with small letters, "
    "digits and hyphens"
)


def _state(is_archived: bool, is_open: bool, *, is_built: bool, seen: Glance) -> str:
    if is_archived:
        return ARCHIVED
    if is_open:
        return seen.status
    if seen.enrolled:
        return STOPPED
    return BUILT if is_built else DRAFT


def read_study(folder: StudyFolder) -> Study:
    """The study of a folder, read again only if one of its files has changed.

    Raises
    ------
    StudyError
        The study file in the folder cannot be used.
    """
    return _read(folder.study_file, _stamp(folder.study_file), _stamp(folder.audio))


@lru_cache(maxsize=64)
def _read(path: Path, *_stamps: tuple[int, int]) -> Study:
    return load_study(path)


def is_whole(folder: StudyFolder, study: Study) -> bool:
    """Whether the build has all stimuli of the study."""
    try:
        manifest = manifest_of(study, folder.build)
        if manifest is None:
            return False
        manifest.check_covers(study)
    except StudyError:
        return False
    return True


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _changed_at(folder: StudyFolder) -> datetime:
    """Time of the last change of the study, its sound, its build or its answers."""
    database = folder.database
    places = (
        folder.path, folder.study_file, folder.audio, folder.build / MANIFEST_NAME,
        database, database.with_name(database.name + "-wal"),
    )  # fmt: skip
    newest = max(_stamp(path)[0] for path in places)
    return datetime.fromtimestamp(newest / 1e9, UTC)
