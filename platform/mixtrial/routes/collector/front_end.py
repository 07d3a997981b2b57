"""webMUSHRA's own front end, served from its folder without private files."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from starlette.staticfiles import StaticFiles

from mixtrial.server.settings import SettingsError

HIDDEN_FOLDERS = frozenset({"results", "service"})
"""Folders with the answers of earlier participants, and with the programs that kept them."""


class FrontEnd(StaticFiles):
    """The files of a webMUSHRA site, except programs, results and hidden files."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Path of a file, and the file's state; empty if the file does not exist or is hidden."""
        if _is_hidden(path) or self.directory is None:
            return "", None
        place, state = super().lookup_path(path)
        # symbolic links are resolved before the path is checked, because a link's name does not
        # show its target
        real = os.path.relpath(place, os.path.realpath(self.directory)) if state else ""
        return ("", None) if _is_hidden(real) else (place, state)


def _is_hidden(path: str) -> bool:
    """Whether this path of a site is private; upper and lower case are not distinguished."""
    parts = PurePosixPath(path.replace(os.sep, "/").casefold()).parts
    if any(part.startswith(".") or part.endswith(".php") for part in parts):
        return True
    return bool(parts) and parts[0] in HIDDEN_FOLDERS


def front_end(folder: Path) -> FrontEnd:
    """The front end in a folder.

    Raises
    ------
    SettingsError
        There is none.
    """
    if not (folder / "index.html").is_file():
        raise SettingsError(f"{folder} is not a copy of webMUSHRA, because it has no index.html.")
    return FrontEnd(directory=folder, html=True)
