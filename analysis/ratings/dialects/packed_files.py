"""Tables in files that are not text (workbooks, archives, compressed files), with advice.

The first bytes of a packed file show its kind, whatever the name of the file is.
"""

from __future__ import annotations

_ZIP = b"PK\x03\x04"
_IN_A_ZIP = {
    b"xl/": "a workbook of Excel; save its sheet there as CSV (UTF-8), and name that file",
    b"word/": "a text of Word; save its table as CSV, and name that file",
    b"content.xml": "a sheet of LibreOffice; save it there as CSV (UTF-8), and name that file",
}
_BEGINNINGS = {
    b"PK\x05\x06": "an empty zip archive; name the table that should be in it",
    _ZIP: "a zip archive; unpack it, and name the table that was in it",
    b"\x1f\x8b": "compressed by gzip; unpack it (gunzip), and name the file that comes out",
    b"BZh": "compressed by bzip2; unpack it (bunzip2), and name the file that comes out",
    b"\xfd7zXZ": "compressed by xz; unpack it (unxz), and name the file that comes out",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; unpack it (unzstd), and name the file that comes out",
    b"7z\xbc\xaf": "a 7z archive; unpack it, and name the table that was in it",
    b"Rar!": "a rar archive; unpack it, and name the table that was in it",
    b"\xd0\xcf\x11\xe0": "a workbook of an old Excel; save its sheet as CSV, and name that file",
    b"$FL2": "a file of SPSS; save it there as CSV, and name that file",
    b"$FL3": "a file of SPSS; save it there as CSV, and name that file",
    b"PAR1": "a table in Parquet; write it as CSV, and name that file",
    b"%PDF": "a PDF; name the table that it was made of",
    b"SQLite format 3\x00": "a database; write its table as CSV, and name that file",
}


def packed_as(content: bytes) -> str | None:
    r"""What kind of file it is, with advice, as a part of a sentence; None if the kind is unknown.

    Parameters
    ----------
    content
        All bytes of the file.

    Examples
    --------
    >>> packed_as(b"PK\x03\x04")
    'a zip archive; unpack it, and name the table that was in it'
    >>> packed_as(b"participant,song")
    """
    told = next((told for begin, told in _BEGINNINGS.items() if content.startswith(begin)), None)
    if not content.startswith(_ZIP):
        return told
    # An archive names its entries at its beginning and at its end.
    names = content[:4096] + content[-(2**16) :]
    return next((inside for name, inside in _IN_A_ZIP.items() if name in names), told)
