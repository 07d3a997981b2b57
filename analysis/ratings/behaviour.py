"""How participants went about it: what they played, switched and how long they took."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.ratings.descriptives import tukey_hinges

PAGE = ("participant", "song", "replicate")


def stimuli_played(ratings: pd.DataFrame) -> pd.DataFrame:
    """One row a stimulus that somebody rated: participant, song, system, plays.

    Empty where the table does not tell plays, or where nobody's plays were recorded.
    """
    if "plays" not in ratings:
        return pd.DataFrame(columns=["participant", "song", "system", "plays"])
    keys = [key for key in (*PAGE, "system") if key in ratings]
    rows = ratings.drop_duplicates(keys)
    rows = rows.assign(plays=pd.to_numeric(rows["plays"], errors="coerce")).dropna(subset=["plays"])
    return rows if (rows["plays"] > 0).any() else rows.iloc[:0]


def stimuli_heard(ratings: pd.DataFrame) -> pd.DataFrame:
    """One row a stimulus that somebody rated, with ``heard_s`` and ``switches_to``.

    Empty where the table does not tell them, or where nothing was recorded.
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
    """One row a page that somebody rated, with ``time_s`` and ``switches`` where known."""
    keys = [key for key in PAGE if key in ratings]
    rows = ratings.drop_duplicates(keys)
    for name in ("time_s", "switches"):
        values = rows[name] if name in rows else pd.Series(np.nan, index=rows.index)
        rows = rows.assign(**{name: pd.to_numeric(values, errors="coerce")})
    return rows[rows["time_s"].notna() & (rows["time_s"] > 0)]


def behaviour_of(ratings: pd.DataFrame, systems: tuple[str, ...]) -> dict[str, Any] | None:
    """What the play records say, as JSON; None where there are none.

    Returns
    -------
    dict
        ``systems`` [{system, n, plays_median, plays_q1, plays_q3, share_never_played}], with
        ``heard_median_s``, ``heard_q1_s``, ``heard_q3_s`` and ``switches_to_median`` where known,
        and ``pages`` {n, time_median_s, time_q1_s, time_q3_s, switches_median}; a list is empty,
        and ``pages`` None, where nothing is known.
    """
    played, pages, heard = stimuli_played(ratings), pages_seen(ratings), stimuli_heard(ratings)
    if played.empty and pages.empty:
        return None
    rows = []
    for system in systems:
        plays = played.loc[played["system"] == system, "plays"].to_numpy(dtype=float)
        if len(plays):
            q1, q3 = tukey_hinges(plays)
            row: dict[str, Any] = {"system": system, "n": len(plays)}
            row |= {"plays_median": float(np.median(plays)), "plays_q1": q1, "plays_q3": q3}
            row["share_never_played"] = float(np.mean(plays == 0))
            rows.append(row | _heard(heard[heard["system"] == system]))
    return {"systems": rows, "pages": _pages(pages)}


def _heard(rows: pd.DataFrame) -> dict[str, Any]:
    if rows.empty:
        return {}
    seconds = rows["heard_s"].to_numpy(dtype=float)
    q1, q3 = tukey_hinges(seconds)
    found: dict[str, Any] = {"heard_median_s": float(np.median(seconds))}
    found |= {"heard_q1_s": q1, "heard_q3_s": q3}
    return found | {"switches_to_median": float(rows["switches_to"].median())}


def _pages(pages: pd.DataFrame) -> dict[str, Any] | None:
    if pages.empty:
        return None
    times = pages["time_s"].to_numpy(dtype=float)
    q1, q3 = tukey_hinges(times)
    switches = pages["switches"].dropna().to_numpy(dtype=float)
    found: dict[str, Any] = {"n": len(times), "time_median_s": float(np.median(times))}
    found |= {"time_q1_s": q1, "time_q3_s": q3}
    return found | {"switches_median": float(np.median(switches)) if len(switches) else None}
