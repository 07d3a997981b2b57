"""Numbers that a spreadsheet turned into dates: 1.5 becomes ``1. Mai``, 3-4 becomes ``04-Mar``."""

from __future__ import annotations

import re

_MONTHS = (
    "jan|januar|january|janv|janvier|feb|februar|february|févr|fevr|février|mar|mär|mrz|märz|march|"
    "mars|apr|april|avr|avril|mai|may|jun|juni|june|juin|jul|juli|july|juil|juillet|aug|august|"
    "août|aout|sep|sept|september|septembre|okt|oct|oktober|october|octobre|nov|november|novembre|"
    "dez|dec|déc|dezember|december|décembre"
)
_DATE = re.compile(
    rf"\d{{1,4}}[.\-/ ]*\s*(?:{_MONTHS})\.?(?:[.\-/ ]*\d{{2,4}})?"
    rf"|(?:{_MONTHS})\.?[.\-/ ]*\d{{1,4}}"
    r"|\d{1,2}([./-])\d{1,2}\1(?:\d{2}|\d{4})?"
    r"|\d{4}-\d{2}-\d{2}(?:[ T].*)?",
    re.IGNORECASE,
)


def looks_like_date(cell: str) -> bool:
    """Whether a cell contains a date where a number is expected.

    Examples
    --------
    >>> [looks_like_date(cell) for cell in ("1.Mai", "04-Mar", "2026-05-01", "good", "1.5")]
    [True, True, True, False, False]
    """
    return _DATE.fullmatch(cell.strip()) is not None
