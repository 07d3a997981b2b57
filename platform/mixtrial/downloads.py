"""Tables for download and export: CSV that is exact, or safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from typing import Literal

import pandas as pd

from mixtrial.answer_columns import answer_meanings, with_answer_columns
from mixtrial.codebook import codebook
from mixtrial.installation import Installation
from stimuli.manifest import Stimulus

DOWNLOADS = (
    "ratings", "trials", "comments", "listening", "training", "participants", "events", "stimuli",
    "codebook", "webmushra", "contacts",
)  # fmt: skip
EVENT_MEANINGS = {
    "epoch": ("count", "number of the page's opening under which this was sent"),
    "seq": ("count", "number of the save that brought this, within the opening"),
    "index": ("count", "place within that save, from 0"),
    "t_ms": ("milliseconds", "time since the page was loaded in the browser"),
    "event": ("text", "what was done: play, switch, loop, rate, submit and so on"),
    "value": ("as the event says", "what the event carries"),
    "received_at": ("time, UTC", "when the server stored this"),
}
CHOICES = ("preference", "abx")
"""Page types whose answers are choices between mixes: the table of trials has them."""

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


def as_said(cell: str) -> str:
    """Text of a cell as it was before :func:`as_csv` kept it from being a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def download(here: Installation, name: str) -> str:
    """CSV text of one of the ``DOWNLOADS``; that it was taken is logged, as it names systems."""
    study, store = here.study.identifier, here.store
    store.log_action(study, "download", name)
    if name == "ratings":
        return as_csv(rated_pages(store.ratings(study), include_unfinished=True))
    if name in ("trials", "comments", "listening"):
        table: pd.DataFrame = getattr(store, name)(study)
        return as_csv(rated_pages(table, include_unfinished=True))
    if name == "training":
        ratings = store.ratings(study)
        return as_csv(ratings[ratings["page_kind"] == "training"])
    if name == "participants":
        return as_csv(with_answer_columns(store.participants(study), here.study))
    if name == "events":
        return as_csv(store.events(study))
    if name == "contacts":
        return as_csv(store.contacts(study))
    if name == "codebook":
        return as_csv(codebook_table(here))
    if name == "webmushra":
        rated = rated_pages(store.ratings(study), include_unfinished=True)
        return as_csv(webmushra_table(rated, study, store.comments(study)))
    return as_csv(stimuli_table(here))


def codebook_table(here: Installation) -> pd.DataFrame:
    """What every column of the ratings, participants and events means, one column a row."""
    study, store = here.study.identifier, here.store
    people = with_answer_columns(store.participants(study), here.study)
    tables = {"ratings": store.ratings(study), "participants": people}
    if any(part.type in CHOICES for part in here.study.page_parts):
        tables["trials"] = store.trials(study)
    if here.study.comments != "none":
        tables["comments"] = store.comments(study)
    tables["listening"] = store.listening(study)
    events = store.events(study).drop(columns=list(EVENT_MEANINGS))
    table = codebook({**tables, "events": events}, answer_meanings(here.study, people.columns))
    own = [("events", column, *words) for column, words in EVENT_MEANINGS.items()]
    return pd.concat([table, pd.DataFrame(own, columns=table.columns)], ignore_index=True)


def webmushra_table(
    ratings: pd.DataFrame, study: str, comments: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The long table in the columns of webMUSHRA's ``mushra.csv``, one rating a row.

    A trial is a song; with several questions, ``song_attribute``; with several parts, the part's
    name before it. Group and device stand where
    webMUSHRA has its questionnaire; a repeated song repeats its trial, as there. A comment on a
    stimulus stands beside each of its ratings.
    """
    several = len(ratings["attribute"].unique()) > 1
    trial = ratings["song"] + ("_" + ratings["attribute"] if several else "")
    if len(ratings["part"].unique()) > 1:
        trial = ratings["part"] + "_" + trial
    return pd.DataFrame(
        {
            "session_test_id": study,
            "group": ratings["group"],
            "device": ratings["device"],
            "session_uuid": ratings["participant"],
            "trial_id": trial,
            "rating_stimulus": ratings["system"],
            "rating_score": ratings["rating"],
            "rating_time": (ratings["time_s"].astype(float) * 1000).round().astype("Int64"),
            "rating_comment": _comments_beside(ratings, comments),
        }
    )


def _comments_beside(ratings: pd.DataFrame, comments: pd.DataFrame | None) -> pd.Series[str] | str:
    """The comment on the stimulus of each rating; empty where there is none."""
    if comments is None or comments.empty:
        return ""
    keys = ["participant", "part", "song", "repeat", "system"]
    own = comments[comments["page_kind"] == "rating"].drop_duplicates(keys)
    found = ratings[keys].merge(own[[*keys, "comment"]], on=keys, how="left")
    return found["comment"].fillna("").set_axis(ratings.index)


def stimuli_table(here: Installation) -> pd.DataFrame:
    """The built stimuli, one a row, as in the manifest; no rows while the study is not built."""
    stimuli = here.manifest.stimuli if here.manifest is not None else ()
    columns = [field.name for field in fields(Stimulus)]
    return pd.DataFrame([asdict(stimulus) for stimulus in stimuli], columns=columns)
