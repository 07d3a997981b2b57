"""Recordings and systems of uploaded files, from the files' names and from corrections.

The names of the files are interpreted in the same way as by ``mixtrial new``. A correction renames
files to ``RECORDING/SYSTEM.wav``, which is unambiguous.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from db.whole_files import written_whole
from mixtrial.server.settings import SettingsError
from mixtrial.studies.changes import checked_title
from mixtrial.studies.naming import safe_name
from mixtrial.studies.study_folder import AUDIO_FOLDER, StudyFolder
from mixtrial.studies.uploads import uploaded
from stimuli.first_study.folder_audio import FolderAudio, folder_audio
from stimuli.first_study.study_text import found_text
from stimuli.loading.load import load_study

REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class AudioGrid:
    """Recordings and systems that follow from the names of the files.

    ``audio`` is None if the names of the files cannot be interpreted. ``meant`` holds, for each
    file by its path in the folder of uploads, the recording and the system; an unknown recording or
    system is an empty text.
    """

    audio: FolderAudio | None
    meant: Mapping[Path, tuple[str, str]]


def grid_of(study: StudyFolder) -> AudioGrid:
    """Read the names of a study's files."""
    files = [path.relative_to(study.path) for path in uploaded(study)]
    audio = folder_audio(study.path, is_song_first=True) if files else None
    meant = dict.fromkeys((path.relative_to(AUDIO_FOLDER) for path in files), ("", ""))
    for song in audio.songs if audio is not None else ():
        named = {**song.files, **({REFERENCE: song.reference} if song.reference else {})}
        if song.stems:
            named |= dict(zip(("vocal", "backing"), song.stems, strict=True))
        for system, path in named.items():
            if path in files:
                meant[path.relative_to(AUDIO_FOLDER)] = (song.name, system)
    return AudioGrid(audio, meant)


def rename_files(study: StudyFolder, meant: Mapping[Path, tuple[str, str]]) -> None:
    """Rename files according to their corrected recordings and systems.

    Raises
    ------
    SettingsError
        Two files would get the same name, or a name is missing; nothing has been renamed.
    """
    targets: dict[Path, Path] = {}
    for path, (recording, system) in meant.items():
        if not recording.strip() or not system.strip():
            raise SettingsError(f"{path} needs the name of a recording and of a system.")
        target = Path(safe_name(recording), f"{safe_name(system)}{path.suffix}")
        if target.with_suffix("") in {each.with_suffix("") for each in targets.values()}:
            raise SettingsError(
                f"Two files have the same recording {safe_name(recording)} and system "
                f"{safe_name(system)}."
            )
        targets[path] = target
    fresh = study.path / f".{study.audio.name}.renamed"
    shutil.rmtree(fresh, ignore_errors=True)
    for path, target in targets.items():
        place = fresh / target
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (study.audio / path).rename(place)
    shutil.rmtree(study.audio)
    fresh.rename(study.audio)


def remove_file(study: StudyFolder, path: Path) -> None:
    """Remove an uploaded file, and its folder if the folder is then empty."""
    (study.audio / path).unlink(missing_ok=True)
    parent = (study.audio / path).parent
    if parent != study.audio and not any(parent.iterdir()):
        parent.rmdir()


def make_study_file(study: StudyFolder, title: str) -> None:
    """Write a study file for the uploaded files; the study file is checked before it is stored.

    Raises
    ------
    SettingsError
        The names of the files cannot be interpreted.
    StudyError
        The files do not make a valid study.
    """
    audio = grid_of(study).audio
    if audio is None:
        raise SettingsError("The names of the files do not show the recordings and systems.")
    with written_whole(study.study_file) as part:
        part.write_text(found_text(audio, checked_title(title)), encoding="utf-8")
        load_study(part)
