"""``listening``: how long each stimulus was heard, and how often it was switched to."""

from __future__ import annotations

from mixtrial.exports.table import Format

FORMAT = Format(
    title="Listening",
    remark="seconds heard of each stimulus, and switches to it",
    place=30,
    rows=lambda here: here.store.listening(here.study.identifier),
    is_by_page=True,
)
