"""A table of ratings or of choices, ours or another's, and the little that is known about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.ratings.table import RatingsError
from mixtrial.exports.text_tables import read_exported
from mixtrial.reporting.study_data import AnswerTables, PartFacts, StudyData, StudyFacts

TRIALS_HAVE = {"system_a", "system_b", "answer"}


def read_table(path: Path) -> StudyData:
    """Ratings of a CSV file, or trials as ``mixtrial export --table trials`` writes them.

    Raises
    ------
    RatingsError
        The file cannot be read as a table.
    """
    if path.is_dir():
        raise RatingsError(
            f"{path} is a folder; name a table of ratings, a study.yaml or an archive"
        )
    title = path.stem.replace("_", " ").strip() or "Listening test"
    facts = StudyFacts(title=title, scale_intervals=None)
    rows = read_exported(path)
    if "phase" in rows:
        rows = rows[rows["phase"] != "training"]
    if set(rows.columns) >= TRIALS_HAVE:
        no_ratings = pd.DataFrame(columns=["participant", "song", "system", "attribute", "rating"])
        return StudyData(facts, AnswerTables(no_ratings, trials=rows))
    # The page type is not in the table: a name says it, when it is one.
    names = [name for name in dict.fromkeys(rows.get("part", ())) if name]
    facts = replace(facts, parts=tuple(PartFacts(name) for name in names))
    return StudyData(facts, AnswerTables(rows))
