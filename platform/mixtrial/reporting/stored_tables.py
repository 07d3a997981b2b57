"""Tables of a study as its database has them, and what the analysis wants added to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.ratings.table import RatingsError
from mixtrial.server.installation import Installation
from stimuli.rendering.objective import objective_measures
from stimuli.study.study import StudyError


@dataclass(frozen=True, slots=True)
class Stored:
    """All tables of a study, as its database has them or an archive keeps them.

    ``listening`` is empty in archives that were made before it was kept.
    """

    ratings: pd.DataFrame
    trials: pd.DataFrame
    comments: pd.DataFrame
    participants: pd.DataFrame
    pages: pd.DataFrame
    listening: pd.DataFrame


def stored_tables(installation: Installation) -> Stored:
    """Everything that was said in a study."""
    store, study = installation.store, installation.study.identifier
    return Stored(
        ratings=store.ratings(study),
        trials=store.trials(study),
        comments=store.comments(study),
        participants=store.participants(study),
        pages=store.pages(study),
        listening=store.listening(study),
    )


def with_objective(stimuli: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Stimuli with what meters say of them, as they are where their files cannot be measured."""
    try:
        measured = objective_measures(folder)
    except StudyError:
        return stimuli
    keys = ["song", "system"]
    new = [name for name in measured if name not in stimuli]
    return stimuli.merge(measured[keys + new], on=keys, how="left")


def with_behaviour(table: pd.DataFrame, manifest: pd.DataFrame | None) -> pd.DataFrame:
    """Add what the screening asks for: page_time_s, play_count, and duration_s of the excerpts.

    What simulated participants play, and for how long, is made up and therefore not screened.
    """
    real = table["participant_kind"] != "simulated"
    table = table.assign(
        page_time_s=pd.to_numeric(table["time_s"]).where(real),
        play_count=pd.to_numeric(table["plays"]).where(real).astype(float),
    )
    if manifest is not None:
        lengths = manifest.drop_duplicates("song").set_index("song")["duration_s"]
        table = table.assign(duration_s=table["song"].map(lengths))
    return table


def with_listening(table: pd.DataFrame, listening: pd.DataFrame) -> pd.DataFrame:
    """Add heard_s and switches_to: how each stimulus was listened to on its page."""
    keys = ["participant", "part", "song", "replicate", "system"]
    known = listening[listening["page_kind"] == "rating"].rename(columns={"repeat": "replicate"})
    if known.empty or not set(keys) <= set(table.columns):
        return table
    # A stimulus is on one page of a song only; an open reference of the same name comes later.
    first = known.drop_duplicates(keys)[[*keys, "heard_s", "switches_to"]]
    return table.merge(first, on=keys, how="left")


def analysable(exported: pd.DataFrame) -> pd.DataFrame:
    """Rows of our long table as the analysis takes them: no training, repeats as replicates."""
    table = exported
    if "page_kind" in table:
        table = table[table["page_kind"] != "training"]
    if "repeat" in table and "replicate" not in table:
        table = table.rename(columns={"repeat": "replicate"})
    return table.reset_index(drop=True)


def real_participants(ratings: pd.DataFrame) -> pd.DataFrame:
    """Ratings without those of simulated participants.

    Raises
    ------
    RatingsError
        When nobody is left.
    """
    if "participant_kind" not in ratings:
        return ratings
    kept = ratings[ratings["participant_kind"] != "simulated"].reset_index(drop=True)
    if kept.empty:
        raise RatingsError("all participants are simulated; nobody real has rated yet")
    return kept
