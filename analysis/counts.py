"""Numbers of things in the sentences of commands and notes: 1 row, 2 rows."""

from __future__ import annotations


def counted(n: int, noun: str) -> str:
    """A number with its noun, plural unless the number is 1.

    Parameters
    ----------
    n
        Their number.
    noun
        The thing that is counted, in the singular; its plural ends in s.

    Examples
    --------
    >>> counted(1, "row"), counted(36, "row"), counted(0, "page")
    ('1 row', '36 rows', '0 pages')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
