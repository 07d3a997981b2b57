"""``events``: the log of everything that was done on a page."""

from __future__ import annotations

from mixtrial.exports.table import Format

MEANINGS = {
    "epoch": ("count", "number of the page's opening under which this was sent"),
    "seq": ("count", "number of the save that brought this, within the opening"),
    "index": ("count", "place within that save, from 0"),
    "t_ms": ("milliseconds", "time since the page was loaded in the browser"),
    "event": ("text", "what was done: play, switch, loop, rate, submit and so on"),
    "value": ("as the event says", "what the event carries"),
    "received_at": ("time, UTC", "when the server stored this"),
}
"""Unit and meaning of the columns that no other table has."""

FORMAT = Format(
    title="Events",
    remark="every play, switch and save, in milliseconds",
    place=40,
    rows=lambda here: here.store.events(here.study.identifier),
)
