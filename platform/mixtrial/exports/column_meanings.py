"""Meanings of the columns that several exported tables have.

If a column is in only one exported table, the export of this table explains the column. In a table,
a cell is empty if it has no value. If no cell of a column has a value, the table and the codebook
leave this column out. The unit also gives the type of a column's values. A column holds numbers,
unless its unit is text, a time, a count, or yes and no.
"""

from __future__ import annotations

import pandas as pd

from mixtrial.exports.table import Meanings

MEANINGS: Meanings = {
    "participant": ("text", "public name of the participant, P001 for the first"),
    "participant_kind": ("text", "participant, or simulated"),
    "group": ("text", "listener group, as stated by the participant"),
    "arm": ("text", "arm of the study that the participant was assigned to"),
    "language": ("text", "language in which the participant took the test"),
    "device": ("text", "listening device, as stated by the participant"),
    "finished": ("true or false", "whether the participant reached the last page"),
    "excluded_by": (
        "text",
        "rules of the plan by which the report leaves the participant out; empty: none",
    ),
    "study_fingerprint": ("text", "SHA-256 of the study file under which the participant enrolled"),
    "part": ("text", "part of the study that the page belongs to"),
    "phase": ("text", "training or rating: what the page is for; training is never analysed"),
    "page_index": ("count", "page of the participant's plan, from 0"),
    "page_order": ("count", "place of the page among the rated pages, from 1; 0 for training"),
    "song": ("text", "name of the song in the study file"),
    "replicate": ("count", "0 for the first rating of a song, 1 for its repeat"),
    "opened_at": ("time, UTC", "when the page was opened first; empty: never"),
    "closed_at": ("time, UTC", "when the page was completed; empty: was not"),
    "time_s": ("seconds", "active time on the page, all openings added; empty when unknown"),
    "switches": ("count", "changes of the audible stimulus on the page"),
    "system": ("text", "mixing system that made the stimulus"),
    "stimulus_order": ("count", "place of the stimulus on its page, from 1"),
    "stimulus_sha256": ("text", "checksum of the stimulus's first file; see the manifest"),
    "plays": ("count", "starts of this stimulus on its page, switches to it included"),
    "attribute": ("text", "name of the question"),
    "rating": ("points of the scale", "the rating; a slider that was not moved has no row"),
    "graded_against": (
        "text",
        "hidden reference of the page, where the difference from its grade is analysed",
    ),
    "compared_with": ("text", "open reference of the page, which the stimulus was graded against"),
    "scale_minimum": ("points of the scale", "the least rating that could be given"),
    "scale_maximum": ("points of the scale", "the greatest rating that could be given"),
    "scale_step": (
        "points of the scale",
        "between neighbouring ratings; empty, or no column: any value could be given",
    ),
    "rated_at": ("time, UTC", "when the rating was last stored"),
}

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""How times are in tables, as ``strptime`` reads them."""

TYPES_OF_UNITS = {
    **dict.fromkeys(
        ("text", "texts", "JSON", "path", "paths", "yes or no", "numbers from 1"), "string"
    ),
    "as the event says": "string",
    "count": "integer",
    "true or false": "boolean",
    "time, UTC": "datetime",
}
"""Type of a column by its unit, as Table Schema calls it; of every other unit it is ``number``."""


def type_of(unit: str, cells: pd.Series[str]) -> str:
    """Type of a column: the type of its unit if all cells fit, otherwise ``string``.

    Parameters
    ----------
    unit
        Unit of the column, from the codebook.
    cells
        Values of the column from the file; cells without a value are empty.
    """
    kind = TYPES_OF_UNITS.get(unit, "number")
    given = cells[cells != ""]
    numbers = pd.to_numeric(given, errors="coerce")
    fits = {
        "string": True,
        "number": bool(numbers.notna().all()),
        "integer": bool((numbers.notna() & (numbers % 1 == 0)).all()),
        "boolean": bool(given.isin(["true", "false"]).all()),
        "datetime": bool(pd.to_datetime(given, format=TIME_FORMAT, errors="coerce").notna().all()),
    }
    return kind if fits[kind] else "string"
