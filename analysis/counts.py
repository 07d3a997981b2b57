"""Numbers with their nouns, such as "1 row" and "2 rows", for sentences of commands and notes."""

from __future__ import annotations


def counted(n: int, noun: str) -> str:
    """A number with its noun; the noun is plural unless the number is 1.

    Parameters
    ----------
    n
        Their number.
    noun
        The noun in the singular; its plural must end in s.

    Examples
    --------
    >>> counted(1, "row"), counted(36, "row"), counted(0, "page")
    ('1 row', '36 rows', '0 pages')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
