"""Names in a table from another program: names that look alike can mean the same.

In a study by mixtrial, names are declared and never change. A file from another program can contain
both `CNN` and `cnn`, or an invisible character. If `CNN` and `cnn` counted as two names, the
analysis would have two systems or people in place of one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import pandas as pd

from analysis.ratings.table import RatingsError

NAMED = ("participant", "group", "song", "system", "attribute", "part", "system_a", "system_b")
"""Columns of names in tables of ratings and of trials."""
_SIDES = {"system_a": "system", "system_b": "system"}


def refuse_names_that_look_alike(table: pd.DataFrame) -> None:
    """Raise an error if a reader could not see the difference between two names.

    Parameters
    ----------
    table
        Cells as text; spaces before and after a name are ignored.

    Raises
    ------
    RatingsError
        A name contains a control character, or the only difference between two names is in
        capitals, in the encoding of accents, in characters without width, or in the kind of spaces.
    """
    found: dict[str, dict[str, None]] = {}
    for column in NAMED:
        if column in table:
            names = found.setdefault(_SIDES.get(column, column), {})
            names.update(dict.fromkeys(str(name).strip() for name in table[column].unique()))
    for what, names in found.items():
        _refuse(what, names)


def _refuse(what: str, names: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        odd = next((sign for sign in name if unicodedata.category(sign) == "Cc"), None)
        if odd is not None:
            raise RatingsError(
                f"The {what} {name!a} holds the control character U+{ord(odd):04X}; take it "
                "out of the table."
            )
        other = seen.setdefault(_as_seen(name), name)
        if other != name:
            raise RatingsError(
                f"The table has the {what}s {_told(other)} and {_told(name)}, which only look "
                f"alike; write them as one ({_remedy(what, name, other)}), or give them names that "
                "differ."
            )


def _remedy(what: str, name: str, other: str) -> str:
    return f'mixtrial import results --rename "{what}.{name}={other}"'


def _as_seen(name: str) -> str:
    """A name in the form in which a reader sees it at a quick look."""
    visible = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", " ".join(visible.split()).casefold())


def _told(name: str) -> str:
    """A name in quotation marks; special characters are replaced by their codes."""
    return f'"{name}"' if name.isascii() else ascii(name)
