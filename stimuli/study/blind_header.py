"""Check that the headers of FLAC files reveal only their sound.

The module :mod:`stimuli.rendering.blind_flac` writes these FLAC files, and a server reads them.
"""

from __future__ import annotations

from pathlib import Path

from stimuli.study.manifest import Manifest
from stimuli.study.study import StudyError

START = b"fLaC\x80\x00\x00\x22"
"""Marker of a FLAC file, and the head of its only block: STREAMINFO, 34 bytes."""

UNKNOWN_FRAMES, UNKNOWN_MD5 = slice(12, 18), slice(26, 42)
"""Places of the header that hold 0: smallest and largest frame, and the MD5 of the samples."""

HEADER_BYTES = 42


def check_blind(manifest: Manifest) -> None:
    """Raise ``StudyError`` if a file of a build reveals more than its sound."""
    for stimulus in manifest.stimuli:
        if not all(is_blind(path) for path in manifest.paths(stimulus)):
            raise StudyError(
                f"The build in {manifest.folder} is of an earlier version of mixtrial, whose files "
                "are not blind; build the study again."
            )


def is_blind(path: Path) -> bool:
    """Whether a file begins like a file of a build; False for a missing file."""
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
    except OSError:
        return False
    told = header[UNKNOWN_FRAMES] + header[UNKNOWN_MD5]
    return header.startswith(START) and len(header) == HEADER_BYTES and not any(told)
