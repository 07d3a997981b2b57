"""``codebook``: what every column of the other tables means, and its unit."""

from __future__ import annotations

import pandas as pd

from mixtrial.exports import balance, participants, trials
from mixtrial.exports.answer_columns import answer_meanings
from mixtrial.exports.archive_tables import EVENT_MEANINGS, asks_for_comments
from mixtrial.exports.column_meanings import codebook
from mixtrial.exports.table import Export
from mixtrial.server.installation import Installation


def codebook_table(installation: Installation) -> pd.DataFrame:
    """One column of ratings, participants, events and so on a row."""
    study, store = installation.study.identifier, installation.store
    people = participants.rows_of(installation)
    tables = {"ratings": store.ratings(study), "participants": people}
    if trials.has_choices(installation.study):
        tables["trials"] = store.trials(study)
    if asks_for_comments(installation.study):
        tables["comments"] = store.comments(study)
    tables["listening"] = store.listening(study)
    log = store.events(study).drop(columns=list(EVENT_MEANINGS))
    table = codebook({**tables, "events": log}, answer_meanings(installation.study, people.columns))
    own = [
        (name, column, *words)
        for name, meanings in (("events", EVENT_MEANINGS), ("balance", balance.MEANINGS))
        for column, words in meanings.items()
    ]
    return pd.concat([table, pd.DataFrame(own, columns=table.columns)], ignore_index=True)


EXPORT = Export(
    title="Codebook",
    remark="what every column means, and its unit",
    place=70,
    rows=codebook_table,
)
