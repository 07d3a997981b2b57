"""Numbers of a column as text with a decimal point, whatever decimal sign the file uses.

The text `1,234` is a little more than one in Germany, but more than a thousand in the USA. A column
with numbers such as `1,234` is read only if another number in it shows the decimal sign, or if the
user states this sign.
"""

from __future__ import annotations

import re
from typing import Literal

import pandas as pd

DecimalSign = Literal["point", "comma"]
"""Name of the sign before the decimals."""

MISSING_WORDS = frozenset(
    ("", "-", "–", "—", ".", "na", "n/a", "#n/a", "n.a.", "nan", "none", "null", "undefined",
     "<na>")
)  # fmt: skip
"""Content of a cell that has no value, in small letters."""

_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")
_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_BOTH = re.compile(r"[+-]?[\d.,]*\d[\d.,]*(?:[eE][+-]?\d+)?")
_WELL_FORMED = {
    sign: re.compile(
        rf"[+-]?(?:(?:[1-9]\d{{0,2}}(?:{grouped}\d{{3}})+|\d+)(?:{decimal}\d*)?|{decimal}\d+)"
        r"(?:[eE][+-]?\d+)?"
    )
    for sign, grouped, decimal in (("point", ",", r"\."), ("comma", r"\.", ","))
}
"""Form of numbers for each decimal sign; groups of three digits before the sign are thousands."""


class UnclearNumbersError(ValueError):
    """Numbers whose decimal sign is not clear; the message to the user is a part of a sentence."""


_MOST_SHOWN = 60
"""Characters of a cell that a message repeats."""


def quoted(cell: str) -> str:
    """Text of a cell, for use in a message; a long text is shortened.

    Examples
    --------
    >>> quoted("5O"), len(quoted("5" * 300_000))
    ('"5O"', 63)
    """
    return f'"{cell}"' if len(cell) <= _MOST_SHOWN else f'"{cell[:_MOST_SHOWN]}…"'


def is_missing(cells: pd.Series) -> pd.Series:
    """Whether each cell is empty or contains a word that means "missing"."""
    return cells.str.strip().str.lower().isin(MISSING_WORDS)


def with_points(cells: pd.Series, sign: DecimalSign | None = None) -> pd.Series:
    """Cells in which numbers have a decimal point and a plain minus sign; other text is unchanged.

    Parameters
    ----------
    cells
        Texts of one column.
    sign
        Decimal sign. None: it must be clear from the numbers in the column.

    Raises
    ------
    UnclearNumbersError
        The meaning of a comma is not clear, the column uses two decimal signs, or a text is not a
        number with this decimal sign.

    Examples
    --------
    >>> with_points(pd.Series(["1.234", "1.100,5"]), "comma").tolist()
    ['1234', '1100.5']
    """
    text = cells.str.strip().str.replace("−", "-", regex=False)
    is_number = text.map(lambda cell: _BOTH.fullmatch(cell) is not None).astype(bool)
    numbers = text[is_number]
    commas = numbers[numbers.str.contains(",", regex=False)]
    sign = sign or (_told_sign(text, commas) if len(commas) else None)
    if sign is None:
        return text
    _refuse_ill_formed(numbers, sign)
    grouped, decimal = (".", ",") if sign == "comma" else (",", ".")
    plain = text.str.replace(grouped, "", regex=False).str.replace(decimal, ".", regex=False)
    return text.where(~is_number, plain)


def _refuse_ill_formed(numbers: pd.Series, sign: DecimalSign) -> None:
    """Refuse text that is not a number with this decimal sign, such as `6,5` if it is a point."""
    odd = next((cell for cell in numbers if not _WELL_FORMED[sign].fullmatch(cell)), None)
    if odd is not None:
        other = "point" if sign == "comma" else "comma"
        raise UnclearNumbersError(
            f"{odd} is not a number with a decimal {sign}, because thousands have groups of three "
            f"digits. Correct this number, or say --decimal {other} if all numbers have a decimal "
            f"{other}."
        )


def _told_sign(text: pd.Series, numbers: pd.Series) -> DecimalSign:
    """A comma, if at least one number is possible only with a decimal comma."""
    plain = next((cell for cell in text if _POINT.fullmatch(cell)), None)
    either = next((cell for cell in numbers if _THOUSANDS.fullmatch(cell)), None)
    told = next(
        (cell for cell in numbers if _COMMA.fullmatch(cell) and not _THOUSANDS.fullmatch(cell)),
        None,
    )
    if told is not None and plain is None:
        return "comma"
    if told is not None:
        raise UnclearNumbersError(
            f"The numbers have both a decimal comma ({told}) and a decimal point ({plain}); write "
            "all numbers in one way."
        )
    odd = either or str(numbers.iloc[0])
    raise UnclearNumbersError(
        f"{odd} could have a decimal comma or a separator of thousands; say --decimal comma or "
        "--decimal point."
    )
