"""What the columns of the exported tables mean."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

MEANINGS: dict[str, tuple[str, str]] = {
    "participant": ("text", "public name of the participant, P001 for the first"),
    "participant_kind": ("text", "participant, or simulated"),
    "group": ("text", "listener group, as stated by the participant"),
    "song": ("text", "name of the song in the study file"),
    "system": ("text", "mixing system that made the stimulus"),
    "attribute": ("text", "name of the question"),
    "rating": ("points, 0-100", "the rating; a slider that was not moved has no row"),
    "repeat": ("count", "0 for the first rating of a song, 1 for its repeat"),
    "page_order": ("count", "place of the page among the rated pages, from 1; 0 for training"),
    "stimulus_order": ("count", "place of the stimulus on its page, from 1"),
    "time_s": ("seconds", "active time on the page, all openings added; empty when unknown"),
    "plays": ("count", "starts of this stimulus on its page, switches to it included"),
    "switches": ("count", "changes of the audible stimulus on the page"),
    "started_at": ("time, UTC", "when the page was opened first"),
    "stimulus_sha256": ("text", "checksum of the file that was heard; see the manifest"),
    "study_hash": ("text", "fingerprint of the study file under which the participant enrolled"),
    "rated_at": ("time, UTC", "when the rating was last stored"),
    "device": ("text", "listening device, as stated by the participant"),
    "finished": ("True or False", "whether the participant reached the last page"),
    "page_kind": ("text", "training or rating; training is never analysed"),
    "part": ("text", "part of the study that the page belongs to; empty where there are no parts"),
    "kind": ("text", "preference or abx"),
    "system_a": ("text", "system of the first stimulus of the trial"),
    "system_b": ("text", "system of the second stimulus of the trial"),
    "system_x": ("text", "system that X was (ABX only)"),
    "answer": ("text", "a, b or tie: the stimulus that was preferred, or taken for X"),
    "correct": ("1 or 0", "whether the answer names X (ABX only)"),
    "volume": ("share, 0-1", "volume chosen before the first page"),
    "comment": ("text", "what the participant wrote of the stimulus, or of the page"),
    "said_at": ("time, UTC", "when that was stored"),
    "heard_s": ("seconds", "time for which the stimulus was audible on its page"),
    "switches_to": ("count", "changes to this stimulus from another"),
    "step": ("text", "how far the participant came"),
    "page_index": ("count", "page of the participant's plan, from 0"),
    "consented": ("True or False", "whether consent was given"),
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
    "opened_at": ("time, UTC", "when the page was opened first; empty: never"),
    "closed_at": ("time, UTC", "when the page was completed; empty: was not"),
}


def codebook(
    tables: Mapping[str, pd.DataFrame], more: Mapping[str, tuple[str, str]] | None = None
) -> pd.DataFrame:
    """One row a column of the tables: table, column, unit, meaning.

    Parameters
    ----------
    tables
        By their names.
    more
        Unit and meaning of columns that not every study has.
    """
    known = {**(more or {}), **MEANINGS}
    rows = [
        (name, column, *known.get(column, ("", "")))
        for name, table in tables.items()
        for column in table.columns
    ]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning"])
