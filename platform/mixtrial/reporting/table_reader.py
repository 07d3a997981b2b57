"""A table of ratings or of choices, ours or another's, and the little that is known about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.ratings.names import refuse_names_that_look_alike
from analysis.ratings.table import RatingsError
from analysis.scale import COLUMNS, SCALE, Scale, likely_scales, with_scale
from analysis.wording import Wording
from mixtrial.exports.text_tables import read_exported
from mixtrial.reporting.study_data import AnswerTables, PartFacts, StudyData, StudyFacts

TRIALS_HAVE = {"system_a", "system_b", "answer"}


OF_A_TABLE = Wording(version="version", versions="versions")
"""A table has a column ``song``; it does not say whether its systems are mixes or codecs."""


def read_table(path: Path, scale: Scale | None = None) -> StudyData:
    """Ratings of a CSV file, or trials as ``mixtrial export --table trials`` writes them.

    Parameters
    ----------
    path
        Of the file.
    scale
        On which the ratings stand, where the table does not say it itself.

    Raises
    ------
    RatingsError
        The file cannot be read as a table, two of its names only look alike, or it is not clear on
        which scale its ratings stand.
    """
    if path.is_dir():
        raise RatingsError(
            f"{path} is a folder; name a table of ratings, a study.yaml or an archive"
        )
    title = path.stem.replace("_", " ").strip() or "Listening test"
    facts = StudyFacts(title=title, scale_intervals=None, wording=OF_A_TABLE)
    rows = read_exported(path)
    if "phase" in rows:
        rows = rows[rows["phase"] != "training"]
    refuse_names_that_look_alike(rows)
    if set(rows.columns) >= TRIALS_HAVE:
        no_ratings = pd.DataFrame(columns=["participant", "song", "system", "attribute", "rating"])
        return StudyData(facts, AnswerTables(no_ratings, trials=rows))
    rows, is_usual = _on_its_scale(rows, scale, path.name)
    if not is_usual:  # what words were seen beside other numbers is not known
        facts = replace(facts, scale_labels=())
    # The page type is not in the table: a name says it, when it is one.
    names = [name for name in dict.fromkeys(rows.get("part", ())) if name]
    facts = replace(facts, parts=tuple(PartFacts(name) for name in names))
    return StudyData(facts, AnswerTables(rows))


def _on_its_scale(rows: pd.DataFrame, given: Scale | None, name: str) -> tuple[pd.DataFrame, bool]:
    """Rows that say their scale where it is not from 0 to 100, and whether it is.

    Raises
    ------
    RatingsError
        The table says its scale and one was given, or nobody says it and the ratings leave it open.
    """
    said = [rows[column] for column in COLUMNS if column in rows]
    says = any((column != "").any() for column in said)
    if says and given is not None:
        raise RatingsError(f"{name} says its scale itself; leave --scale out")
    if says:
        usual = dict(zip(COLUMNS, (SCALE.minimum, SCALE.maximum, SCALE.step), strict=True))
        numbers = [pd.to_numeric(cells, errors="coerce").dropna() for cells in said]
        return rows, all(set(cells) <= {usual[str(cells.name)]} for cells in numbers)
    if given is not None:
        return (rows, True) if given == SCALE else (with_scale(rows, given), False)
    ratings = pd.to_numeric(rows.get("rating", pd.Series(dtype=str)), errors="coerce")
    if likely := likely_scales(ratings):
        options = ", ".join(f"--scale {scale.option}" for scale in likely)
        raise RatingsError(
            f"{name} does not say on which scale its ratings stand, and all of them lie between "
            f"{ratings.min():g} and {ratings.max():g}: give the scale, such as {options} (with its "
            f"step as {likely[0].option}:1), or --scale {SCALE.option} if they are points of 100"
        )
    return rows, True
