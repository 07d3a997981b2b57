"""Tables for download and export: CSV that is exact, or safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from typing import Literal

import pandas as pd

from mixtrial.installation import Installation
from stimuli.manifest import Stimulus

DOWNLOADS = ("ratings", "training", "participants", "events", "stimuli")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def rated_pages(
    ratings: pd.DataFrame, *, include_training: bool = False, include_unfinished: bool = False
) -> pd.DataFrame:
    """Rows of the long table that an analysis starts from.

    Parameters
    ----------
    ratings
        All ratings, as ``Store.ratings`` gives them.
    include_training, include_unfinished
        Keep training pages, and participants who have not come to the end.
    """
    kept = pd.Series(True, index=ratings.index)
    if not include_training:
        kept &= ratings["page_kind"] == "rating"
    if not include_unfinished:
        kept &= ratings["finished"].astype(bool)
    return ratings[kept].reset_index(drop=True)


def as_csv(table: pd.DataFrame) -> str:
    """CSV text (UTF-8, commas, LF, header always) that no spreadsheet takes for formulas.

    Texts that begin with ``=``, ``+``, ``-``, ``@``, tab or carriage return get a leading
    apostrophe; numbers are never altered.
    """
    safe = table.copy()
    quoting: Literal[0, 2] = csv.QUOTE_MINIMAL
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].map(_without_formula)
            if safe[column].map(lambda cell: isinstance(cell, str) and "\r" in cell).any():
                quoting = csv.QUOTE_NONNUMERIC  # minimal quoting forgets the carriage return
    return safe.to_csv(index=False, lineterminator="\n", quoting=quoting)


def _without_formula(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def download(here: Installation, name: str) -> str:
    """CSV text of one of the ``DOWNLOADS``; that it was taken is logged, as it names systems."""
    study, store = here.study.identifier, here.store
    store.log_action(study, "download", name)
    if name == "ratings":
        return as_csv(rated_pages(store.ratings(study), include_unfinished=True))
    if name == "training":
        ratings = store.ratings(study)
        return as_csv(ratings[ratings["page_kind"] == "training"])
    if name == "participants":
        return as_csv(store.participants(study))
    if name == "events":
        return as_csv(store.events(study))
    return as_csv(stimuli_table(here))


def stimuli_table(here: Installation) -> pd.DataFrame:
    """The built stimuli, one a row, as in the manifest; no rows while the study is not built."""
    stimuli = here.manifest.stimuli if here.manifest is not None else ()
    columns = [field.name for field in fields(Stimulus)]
    return pd.DataFrame([asdict(stimulus) for stimulus in stimuli], columns=columns)
