"""``ratings``: the long table, one rating a row; what every analysis starts from."""

from __future__ import annotations

from mixtrial.exports.table import Format

FORMAT = Format(
    title="Ratings",
    remark="one rating a row, with system, song and group",
    place=10,
    rows=lambda here: here.store.ratings(here.study.identifier),
    is_by_page=True,
)
