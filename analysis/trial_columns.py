"""Columns of a table of trials, and the kinds of trials that can be analysed.

Programs that read tables need the names of the columns, but not the analysis
(:mod:`analysis.trials`), which imports scipy.
"""

from __future__ import annotations

import hashlib

import pandas as pd

HEARD = ("system_a", "system_b")
"""Columns of the two systems of a trial."""
TRIAL_COLUMNS = (
    "participant",
    "part",
    "trial_kind",
    "song",
    "attribute",
    *HEARD,
    "answer",
)
"""Columns that a table of trials needs; ABX trials also need ``correct``."""
THIRD = "system_c"
"""Column of the third system, which triangle trials need."""
PREFERENCE, ABX, TRIANGLE, RANKING, BEST = "preference", "abx", "triangle", "ranking", "best"
SAME_DIFFERENT = "same_different"
"""Kinds of trials that can be analysed: preference, ABX, triangle, ranking, choice of the best, and
same-different.
"""
KINDS = (PREFERENCE, ABX, TRIANGLE, SAME_DIFFERENT, RANKING, BEST)
"""All kinds except tracks, which need columns that no other tool's table has."""
SAME, DIFFERENT = "same", "different"
"""Answers in same-different trials."""

_TEXTS = (*TRIAL_COLUMNS, THIRD, "track", "level", "ended")
_NUMBERS = ("replicate", "page_index", "trial", "level_rank", "n_levels", "level_value", "down")
_YES_OR_NO = ("correct", "reversal", "averaged")
"""Columns that the analysis reads; the fingerprint is computed from all of them."""


def ones_and_zeros(cells: pd.Series) -> pd.Series:
    """1 for yes, 0 for no (truth values, words or numbers); NaN for everything else.

    Examples
    --------
    >>> ones_and_zeros(pd.Series([True, "no", "1", ""], dtype=object)).tolist()
    [1.0, 0.0, 1.0, nan]
    """
    words = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}
    said = cells.astype(str).str.lower().map(words)
    return said.fillna(pd.to_numeric(cells.astype(object), errors="coerce"))


def trials_fingerprint(trials: pd.DataFrame) -> str:
    """SHA-256 of the content of a table of trials; it does not depend on the order of the rows.

    Parameters
    ----------
    trials
        One trial per row. Columns that the analysis does not use are ignored. A column that is
        missing counts as an empty column.

    Returns
    -------
    str
        Hexadecimal digest of sorted lines; each line is made from the cells of one row. Each line
        contains the texts, then the numbers with the fewest digits that are exact, and then 1 for
        yes and 0 for no. In a line, nothing is written for an empty cell.
    """
    empty = pd.Series("", index=trials.index, dtype=object)
    columns = [_texts(trials.get(name, empty)) for name in _TEXTS]
    numbers = [trials.get(name, empty).astype(object) for name in _NUMBERS]
    columns += [_digits(pd.to_numeric(cells, errors="coerce")) for cells in numbers]
    columns += [_digits(ones_and_zeros(trials.get(name, empty))) for name in _YES_OR_NO]
    lines = sorted("\x1f".join(cells) for cells in zip(*columns, strict=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _texts(cells: pd.Series) -> list[str]:
    return ["" if pd.isna(cell) else str(cell) for cell in cells]


def _digits(cells: pd.Series) -> list[str]:
    return ["" if pd.isna(cell) else repr(float(cell)) for cell in cells]
