"""One study's folder: its files, and the studio's notes beside the files.

``study.yaml``, ``audio/`` and the files in ``audio/`` are the study. ``build/`` and
``mixtrial.sqlite`` are made from the study. ``studio.json`` holds the facts that no other file has:
whether the study's address works, and whether the study is archived. Before a study file exists,
``studio.json`` also holds the title, and whether the study comes from another tool.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from db.whole_files import written_whole
from mixtrial.server.settings import SettingsError, default_stimuli_folder
from mixtrial.studies.naming import is_safe

STUDY_FILE = "study.yaml"
DATABASE = "mixtrial.sqlite"
NOTES = "studio.json"
AUDIO_FOLDER = "audio"
FROM_STUDIO = "MIXTRIAL_FROM_STUDIO"
"""Environment variable that a server has if the studio started it."""


@dataclass(frozen=True, slots=True)
class Notes:
    """Content of ``studio.json``."""

    title: str = ""
    is_open: bool = False
    is_archived: bool = False
    is_import: bool = False


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """The existing folder of a study."""

    path: Path

    @property
    def name(self) -> str:
        """Name of the study's folder, which is also the study's name in addresses."""
        return self.path.name

    @property
    def study_file(self) -> Path:
        """The study file, which may be missing while the study is a draft."""
        return self.path / STUDY_FILE

    @property
    def audio(self) -> Path:
        """Folder of uploaded files."""
        return self.path / AUDIO_FOLDER

    @property
    def build(self) -> Path:
        """Folder of the build."""
        return default_stimuli_folder(self.study_file)

    @property
    def database(self) -> Path:
        """File of the study's answers."""
        return self.path / DATABASE

    def notes(self) -> Notes:
        """Content of ``studio.json``; empty if it cannot be read."""
        try:
            said = json.loads((self.path / NOTES).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Notes()
        return _notes_of(said) if isinstance(said, dict) else Notes()

    def note(self, **changes: Any) -> None:
        """Change the notes."""
        changed = replace(self.notes(), **changes)
        with written_whole(self.path / NOTES) as part:
            part.write_text(json.dumps(asdict(changed), ensure_ascii=False), encoding="utf-8")


def _notes_of(said: dict[str, object]) -> Notes:
    return Notes(
        title=str(said.get("title", ""))[:200],
        is_open=said.get("is_open") is True,
        is_archived=said.get("is_archived") is True,
        is_import=said.get("is_import") is True,
    )


def study_folder(folder: Path, name: str) -> StudyFolder:
    """The study with this name in a folder of studies.

    Raises
    ------
    SettingsError
        The study does not exist, or its name is not allowed.
    """
    if is_safe(name) and is_study(folder / name):
        return StudyFolder(folder / name)
    raise SettingsError("There is no study of this name.")


def is_kept_closed(study_file: Path) -> bool:
    """Whether the studio serves this study but has not opened it to participants."""
    return FROM_STUDIO in os.environ and not StudyFolder(study_file.parent).notes().is_open


def is_study(path: Path) -> bool:
    """Whether a folder holds a study, finished or unfinished."""
    return (path / STUDY_FILE).is_file() or (path / NOTES).is_file()
