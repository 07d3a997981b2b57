"""What an export is: rows from the archive, and how they are laid out.

An export is one file of :mod:`mixtrial.exports` with a constant ``EXPORT``; the file's name is the
export's (see docs/add-an-export.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from mixtrial.server.installation import Installation
from stimuli.study.study import Study

Rows = Callable[["Installation"], pd.DataFrame]
Layout = Callable[[pd.DataFrame, "Installation"], pd.DataFrame]


def as_stored(rows: pd.DataFrame, _here: Installation) -> pd.DataFrame:
    """Leave the columns as the archive has them."""
    return rows


def always(_study: Study) -> bool:
    """Offer it in every study."""
    return True


@dataclass(frozen=True, slots=True)
class Export:
    """One table that leaves as CSV.

    Attributes
    ----------
    title, remark
        What the dashboard calls it, and what a row of it is.
    place
        Where it stands among the others there: lower comes first.
    rows
        All rows of a study.
    is_by_page
        Whether each row belongs to a page of a participant and says which (``page_kind``,
        ``finished``, ``participant_kind``), so that practice pages and unfinished or simulated
        participants can be left out before the layout.
    layout
        The kept rows in the export's own columns.
    is_offered
        Whether a study can have such rows at all.
    """

    title: str
    remark: str
    place: int
    rows: Rows
    is_by_page: bool = False
    layout: Layout = as_stored
    is_offered: Callable[[Study], bool] = always
