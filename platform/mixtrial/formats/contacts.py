"""``contacts``: addresses left at the end, which no participant's data name."""

from __future__ import annotations

from mixtrial.exports.table import Format

FORMAT = Format(
    title="Addresses",
    remark="left at the end; they name no participant",
    place=110,
    rows=lambda here: here.store.contacts(here.study.identifier),
    is_offered=lambda study: study.contact.ask != "none",
)
