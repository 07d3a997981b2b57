"""Names in a table from another program: similar names can mean the same thing.

The names in a study of mixtrial are declared and never change. A file from another program can
contain both `CNN` and `cnn`, or an invisible character. If `CNN` and `cnn` were two names, the
analysis would have two systems or two people.
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
    """Raise an error if two names differ only in ways that a reader would not see.

    Parameters
    ----------
    table
        Cells as text; spaces around a name are ignored.

    Raises
    ------
    RatingsError
        A name contains a control character, or two names differ only in capitals, in the encoding
        of accents, in characters without width or in the kind of spaces.
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
    """A name as a reader perceives it at a quick look."""
    visible = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", " ".join(visible.split()).casefold())


def _told(name: str) -> str:
    """A name in quotation marks, in which special characters are written out."""
    return f'"{name}"' if name.isascii() else ascii(name)
