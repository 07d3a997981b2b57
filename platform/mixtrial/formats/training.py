"""``training``: ratings of the practice pages, which are no data of the study."""

from __future__ import annotations

import pandas as pd

from mixtrial.exports.table import Format
from mixtrial.server.installation import Installation


def rows_of(here: Installation) -> pd.DataFrame:
    """Practice pages of the long table of ratings."""
    ratings = here.store.ratings(here.study.identifier)
    return ratings[ratings["page_kind"] == "training"]


FORMAT = Format(
    title="Training pages",
    remark="kept apart from the ratings",
    place=50,
    rows=rows_of,
)
