"""FLAC files that tell nothing: no tags, and as large as their neighbours on the page.

The size of a compressed file betrays what is in it (a loud, dense mix packs worse than a dry
one), and it travels with every download. FLAC allows blocks of padding before the sound;
filling them makes all files of a page equally large without touching a sample.

Conventions
-----------
Functions take and return the bytes of whole files. Block types and layout: RFC 9639, section 8.
"""

from __future__ import annotations

_MARKER = b"fLaC"
_STREAM_INFO, _PADDING = 0, 1
_HEADER_BYTES = 4
_MAX_BLOCK_BYTES = 2**24 - 1
_LAST = 0x80


def without_tags(flac: bytes) -> bytes:
    """Return the file with its stream information and sound only: no tags, seek table, padding.

    Raises
    ------
    ValueError
        The bytes are not a FLAC file.
    """
    stream_info, sound = _parts(flac)
    return _MARKER + bytes([_LAST | _STREAM_INFO]) + _length(stream_info) + stream_info + sound


def padded_to(flac: bytes, n_bytes: int) -> bytes:
    """Return the file without tags, filled with padding to exactly ``n_bytes``.

    Raises
    ------
    ValueError
        The bytes are not a FLAC file, or padding cannot make it so large: a block of padding
        takes at least 4 bytes.
    """
    stream_info, sound = _parts(flac)
    start = _MARKER + bytes([_STREAM_INFO]) + _length(stream_info) + stream_info
    left = n_bytes - len(start) - len(sound)
    if left < _HEADER_BYTES:
        raise ValueError(f"a FLAC file of {len(flac)} bytes cannot be padded to {n_bytes} bytes")
    blocks = b""
    while left:
        size = min(left - _HEADER_BYTES, _MAX_BLOCK_BYTES)
        left -= _HEADER_BYTES + size
        if 0 < left < _HEADER_BYTES:  # room for the header of the block that must follow
            size -= _HEADER_BYTES
            left += _HEADER_BYTES
        kind = _PADDING if left else _LAST | _PADDING
        blocks += bytes([kind]) + size.to_bytes(3, "big") + bytes(size)
    return start + blocks + sound


def common_size(sizes: list[int], step: int = 4096) -> int:
    """Return the size in bytes that files of these sizes (without tags) can be padded to."""
    return -(-(max(sizes) + _HEADER_BYTES) // step) * step


def _parts(flac: bytes) -> tuple[bytes, bytes]:
    """Stream information block, and everything after the last metadata block."""
    if not flac.startswith(_MARKER):
        raise ValueError("these bytes are not a FLAC file")
    stream_info, position, is_last = b"", len(_MARKER), False
    while not is_last:
        head = flac[position : position + _HEADER_BYTES]
        if len(head) < _HEADER_BYTES:
            raise ValueError("this FLAC file ends inside its header")
        is_last, kind = bool(head[0] & _LAST), head[0] & 0x7F
        body = position + _HEADER_BYTES
        position = body + int.from_bytes(head[1:], "big")
        if kind == _STREAM_INFO:
            stream_info = flac[body:position]
    return stream_info, flac[position:]


def _length(block: bytes) -> bytes:
    return len(block).to_bytes(3, "big")
