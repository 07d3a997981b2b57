"""Content and description of a file in an archive."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from mixtrial.reporting.archive_files.tables import Table, packed_tables
from mixtrial.reporting.study_data import StudyData
from stimuli.study.study import Study


@dataclass(frozen=True)
class PackedStudy:
    """An archive that is almost complete: tables, stimuli and results are in ``folder``.

    ``data`` is the report's input; ``made_at`` is a time in UTC.
    """

    folder: Path
    study: Study
    data: StudyData
    made_at: datetime

    @cached_property
    def results(self) -> Any:
        """Content of ``results.json``."""
        return json.loads((self.folder / "results" / "results.json").read_text("utf-8"))

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """All CSV files of the archive, with their columns."""
        return packed_tables(self.folder)

    @property
    def description(self) -> str:
        """The study's own description, followed by a sentence about the archive."""
        people = self.results["data"].get("n_participants", 0)
        what = f"Ratings of a listening test by {people} participants, with its plan and results."
        return " ".join(filter(None, (self.study.description, what)))


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One file of an archive, other than its tables and results.

    Attributes
    ----------
    name
        Name of the file, which is in the top folder of the archive.
    media_type
        Media type of the file.
    remark
        Description of the file in a few words.
    text
        Its content.
    place
        Position in the order in which the files are written; a file that lists other files is
        written last.
    """

    name: str
    media_type: str
    remark: str
    text: Callable[[PackedStudy], str]
    place: int = 10


def as_json(content: Any) -> str:
    """JSON on several lines, like the archive's other files."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
