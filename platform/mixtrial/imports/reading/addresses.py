"""Removal from a table of all e-mail and network addresses, which could identify people."""

from __future__ import annotations

import re

import pandas as pd

from analysis.ratings.table import KNOWN_COLUMNS
from analysis.trial_columns import TRIAL_COLUMNS

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_NO_ADDRESS = "(address left out)"


def without_addresses(rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows without addresses that could identify people, and notes on the changes.

    If the name of a participant is an address, the participant gets a number instead. A comment
    with an address loses only the address. Any other column with an address is left out; only
    comments and the names of participants are kept.
    """
    keep = {*KNOWN_COLUMNS, *TRIAL_COLUMNS, "comment"}
    found = [str(column) for column in rows if column not in keep and _with_address(rows[column])]
    said = [f"addresses were left out: {', '.join(found)}"] if found else []
    rows = rows.drop(columns=found)
    if "comment" in rows and _with_address(rows["comment"]):
        rows = rows.assign(comment=rows["comment"].str.replace(_ADDRESS, _NO_ADDRESS, regex=True))
        said.append("addresses within comments were left out")
    if has_addresses_for_names(rows):
        numbers = {
            who: str(at) for at, who in enumerate(rows["participant"].str.strip().unique(), 1)
        }
        rows = rows.assign(participant=rows["participant"].str.strip().map(numbers))
        said.append("participants have addresses for names: they are numbered in their order")
    return rows, tuple(said)


def has_addresses_for_names(rows: pd.DataFrame) -> bool:
    """Whether a participant's name is an address."""
    return "participant" in rows and _with_address(rows["participant"])


def _with_address(cells: pd.Series) -> bool:
    return bool(cells.str.contains(_ADDRESS).any())
