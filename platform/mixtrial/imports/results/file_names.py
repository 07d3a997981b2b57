"""System named in the file name of a sound."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

REFERENCE = "reference"
"""System of the hidden reference, as every table of ours calls it."""

_ANCHORS = {"35anchor": "anchor35", "anchor35": "anchor35", "7anchor": "anchor70",
            "70anchor": "anchor70", "anchor70": "anchor70"}  # fmt: skip


def system_of(file: str, trial: str) -> str:
    """Name of a sound without the folder, the extension, and the trial's name at its beginning.

    Parameters
    ----------
    file
        Name of a file, with folders or without.
    trial
        Name of the trial of the sound; ``-``, ``_`` and spaces in the name are equivalent.

    Examples
    --------
    >>> system_of("stimuli/harbour-song_cnn.wav", "harbour_song"), system_of("a_35anchor.wav", "a")
    ('cnn', 'anchor35')
    """
    stem = PurePosixPath(file.replace("\\", "/")).stem
    before = "[-_ ]".join(re.escape(part) for part in re.split("[-_ ]", trial))
    name = re.sub(rf"^{before}[-_ ]+", "", stem, count=1, flags=re.IGNORECASE) or stem
    if REFERENCE in name.lower():
        return REFERENCE
    return _ANCHORS.get(name.lower(), name)
