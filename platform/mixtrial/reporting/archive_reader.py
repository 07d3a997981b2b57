"""Reading of an archive: the checksums are verified; the data are those of the packed study.

The archive and its files are described in :mod:`mixtrial.reporting.archive_writer`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter

from analysis.ratings.table import RatingsError
from db.reading.comments import COMMENT_COLUMNS
from db.reading.listening import LISTENING_COLUMNS
from db.reading.page_tables import PAGE_COLUMNS
from db.reading.ratings import PARTICIPANT_COLUMNS, RATING_COLUMNS
from db.reading.trials import TRIAL_COLUMNS
from db.records.scale import UP_TO_100
from mixtrial.exports.csv_text import as_said
from mixtrial.imports.exported_tables import is_true, read_exported
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.study_data import StudyData, StudyFacts, StudyTables
from stimuli.page_types.registry import page_types
from stimuli.rendering.objective import measured_stimuli
from stimuli.study.manifest import MANIFEST_NAME, read_manifest

MARK = "archive.json"
SUMS = "SHA256SUMS"
FORMAT = 2
READABLE = (1, 2)
EARLIER_NAMES = (
    ("he seed study's test", "he test of Li (2022)"),
    ("seed; random choices", "li2022; random choices"),
)
"""Names of the study of Li (2022) and its profile in earlier archives, and their names now."""
NUMBERS = (
    "rating", "scale_minimum", "scale_maximum", "scale_step", "replicate", "page_index",
    "page_order", "stimulus_order", "time_s", "plays", "switches", "heard_s", "switches_to",
)  # fmt: skip


def is_archive(path: Path) -> bool:
    """Whether a folder was written by ``mixtrial archive``."""
    return (path / MARK).is_file()


def read_archive(folder: Path) -> StudyData:
    """All content of an archive that a report needs.

    Raises
    ------
    RatingsError
        A file is missing or was changed, or the format of the archive cannot be read.
    """
    _verify(folder)
    return packed_data(folder)


def packed_data(folder: Path) -> StudyData:
    """Read as :func:`read_archive` does, for an archive without checksums."""
    content = json.loads((folder / MARK).read_text("utf-8"))
    if content.get("format") not in READABLE:
        raise RatingsError(f"The archive {folder} has a format that this version cannot read.")
    # In older archives, the key of the options is "choices".
    options = content.get("options", content.get("choices"))
    stimuli = folder / "stimuli"
    is_built = (stimuli / MANIFEST_NAME).is_file()
    return StudyData(
        facts=_facts(content["facts"]),
        tables=_tables(folder / "data"),
        stimuli=measured_stimuli(read_manifest(stimuli)) if is_built else None,
        options=TypeAdapter(ReportOptions).validate_python(options),
    )


def _facts(content: Mapping[str, object]) -> StudyFacts:
    """Facts of an archive, with mixtrial's former names replaced by its present names."""
    packed = content.get("parts")
    parts = [_as_its_type_says(part) for part in packed] if isinstance(packed, list) else []
    facts = StudyFacts.from_json({**content, "parts": parts})

    def now(text: str) -> str:
        for earlier, name in EARLIER_NAMES:
            text = text.replace(earlier, name)
        return text

    standing = facts.standing
    return replace(
        facts,
        design=tuple((what, now(text)) for what, text in facts.design),
        standing=standing and replace(standing, method=now(standing.method)),
    )


def _as_its_type_says(part: Mapping[str, object]) -> Mapping[str, object]:
    """A part of the study; in older archives, missing facts are taken from the part's page type."""
    if "answers" in part:
        return part
    options = page_types()[str(part["type"])].model_construct()
    return {**part, **{key: getattr(options, key) for key in ("answers", "name_of_test", "source")}}


def _tables(folder: Path) -> StudyTables:
    """Tables of an archive, with the same types as in the database."""

    def table(name: str, columns: tuple[str, ...]) -> pd.DataFrame:
        path = folder / f"{name}.csv"
        found = read_exported(path) if path.is_file() else pd.DataFrame()
        # Columns that are empty in all rows were not written into the archive.
        absent = [column for column in columns if column not in found]
        found = found.assign(**dict.fromkeys(absent, ""))
        if "finished" in found:
            found = found.assign(finished=is_true(found["finished"]))
        numbers = {column: pd.to_numeric(found[column]) for column in NUMBERS if column in found}
        return found.assign(**numbers)

    comments = table("comments", COMMENT_COLUMNS).astype({"stimulus_order": "Int64"})
    ratings = table("ratings", RATING_COLUMNS)
    ends = {"scale_minimum": UP_TO_100.minimum, "scale_maximum": UP_TO_100.maximum}
    return StudyTables(
        ratings=ratings.fillna(ends),  # in older archives, each scale goes from 0 to 100
        trials=table("trials", TRIAL_COLUMNS),
        comments=comments.assign(comment=comments["comment"].map(as_said)),
        participants=table("participants", PARTICIPANT_COLUMNS),
        pages=table("pages", PAGE_COLUMNS),
        listening=table("listening", LISTENING_COLUMNS),
    )


def _verify(folder: Path) -> None:
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
    except OSError:
        raise RatingsError(f"The archive {folder} has no {SUMS}.") from None
    for line in lines:
        sha256, _, name = line.partition("  ")
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise RatingsError(f"The archive {folder} lacks {name}.")
        if sha256_of(path) != sha256:
            raise RatingsError(f"{name} in the archive {folder} was changed after packing.")
    listed = {line.partition("  ")[2] for line in lines}
    if not {MARK, "data/ratings.csv"} <= listed:
        raise RatingsError(f"The archive {folder} is not complete.")


def sha256_of(path: Path) -> str:
    """Checksum of a file, as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
