"""``song_means``: the mean rating of each song by each system."""

from __future__ import annotations

import pandas as pd

from mixtrial.exports.table import Export
from mixtrial.server.installation import Installation


def layout(ratings: pd.DataFrame, _installation: Installation) -> pd.DataFrame:
    """The kept rows of the long table, as means over participants."""
    means = ratings.groupby(["song", "system", "attribute"])["rating"]
    return means.agg(rating="mean", n_ratings="count").reset_index()


EXPORT = Export(
    title="Means of songs",
    remark="one song, system and attribute a row",
    place=16,
    rows=lambda installation: installation.store.ratings(installation.study.identifier),
    is_by_page=True,
    layout=layout,
)
