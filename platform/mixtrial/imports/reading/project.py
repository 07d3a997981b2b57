"""A project of another tool on the disk: its settings file and the audio that it names.

Conventions
-----------
The names of files in a project are not trusted: a name can only lead to a file inside the project's
folder. The sentence about a fault does not name the line of the settings file, because the caller
knows the line.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from mixing.ingest.decoding import AUDIO_SUFFIXES
from stimuli.study.study import StudyError

MAX_FILE_BYTES = 1_048_576
SETTINGS_SUFFIXES = (".yaml", ".yml", ".xml", ".json")
SETTINGS_FOLDERS = (".", "configs", "tests", "tests/examples")
"""Folder where tools keep files of settings, relative to the folder at which their paths start."""


class ProjectFileError(ValueError):
    """A file in a project that cannot be used; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Project:
    """A settings file with its content; no path in it may lead out of its folder."""

    file: Path
    folder: Path
    content: bytes

    @property
    def text(self) -> str:
        """The content as text; raise ``StudyError`` if its encoding is unknown."""
        try:
            text = self.content.decode(self._encoding)
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            raise StudyError(f"{self.file} is not a text file in UTF-8; save it as one.")
        return _with_our_line_breaks(text)

    @property
    def legible(self) -> str:
        """The readable part of the content, as text."""
        text = self.content.decode(self._encoding, errors="replace")
        return _with_our_line_breaks(text.replace("\0", ""))

    @property
    def _encoding(self) -> str:
        """UTF-16 if the file begins with its byte order mark, otherwise UTF-8."""
        is_utf_16 = self.content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return "utf-16" if is_utf_16 else "utf-8-sig"

    @property
    def sha256(self) -> str:
        """Digest of the settings file on the disk."""
        return hashlib.sha256(self.content).hexdigest()

    def found(self, name: str, base: str = "") -> Path:
        """Path of an audio file that the project names, relative to its folder or settings file.

        Raises
        ------
        ProjectFileError
            The name is an address, is absolute or leads out of the project, or no audio has this
            name.
        """
        if not name.strip():
            raise ProjectFileError("names no file")
        if re.match(r"[a-z][a-z0-9+.-]*://", f"{base}{name}", re.IGNORECASE):
            raise ProjectFileError("is a network address, from which nothing is downloaded")
        path = PureWindowsPath(base, name)
        if path.drive or path.root:
            raise ProjectFileError("is an absolute path, which is not read")
        if ".." in path.parts or "\x00" in name:
            raise ProjectFileError("is outside the project, and is not read")
        for start in (self.folder, self.file.parent):
            try:
                place = (start / path.as_posix()).resolve()
                is_there, is_endless = place.is_file(), place.is_symlink()
            except (OSError, RuntimeError):  # the name is too long, or a link points to itself
                is_endless = True
            if is_endless:  # Python 3.13 raises no error for a link to itself
                raise ProjectFileError("is a name or a link that leads to no file")
            if not place.is_relative_to(self.folder):
                raise ProjectFileError("is outside the project, and is not read")
            if is_there and place.suffix.lower() not in AUDIO_SUFFIXES:
                raise ProjectFileError(
                    f"is not an audio file ({', '.join(AUDIO_SUFFIXES)} are read)"
                )
            if is_there:
                return place
        raise ProjectFileError("is not there")


def _with_our_line_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def opened(file: Path, folder: Path) -> Project:
    """A project read from its settings file; ``StudyError`` if the file is too large."""
    if file.stat().st_size > MAX_FILE_BYTES:
        raise StudyError(
            f"{file} is larger than 1 MiB, which is too large for the settings of a test."
        )
    return Project(file.resolve(), folder.resolve(), file.read_bytes())


def projects_at(path: Path) -> list[Project]:
    """The project of a settings file, or all projects of a folder.

    If a file is in one of ``SETTINGS_FOLDERS``, its project is the parent of this folder. Paths in
    a settings file start from the folder of the project.
    """
    if path.is_file():
        return [opened(path, _folder_of(path.resolve()))]
    if not path.is_dir():
        raise StudyError(f"There is no file or folder {path}.")
    found = (
        file
        for name in SETTINGS_FOLDERS
        for file in sorted((path / name).glob("*"))
        if file.suffix.lower() in SETTINGS_SUFFIXES and file.is_file()
    )
    return [opened(file, path) for file in found if file.stat().st_size <= MAX_FILE_BYTES]


def _folder_of(file: Path) -> Path:
    for name in sorted(SETTINGS_FOLDERS, key=len, reverse=True):
        steps = Path(name).parts
        if steps and file.parent.parts[-len(steps) :] == steps:
            return file.parents[len(steps)]
    return file.parent
