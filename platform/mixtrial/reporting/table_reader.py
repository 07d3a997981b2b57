"""A table of ratings or choices in a format that mixtrial can read, and facts about the table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.ratings.table import RatingsError
from analysis.report.context import FileRead
from analysis.scale import Scale
from analysis.wording import Wording
from mixtrial.imports.results.columns import is_of_trials
from mixtrial.imports.results.options import ReadingOptions
from mixtrial.imports.results.reading import read_results
from mixtrial.imports.results.together import on_its_scale
from mixtrial.reporting.study_data import AnswerTables, PartFacts, StudyData, StudyFacts

OF_A_TABLE = Wording(version="version", versions="versions")
"""A table has a column ``song``; it does not say whether its systems are mixes or codecs."""


def read_table(
    path: Path, scale: Scale | None = None, reading: ReadingOptions | None = None
) -> StudyData:
    """Ratings or trials from a file in any format that mixtrial can read.

    Parameters
    ----------
    path
        Of the file.
    scale
        Scale of the ratings, if the table does not state it.
    reading
        Further options for the file: names of columns, decimal sign, words of the scale.

    Raises
    ------
    RatingsError
        The file cannot be read as a table, two names in the table look alike, or the scale of its
        ratings is unknown.
    """
    if path.is_dir():
        raise RatingsError(
            f"{path} is a folder; name a table of ratings, a study.yaml or an archive."
        )
    title = path.stem.replace("_", " ").strip() or "Listening test"
    facts = StudyFacts(title=title, scale_intervals=None, wording=OF_A_TABLE)
    imported = read_results(path, reading, scale)
    file = FileRead(imported.sha256, imported.in_one_line, imported.is_usual)
    facts = replace(facts, files=(file,))
    rows = imported.rows
    if "phase" in rows:
        rows = rows[rows["phase"] != "training"]
    if is_of_trials(rows):
        no_ratings = pd.DataFrame(columns=["participant", "song", "system", "attribute", "rating"])
        return StudyData(facts, AnswerTables(no_ratings, trials=rows))
    rows, is_usual = on_its_scale(rows, scale, path.name)
    if not is_usual:  # the labels of a scale other than the usual scale are unknown
        facts = replace(facts, scale_labels=())
    # A table of ratings does not state page types. A part whose name is a page type is assumed to
    # have this type.
    names = [name for name in dict.fromkeys(rows.get("part", ())) if name]
    facts = replace(facts, parts=tuple(PartFacts(name) for name in names))
    return StudyData(facts, AnswerTables(rows))
