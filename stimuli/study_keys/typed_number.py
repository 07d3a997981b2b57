"""Numbers as people of any language type them: a point or a comma, and digits of any script."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

POINTS = ".,\N{ARABIC DECIMAL SEPARATOR}\N{IDEOGRAPHIC FULL STOP}"
"""Decimal signs: Latin, Arabic, and what a Chinese keyboard has for a point."""
MINUS = "-\N{MINUS SIGN}"

_TYPED = re.compile(rf"(?P<sign>[{MINUS}+]?)(?P<whole>\d{{0,15}})(?:[{POINTS}](?P<behind>\d+))?")


def typed_number(typed: str, decimals: int) -> Decimal | None:
    """Read a typed number; None if the text is not a number, or has too many decimals.

    Some readers take ``1,000`` for one thousand, others for one. If ``decimals`` is 0,
    no separator is allowed. If ``decimals`` is above 0, one separator is allowed, which is read as
    the decimal sign.
    """
    found = _TYPED.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    if found is None or not (found["whole"] or found["behind"]):
        return None
    behind = found["behind"] or ""
    if len(behind) > decimals:
        return None
    value = Decimal(f"{found['whole'] or 0}.{behind or 0}")
    return -value if value and found["sign"] in tuple(MINUS) else value


def stored_number(value: Decimal, decimals: int) -> str:
    """Form of a stored answer: Latin digits, a point, and the required decimals."""
    return f"{value:.{decimals}f}"
