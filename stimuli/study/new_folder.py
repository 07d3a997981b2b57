"""Folders for new studies, written completely or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stimuli.study.study import StudyError

_OPEN = 0o755
"""A study's folder may be read by others, as any folder that is made by hand."""


def refuse_filled(out: Path) -> None:
    """Raise ``StudyError`` if the folder has content."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StudyError(f"{out} exists already and is left unchanged; name a new folder.")


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A temporary folder beside ``out``, renamed to ``out`` at the end.

    The temporary folder is removed after an error.

    Raises
    ------
    StudyError
        ``out`` holds something.
    """
    refuse_filled(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        yield folder
        folder.chmod(_OPEN)
        if out.is_dir():
            out.rmdir()
        folder.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
