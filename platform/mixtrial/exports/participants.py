"""``participants``: numbers, progress and answers of participants."""

from __future__ import annotations

import pandas as pd

from mixtrial.exports.answer_columns import answer_meanings, with_answer_columns
from mixtrial.exports.table import Export
from mixtrial.server.installation import Installation

MEANINGS = {
    "volume": ("share, 0-1", "volume chosen before the first page"),
    "step": ("text", "how far the participant came"),
    "page_index": ("count", "page of the plan that the participant has come to, from 0"),
    "consented": ("true or false", "whether consent was given"),
    "consent_version": ("text", "first 12 hex digits of the SHA-256 of the text agreed to"),
    "consented_at": ("time, UTC", "when consent was given, the last time; empty: was not"),
    "created_at": ("time, UTC", "when the participant opened the study"),
    "finished_at": ("time, UTC", "when the participant reached the last page; empty: did not"),
    "pages_closed": ("count", "pages completed"),
    "pages_planned": ("count", "pages of the plan"),
    "answers": (
        "JSON",
        "all further answers in one cell, exact; the columns after it hold one each",
    ),
}
"""Unit and meaning of what is known of everybody, answers aside."""


def rows_of(installation: Installation) -> pd.DataFrame:
    """One participant per row, with a column for each answer."""
    return with_answer_columns(
        installation.store.participants(installation.study.identifier), installation.study
    )


EXPORT = Export(
    title="Participants",
    remark="one participant per row, with group and progress",
    place=20,
    rows=rows_of,
    meanings=lambda study, columns: MEANINGS | answer_meanings(study, columns),
)
