"""Import of another tool's study into the studio: the uploaded files become a study.

The uploaded files are kept in a hidden folder of the study, with the names and folders that the
tool's settings use. Only settings and sound files are accepted. A ZIP file is unpacked beside the
hidden folder. The files of the ZIP file are moved into the hidden folder when all of them have been
checked. When the study is written, the files that were uploaded are removed.
"""

from __future__ import annotations

import re
import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from mixing.ingest.decoding import AUDIO_SUFFIXES
from mixtrial.imports.reading.project import MAX_FILE_BYTES as MAX_SETTINGS_BYTES
from mixtrial.imports.reading.project import SETTINGS_SUFFIXES
from mixtrial.imports.studies.registry import found_projects
from mixtrial.imports.studies.write_study import REPORT_FILE, Import, import_study
from mixtrial.server.settings import SettingsError
from mixtrial.studies.naming import DEVICES
from mixtrial.studies.study_folder import AUDIO_FOLDER, STUDY_FILE, StudyFolder
from mixtrial.studies.uploads import MOST_FILES, UploadError, check_room, check_sound
from stimuli.study.study import StudyError

SOURCE = ".source"
ZIP = ".zip"
MOST_UNPACKED_BYTES = 4 * 2**30
DEEPEST, LONGEST_PART = 8, 150
_ODD_SIGNS = re.compile(r'[\x00-\x1f<>:"|?*]')


def source_of(study: StudyFolder) -> Path:
    """Folder of the other tool's files until the study is written."""
    return study.path / SOURCE


def source_files(study: StudyFolder) -> list[Path]:
    """Names of the uploaded files, sorted."""
    return sorted(path for path in source_of(study).rglob("*") if path.is_file())


def source_place(study: StudyFolder, given: str, n_bytes: int | None) -> Path:
    """Path for a file with this name, if the name is allowed; folders in the name are kept.

    Raises
    ------
    UploadError
        The study has a study file already, the kind or name of the file is not accepted, the file
        is too large, too many files were uploaded, or the disk has no room.
    """
    if study.study_file.is_file():
        raise UploadError(409, "The study exists already; import into a new study.")
    inner = _inner_place(given)
    is_zip = inner.suffix.lower() == ZIP
    if not is_zip and not _is_taken(inner):
        kinds = ", ".join(each[1:].upper() for each in (*SETTINGS_SUFFIXES, *AUDIO_SUFFIXES, ZIP))
        raise UploadError(
            415, f"{inner.name} has a file type that is not accepted; accepted are {kinds}."
        )
    check_room(study, inner.name, n_bytes)
    if is_zip:
        return study.path / f".{inner.stem}{ZIP}"
    place = source_of(study) / inner
    if not place.exists() and len(source_files(study)) >= MOST_FILES:
        raise UploadError(409, f"A study can have at most {MOST_FILES} files.")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def is_archive(place: Path) -> bool:
    """Whether a file is a ZIP file, which need not be kept after unpacking."""
    return place.suffix == ZIP


def check_source(part: Path, place: Path, name: str) -> None:
    """Check that a file has the format that its name indicates; unpack a ZIP.

    Parameters
    ----------
    part
        Present path of the file.
    place
        Where it goes.
    name
        Name by which the sentence of a refusal calls the file.

    Raises
    ------
    UploadError
        The file, or a file in the ZIP, does not have the format that its name indicates.
    """
    if is_archive(place):
        _unpack(part, place.parent, name)
    elif place.suffix.lower() in AUDIO_SUFFIXES:
        check_sound(part, name)
    elif part.stat().st_size > MAX_SETTINGS_BYTES:
        raise UploadError(
            413, f"{name} is larger than 1 MiB, which is too large for the settings of a test."
        )


def found_tests(study: StudyFolder) -> dict[str, str]:
    """Settings files that mixtrial can read, by path, each with the name of its tool."""
    folder = source_of(study)
    for _ in range(DEEPEST):
        if not folder.is_dir():
            break
        found = {
            project.file.relative_to(source_of(study).resolve()).as_posix(): reader.tool
            for project, reader in found_projects(folder)
        }
        if found:
            return found
        inner = [path for path in folder.iterdir() if path.is_dir()]
        if len(inner) != 1:
            break
        folder = inner[0]
    return {}


