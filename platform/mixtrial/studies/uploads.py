"""Files uploaded to a study: safely named, measured and decoded before they are stored.

A file is first written under a hidden name beside its final path. The uploaded file is moved to its
final path when it is complete and has been decoded as sound. Until the file is moved, the study is
unchanged.
"""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from mixing.audio import AudioError
from mixing.ingest.cut_off import is_cut_off
from mixing.ingest.decoding import AUDIO_SUFFIXES, audio_length, damaged, decode
from mixtrial.server.settings import SettingsError
from mixtrial.studies.listing import listed_study
from mixtrial.studies.naming import safe_file_name, safe_name
from mixtrial.studies.study_folder import StudyFolder

MAX_FILE_BYTES = 512 * 2**20
MOST_FILES = 2_000
LONGEST_MIN = 20
ROOM_BYTES = 256 * 2**20
"""Space that stays free on the disk: running studies store answers there."""


class UploadError(SettingsError):
    """An uploaded file that is not accepted; ``status`` is the status of the answer (RFC 9110)."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def place_for(study: StudyFolder, given: str, n_bytes: int | None) -> Path:
    """Path for an uploaded file with this name, if the name is allowed.

    Parameters
    ----------
    study
        The study.
    given
        File name from the browser, with the folder of the file, if any.
    n_bytes
        Stated size of the file; None if no size was stated.

    Raises
    ------
    UploadError
        The study has participants, too many files were uploaded, the disk has no room, or the kind
        of file is not accepted.
    """
    return _checked_place(study, study.audio / _inner_place(given), n_bytes)


def place_of_cell(study: StudyFolder, given: str, n_bytes: int | None) -> Path:
    """Path for a file that was dropped on a cell of the grid, ``RECORDING/SYSTEM/name.wav``.

    Nothing is overwritten. The cell's earlier file is used until a study file that names the new
    file is saved. An undo restores the earlier file. Patterns in a study file do not find files in
    nested folders.

    Raises
    ------
    UploadError
        :func:`place_for` raises an error, or the name contains no recording and system.
    """
    *_, recording, system, name = ("", "", *given.replace("\\", "/").split("/"))
    if not recording.strip(". ") or not system.strip(". "):
        raise UploadError(400, f"{given[:80]!r} does not show its recording and its system.")
    folder = study.audio / safe_name(recording) / safe_name(system)
    wanted = _inner_place(name).name
    place, number = folder / wanted, 1
    while place.exists():
        number += 1
        place = folder / f"{Path(wanted).stem}-{number}{Path(wanted).suffix}"
    return _checked_place(study, place, n_bytes)


def _checked_place(study: StudyFolder, place: Path, n_bytes: int | None) -> Path:
    if listed_study(study).enrolled:
        raise UploadError(
            409, "The sound of a study with participants cannot be changed; duplicate the study."
        )
    if place.suffix not in AUDIO_SUFFIXES:
        kinds = ", ".join(suffix[1:].upper() for suffix in AUDIO_SUFFIXES)
        raise UploadError(
            415, f"{place.name} has a file type that is not accepted; accepted are {kinds}."
        )
    check_room(study, place.name, n_bytes)
    if not place.exists() and len(uploaded(study)) >= MOST_FILES:
        raise UploadError(409, f"A study can have at most {MOST_FILES} files.")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def check_room(study: StudyFolder, name: str, n_bytes: int | None) -> None:
    """Raise ``UploadError`` if a file is too large, or the disk has too little space for it."""
    if n_bytes is not None and n_bytes > MAX_FILE_BYTES:
        raise UploadError(413, too_large(name))
    if shutil.disk_usage(study.path).free < (n_bytes or 0) + ROOM_BYTES:
        raise UploadError(507, "The disk of the server is full.")


def too_large(name: str) -> str:
    """Sentences about a file that is too large."""
    return f"{name} is larger than {MAX_FILE_BYTES >> 20} MiB."


def check_sound(part: Path, name: str) -> float:
    """Length of an uploaded file in seconds.

    Raises
    ------
    UploadError
        The file is not sound, it is damaged, or it is too long.
    """
    if is_cut_off(part):
        raise UploadError(415, damaged(name))
    try:
        n_samples, sample_rate = audio_length(part)
        if n_samples > LONGEST_MIN * 60 * sample_rate:
            raise UploadError(413, f"{name} is longer than {LONGEST_MIN} minutes.")
        found = decode(part)
    except AudioError as error:
        raise UploadError(415, str(error).replace(str(part), name)) from None
    return float(found.audio.shape[1] / found.sample_rate)


def uploaded(study: StudyFolder) -> list[Path]:
    """Uploaded files, sorted by name."""
    if not study.audio.is_dir():
        return []
    return sorted(
        path
        for path in study.audio.rglob("*")
        if path.suffix in AUDIO_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def _inner_place(given: str) -> PurePosixPath:
    """A file's path in the folder of uploads: its name, in at most one folder."""
    parts = [part for part in given.replace("\\", "/").split("/") if part.strip(". ")]
    try:
        name = safe_file_name(parts[-1] if parts else "")
    except SettingsError as error:
        raise UploadError(400, str(error)) from None
    return PurePosixPath(safe_name(parts[-2]), name) if len(parts) > 1 else PurePosixPath(name)
