"""Records of text from a format that is not a table: one for each rating, counted from 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.ratings.dialects.long_table import ROW_NUMBERS
from analysis.ratings.table import RatingsError


def rows_of_records(records: Iterable[Mapping[str, str]], name: str) -> pd.DataFrame:
    """Records as a table of text; a cell is empty if its record lacks the key.

    Raises
    ------
    RatingsError
        There is none.
    """
    listed = list(records)
    if not listed:
        raise RatingsError(f"{name} holds no ratings and no choices.")
    index = pd.RangeIndex(1, len(listed) + 1, name=ROW_NUMBERS)
    return pd.DataFrame(listed, index=index).fillna("").astype(str)
