"""``participants``: who took part, how far they came, and what they answered."""

from __future__ import annotations

import pandas as pd

from mixtrial.exports.answer_columns import with_answer_columns
from mixtrial.exports.table import Export
from mixtrial.server.installation import Installation


def rows_of(installation: Installation) -> pd.DataFrame:
    """One participant a row, with a column for each answer."""
    return with_answer_columns(
        installation.store.participants(installation.study.identifier), installation.study
    )


EXPORT = Export(
    title="Participants",
    remark="one participant a row, with group and progress",
    place=20,
    rows=rows_of,
)
