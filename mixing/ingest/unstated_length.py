"""Files that do not state their length, because a program wrote them into a pipe.

Conventions
-----------
A program that writes into a pipe cannot fill in the length afterwards: the header keeps 0 or a size
near the largest possible (FFFFFFFF, 7FFFFFFF, 7FFFF000). A file without a stated length is read to
its end. The amount to read is limited by the size of the file, never by the header.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Literal

from mixing.audio import AudioError

NOTE = "its header states no length, as of a file written into a pipe: read to its end"

_UNSTATED_FROM_BYTES = 0x7FFF_0000
"""Sizes from 2 GiB minus 64 KiB on are placeholders: sox writes 7FFFF000, arecord 80000000, ffmpeg
FFFFFFFF."""

_BYTES_A_SAMPLE = {"PCM_S8": 1, "PCM_U8": 1, "PCM_16": 2, "PCM_24": 3, "DOUBLE": 8}


def is_unstated(n_samples: int, n_channels: int, subtype: str) -> bool:
    """Whether the number of samples in a header is a placeholder for an unknown number."""
    n_bytes = n_samples * n_channels * _BYTES_A_SAMPLE.get(subtype, 4)
    return n_samples <= 0 or n_bytes >= _UNSTATED_FROM_BYTES


def with_length(path: Path) -> io.FileIO | None:
    """The file, read as if its header stated the actual length instead of 0 or −1.

    The result is None for all files except WAV and CAF files with a length of 0 or −1 in the
    header.

    Raises
    ------
    AudioError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            found = _unstated_size(file, path.stat().st_size)
    except OSError as error:
        raise AudioError(f"{path} cannot be read: {error.strerror}.") from None
    return _Restated(path, *found) if found else None


def _unstated_size(file: io.BufferedReader, file_size: int) -> tuple[int, bytes] | None:
    """Position of the placeholder for the size of a data chunk, and the actual size."""
    head = file.read(12)
    if head[:4] == b"caff":
        return _found_chunk(file, file_size, 8, 8, 2**64 - 1)
    # A program that closes a recording, even an empty one, writes the right total size into the
    # header. A program that writes into a pipe cannot change the header afterwards.
    is_whole = int.from_bytes(head[4:8], "little") + 8 == file_size
    if head[:4] != b"RIFF" or head[8:] != b"WAVE" or is_whole:
        return None
    return _found_chunk(file, file_size, 12, 4, 0)


def _found_chunk(
    file: io.BufferedReader, file_size: int, at: int, width: int, unstated: int
) -> tuple[int, bytes] | None:
    """Position of the data chunk at or after ``at``; sizes have 8 bytes in CAF, 4 bytes in WAV."""
    order: Literal["big", "little"] = "big" if width == 8 else "little"
    while at + 4 + width < file_size:
        file.seek(at)
        name, size = file.read(4), int.from_bytes(file.read(width), order)
        start = at + 4 + width
        if name == b"data":
            right = min(file_size - start, 256**width - 1)
            return (at + 4, right.to_bytes(width, order)) if size == unstated else None
        at = start + size + (size % 2 if width == 4 else 0)
    return None


class _Restated(io.FileIO):
    """A file in which some bytes are replaced when they are read."""

    def __init__(self, path: Path, at: int, content: bytes) -> None:
        super().__init__(path, "rb")
        self._at, self._content = at, content

    def readinto(self, buffer: Any) -> int:
        start = self.tell()
        n_read = super().readinto(buffer) or 0
        view = memoryview(buffer).cast("B")
        for place, byte in enumerate(self._content, start=self._at - start):
            if 0 <= place < n_read:
                view[place] = byte
        return n_read
