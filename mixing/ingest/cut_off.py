"""Detection of incomplete Ogg and MP3 files, from the end that their containers state.

Decoders do not raise an error for an Ogg or MP3 file that ends too early. The last page of a
complete Ogg stream is marked as the end of the stream (RFC 3533, section 6). The first frame of
most MP3 files (``Xing`` or ``Info``) states the number of bytes. An MP3 file that does not state
its number of bytes cannot be checked.
"""

from __future__ import annotations

from pathlib import Path

LARGEST_PAGE = 27 + 255 + 255 * 255
"""Largest number of bytes in an Ogg page: the most segments, each of the largest length."""

_N_SEGMENTS, _HEADER = 26, 27
_END_OF_STREAM = 4
_HAS_FRAMES, _HAS_BYTES = 1, 2
LEAST_SHARE = 0.99
"""An MP3 file with less than this share of its stated bytes is cut off. Programs that edit tags can
move some bytes."""


def is_cut_off(path: Path) -> bool:
    """Whether an Ogg or MP3 file was cut off; False if unknown, and for other formats."""
    n_bytes = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(10)
        if start.startswith(b"OggS"):
            file.seek(max(0, n_bytes - LARGEST_PAGE - _HEADER))
            return not _has_end(file.read())
        tag = 10 + _of_seven_bits(start[6:10]) if start.startswith(b"ID3") else 0
        file.seek(tag)
        stated = _stated_bytes(file.read(256))
    return stated is not None and n_bytes - tag < LEAST_SHARE * stated


def _has_end(tail: bytes) -> bool:
    """Whether the last page of an Ogg file is complete and is marked as the last page."""
    page = tail[tail.rfind(b"OggS") :]
    if len(page) <= _N_SEGMENTS:
        return False
    lengths = page[_HEADER : _HEADER + page[_N_SEGMENTS]]
    whole = _HEADER + page[_N_SEGMENTS] + sum(lengths)
    return len(page) >= whole and bool(page[5] & _END_OF_STREAM)


def _stated_bytes(frame: bytes) -> int | None:
    """Number of bytes stated by the first frame of an MP3 file; None if the frame states none."""
    if len(frame) < 2 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return None
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at < 0:
        return None
    has = int.from_bytes(frame[at + 4 : at + 8], "big")
    begins = at + 8 + (4 if has & _HAS_FRAMES else 0)
    stated = frame[begins : begins + 4]
    return int.from_bytes(stated, "big") if has & _HAS_BYTES and len(stated) == 4 else None


def _of_seven_bits(size: bytes) -> int:
    """The size of an ID3 tag, from bytes of which only seven bits are used."""
    found = 0
    for byte in size:
        found = found << 7 | byte & 0x7F
    return found