def import_into(study: StudyFolder, chosen: str, title: str) -> Import:
    """Write the study of a settings file, with its sound; then remove the uploaded files.

    Raises
    ------
    SettingsError
        The study cannot be converted; the sentence says why, and all uploaded files stay.
    """
    if chosen not in found_tests(study):
        raise SettingsError("The settings of the other tool's study are missing.")
    if study.study_file.is_file():
        raise SettingsError("The study exists already; import into a new study.")
    whole = study.path / ".imported"
    shutil.rmtree(whole, ignore_errors=True)
    try:
        done = import_study(source_of(study) / chosen, whole, title)
        shutil.rmtree(study.audio, ignore_errors=True)
        # The study file is moved last, because it marks the copy as complete.
        for name in (AUDIO_FOLDER, REPORT_FILE, STUDY_FILE):
            if (whole / name).exists():
                (whole / name).rename(study.path / name)
    except StudyError as error:
        raise SettingsError(str(error).replace(f"{source_of(study).resolve()}/", "")) from None
    finally:
        shutil.rmtree(whole, ignore_errors=True)
    remove_source(study)
    return done


def remove_source(study: StudyFolder) -> None:
    """Remove the uploaded files, so that other files can be uploaded."""
    shutil.rmtree(source_of(study), ignore_errors=True)


def import_report(study: StudyFolder) -> str:
    """Result for each line of the other tool's settings; empty if nothing was imported.

    The result is plain text, without escaped characters. In the stored file, special characters of
    the settings are escaped for Markdown.
    """
    path = study.path / REPORT_FILE
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    return re.sub(r"\\([^\w\s]|_)", r"\1", written)


def _is_taken(place: PurePosixPath) -> bool:
    return place.suffix.lower() in (*SETTINGS_SUFFIXES, *AUDIO_SUFFIXES)


def _inner_place(given: str) -> PurePosixPath:
    """Path with folders, unchanged, if it is allowed in the folder of uploads."""
    parts = given.replace("\\", "/").strip("/").split("/")
    for part in parts:
        is_odd = part.strip(". ") == "" or part.startswith(".") or _ODD_SIGNS.search(part)
        if is_odd or len(part) > LONGEST_PART or DEVICES.fullmatch(part.partition(".")[0]):
            raise UploadError(400, f"{given[:80]!r} cannot be a file name here; rename it.")
    if len(parts) > DEEPEST:
        raise UploadError(400, f"{given[:80]!r} is nested in more than {DEEPEST - 1} folders.")
    return PurePosixPath(*parts)


def _unpack(archive: Path, folder: Path, name: str) -> None:
    """Extract the settings and the sound from a ZIP, all files or none."""
    fresh, source = folder / f".{name}.unpacked", folder / SOURCE
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _members(opened, name)
            for inner, member in members.items():
                place = fresh / inner
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with opened.open(member) as come, place.open("wb") as kept:
                    shutil.copyfileobj(come, kept)
                check_source(place, place, f"{inner.name} in {name}")
        for inner in members:
            (source / inner).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (fresh / inner).replace(source / inner)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        raise UploadError(415, f"{name} is not a ZIP file, or it is damaged.") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _members(opened: zipfile.ZipFile, name: str) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """Files of a ZIP to extract, by path; hidden files and files of other kinds are left out."""
    named = [each for each in opened.infolist() if not each.is_dir() and not _is_hidden(each)]
    taken = [each for each in named if _is_taken(PurePosixPath(each.filename.replace("\\", "/")))]
    if not taken:
        raise UploadError(415, f"{name} has neither settings of a test nor sound files.")
    if any(each.flag_bits & 1 for each in taken):
        raise UploadError(
            415, f"{name} is protected by a password; send the file without a password."
        )
    if len(taken) > MOST_FILES or sum(each.file_size for each in taken) > MOST_UNPACKED_BYTES:
        most = f"{MOST_FILES} files and {MOST_UNPACKED_BYTES >> 30} GiB"
        raise UploadError(413, f"{name} holds more than {most}.")
    return {_inner_place(each.filename): each for each in taken}


def _is_hidden(member: zipfile.ZipInfo) -> bool:
    parts = member.filename.replace("\\", "/").split("/")
    return any(part == "__MACOSX" or re.match(r"\.[^.]", part) for part in parts)
