"""webMUSHRA's own front end from its folder, without what is nobody's business there."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from starlette.staticfiles import StaticFiles

from mixtrial.server.settings import SettingsError

HIDDEN_FOLDERS = frozenset({"results", "service"})
"""What earlier participants said, and the programs that kept it."""


class FrontEnd(StaticFiles):
    """The files of a webMUSHRA site; programs, results and hidden files are not among them."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Place of a file, and its state; none where there is no such file to be seen."""
        parts = PurePosixPath(path.replace(os.sep, "/").lower()).parts
        hidden = any(part.startswith(".") and part != "." for part in parts)
        if hidden or path.lower().endswith(".php") or (parts and parts[0] in HIDDEN_FOLDERS):
            return "", None
        return super().lookup_path(path)


def front_end(folder: Path) -> FrontEnd:
    """The front end in a folder.

    Raises
    ------
    SettingsError
        There is none.
    """
    if not (folder / "index.html").is_file():
        raise SettingsError(f"{folder} is no site of webMUSHRA: it has no index.html")
    return FrontEnd(directory=folder, html=True)
