"""Conversion of a file's bytes into text: byte order mark, UTF-8, UTF-16, or Latin-1 of Windows.

The encoding is never guessed from the frequency of letters. A file is read as UTF-16 if every
second byte of its first line is zero, otherwise as UTF-8. A file in neither UTF-8 nor UTF-16 is
read as Latin-1, unless it contains a byte that cannot be text. If the encoding is unusual, the
function that reads the file names it.
"""

from __future__ import annotations

import codecs
import re

UTF_8, UTF_16, LATIN_1 = "UTF-8", "UTF-16", "Latin-1"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16", UTF_16),
    (codecs.BOM_UTF16_BE, "utf-16", UTF_16),
)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class NoTextError(ValueError):
    """Bytes that are not text in any of the known encodings; the message gives their position."""


def decoded(content: bytes) -> tuple[str, str]:
    """Text of a file, and the name of its encoding.

    Parameters
    ----------
    content
        All bytes of the file.

    Raises
    ------
    NoTextError
        The bytes are not UTF-8, UTF-16 or Latin-1.

    Examples
    --------
    >>> decoded("Straße".encode("latin-1"))
    ('Straße', 'Latin-1')
    """
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return _by(codec, content), name
    if (unmarked := _unmarked_utf_16(content)) is not None:
        return _by(unmarked, content), UTF_16
    try:
        return content.decode("utf-8"), UTF_8
    except UnicodeDecodeError as error:
        if _NO_TEXT.search(content):
            raise NoTextError(_at(error)) from None
    return _by("cp1252", content), LATIN_1


def _by(codec: str, content: bytes) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise NoTextError(_at(error)) from None


def _at(error: UnicodeDecodeError) -> str:
    return f"the byte {error.object[error.start]:#04x} at {error.start} is no text ({error.reason})"


def _unmarked_utf_16(content: bytes) -> str | None:
    """The kind of UTF-16, if every second byte at the beginning is zero; otherwise None."""
    even, odd = content[:64:2], content[1:64:2]
    if len(content) >= 4 and not any(even) and all(odd):
        return "utf-16-be"
    if len(content) >= 4 and all(even) and not any(odd):
        return "utf-16-le"
    return None
