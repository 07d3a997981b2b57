"""How participants behaved: plays, switches and times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.findings.sections import Count, Number, absent
from analysis.ratings.descriptives import tukey_hinges

PAGE = ("participant", "song", "replicate")


def stimuli_played(ratings: pd.DataFrame) -> pd.DataFrame:
    """A row for each participant and rated stimulus: participant, song, system, plays.

    The table of plays is empty if the ratings do not say how often stimuli were played.
    """
    if "plays" not in ratings:
        return pd.DataFrame(columns=["participant", "song", "system", "plays"])
    keys = [key for key in (*PAGE, "system") if key in ratings]
    rows = ratings.drop_duplicates(keys)
    rows = rows.assign(plays=pd.to_numeric(rows["plays"], errors="coerce")).dropna(subset=["plays"])
    return rows if (rows["plays"] > 0).any() else rows.iloc[:0]


def stimuli_heard(ratings: pd.DataFrame) -> pd.DataFrame:
    """A row for each participant and rated stimulus, with ``heard_s`` and ``switches_to``.

    The table of listening is empty if the columns ``heard_s`` and ``switches_to`` are missing or
    empty.
    """
    names = ["heard_s", "switches_to"]
    if not set(names) <= set(ratings):
        return pd.DataFrame(columns=["participant", "song", "system", *names])
    keys = [key for key in (*PAGE, "system") if key in ratings]
    rows = ratings.drop_duplicates(keys)
    rows = rows.assign(**{name: pd.to_numeric(rows[name], errors="coerce") for name in names})
    rows = rows.dropna(subset=names)
    return rows if (rows["heard_s"] > 0).any() else rows.iloc[:0]


def pages_seen(ratings: pd.DataFrame) -> pd.DataFrame:
    """A row for each participant and rated page; ``time_s`` and ``switches`` if known."""
    keys = [key for key in PAGE if key in ratings]
    rows = ratings.drop_duplicates(keys)
    for name in ("time_s", "switches"):
        values = rows[name] if name in rows else pd.Series(np.nan, index=rows.index)
        rows = rows.assign(**{name: pd.to_numeric(values, errors="coerce")})
    return rows[rows["time_s"].notna() & (rows["time_s"] > 0)]


@dataclass(frozen=True, slots=True)
class SystemPlayed:
    """Plays of a system's stimuli; if known, how much of each stimulus was heard."""

    system: str
    n: Count
    plays_median: Number
    plays_q1: Number
    plays_q3: Number
    share_never_played: Number
    heard_median_s: float | None = absent()
    heard_q1_s: float | None = absent()
    heard_q3_s: float | None = absent()
    switches_to_median: float | None = absent()


@dataclass(frozen=True, slots=True)
class PagesTaken:
    """Times of pages, and numbers of switches between stimuli (NaN: unknown)."""

    n: Count
    time_median_s: Number
    time_q1_s: Number
    time_q3_s: Number
    switches_median: Number


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Summary of the recorded plays; without records, it is empty and ``pages`` is None."""

    systems: Sequence[SystemPlayed]
    pages: PagesTaken | None


def behaviour_of(ratings: pd.DataFrame, systems: tuple[str, ...]) -> Behaviour | None:
    """Summary of what was recorded about plays; None if nothing was recorded."""
    played, pages, heard = stimuli_played(ratings), pages_seen(ratings), stimuli_heard(ratings)
    if played.empty and pages.empty:
        return None
    rows = []
    for system in systems:
        plays = played.loc[played["system"] == system, "plays"].to_numpy(dtype=float)
        if len(plays):
            middle = (float(np.median(plays)), *tukey_hinges(plays))
            row = SystemPlayed(system, len(plays), *middle, float(np.mean(plays == 0)))
            rows.append(_with_heard(row, heard[heard["system"] == system]))
    return Behaviour(rows, _pages(pages))


def _with_heard(row: SystemPlayed, heard: pd.DataFrame) -> SystemPlayed:
    if heard.empty:
        return row
    seconds = heard["heard_s"].to_numpy(dtype=float)
    q1, q3 = tukey_hinges(seconds)
    return replace(
        row,
        heard_median_s=float(np.median(seconds)),
        heard_q1_s=q1,
        heard_q3_s=q3,
        switches_to_median=float(heard["switches_to"].median()),
    )


def _pages(pages: pd.DataFrame) -> PagesTaken | None:
    if pages.empty:
        return None
    times = pages["time_s"].to_numpy(dtype=float)
    switches = pages["switches"].dropna().to_numpy(dtype=float)
    usual = float(np.median(switches)) if len(switches) else math.nan
    return PagesTaken(len(times), float(np.median(times)), *tukey_hinges(times), usual)
