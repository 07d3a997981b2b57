"""Thresholds of a study: for each track (series of adaptive trials), and for all listeners.

**Conventions.** A table has one trial per row, with the columns of :data:`TRACK_COLUMNS` and the
columns of :mod:`analysis.trials`. Rows whose ``track`` is empty belong to no track. If every level
has a ``level_value``, thresholds are on the scale of these values. Otherwise thresholds are ranks
of levels, with 1 for the easiest.

Notes
-----
By reversals: the mean of the levels at the reversals that the rule averages, an even number of
them, as peaks and valleys come in turn. By curve: :mod:`analysis.discrimination.psychometric`. A
listener's threshold is the mean of the thresholds of all tracks of the listener. The interval of
the mean threshold is Student's t interval; each listener is one value. The interval of the mean
threshold is valid for similar listeners, but only for the songs of the study.

A track that ended at the first or last level is *censored*: its threshold lies beyond this level.
Censored tracks are left out of means. A listener with a censored track is left out of the mean over
listeners. A median needs only ranks, so that it can include listeners with a censored track; such a
listener counts as outside the range. The limits of the median's interval are order statistics
(values at certain ranks) [1]_. If a listener has tracks beyond both ends of the levels, the
listener is left out of the mean and of the median.

References
----------
.. [1] W. J. Conover (1999), Practical nonparametric statistics, section 3.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.discrimination.psychometric import fitted_curve, target_share
from analysis.findings.adaptive.thresholds import (
    MeanThreshold,
    MedianThreshold,
    Threshold,
    Track,
)
from analysis.statistics.estimable import NotEstimableError, section
from analysis.trial_columns import ones_and_zeros

Floats = NDArray[np.float64]

TRACK = "track"
"""Kind of the trials that make up tracks."""

TRACK_COLUMNS = ("track", "trial", "level", "level_rank", "n_levels", "down", "correct", "reversal",
                 "averaged")  # fmt: skip
"""Columns that a table of trials on tracks needs. It also needs ``level_value`` if levels have
values, and ``ended`` if some track has ended.
"""

BEYOND = {"hardest": math.inf, "easiest": -math.inf}
"""Difficulty of a threshold beyond the levels, by the end of them at which the track ended."""


def split_tracks(trials: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Trials that belong to tracks, and all other trials.

    Raises
    ------
    ValueError
        A column is missing that the trials of tracks need.
    """
    is_track = trials["trial_kind"] == TRACK
    tracks = trials[is_track]
    missing = [name for name in TRACK_COLUMNS if name not in trials]
    if len(tracks) and missing:
        raise ValueError(f"The table of trials lacks the columns {', '.join(missing)}.")
    if len(tracks):  # practice trials and trials of removed levels belong to no staircase track
        tracks = tracks[tracks["track"].notna() & (tracks["track"].astype(str) != "")]
    return tracks, trials[~is_track]


def threshold_sections(trials: pd.DataFrame) -> list[Threshold]:
    """One record for each part that has tracks; an empty list if there are no tracks."""
    if trials.empty:
        return []
    table = trials.assign(
        ended=trials["ended"].fillna("").astype(str) if "ended" in trials else "",
        **{
            name: ones_and_zeros(trials[name]).fillna(0.0)
            for name in ("correct", "reversal", "averaged")
        },
        **{
            name: pd.to_numeric(trials[name].astype(object), errors="coerce")
            for name in ("trial", "level_rank", "n_levels", "down", "level_value")
            if name in trials
        },
    )
    return [
        _threshold(str(part), rows.sort_values(["participant", "track", "trial"]))
        for part, rows in table.groupby("part", sort=True)
    ]


def _threshold(part: str, rows: pd.DataFrame) -> Threshold:
    levels = _levels(rows)
    down = int(rows["down"].iloc[0])
    target = target_share(down)
    unit, places = _places(rows, len(levels))
    sign = -1.0 if places[-1] < places[0] else 1.0
    tracks = [
        _track(str(key[0]), str(key[1]), each, places, sign, target)
        for key, each in rows.groupby(["participant", "track"], sort=True)
    ]
    ends = [track.beyond for track in tracks]
    return Threshold(
        part=part,
        n_trials=len(rows),
        n_participants=int(rows["participant"].nunique()),
        n_songs=int(rows["song"].nunique()),
        n_tracks=len(tracks),
        n_beyond_hardest=ends.count("hardest"),
        n_beyond_easiest=ends.count("easiest"),
        n_cut_short=sum(track.ended in ("", "trials") for track in tracks),
        down=down,
        target_share=target,
        unit=unit,
        levels=levels,
        level_values=[float(place) for place in places],
        by_reversals=section(lambda: _mean(tracks, [track.by_reversals for track in tracks])),
        by_curve=section(lambda: _mean(tracks, [track.by_curve for track in tracks])),
        median=section(lambda: _median(tracks, sign)),
        tracks=tracks,
    )


def _levels(rows: pd.DataFrame) -> list[str]:
    """Names of the levels in order; a level that was never played is named by its number."""
    names = dict(zip(rows["level_rank"].astype(int), rows["level"].astype(str), strict=True))
    n_levels = int(rows["n_levels"].max())
    return [names.get(rank, str(rank)) for rank in range(1, n_levels + 1)]


def _places(rows: pd.DataFrame, n_levels: int) -> tuple[Literal["level", "value"], Floats]:
    """Unit of the thresholds, and the value of each level in that unit."""
    ranks = np.arange(1.0, n_levels + 1.0)
    if "level_value" not in rows or rows["level_value"].isna().any():
        return "level", ranks
    known = dict(zip(rows["level_rank"], rows["level_value"], strict=True))
    heard = np.array(sorted(known))
    if len(heard) < 2:
        return "level", ranks
    values = np.array([known[rank] for rank in heard])
    found = np.interp(ranks, heard, values)
    # the curve also gives a value for harder levels, although they were never played
    found = np.where(ranks > heard[-1], values[-1] + (ranks - heard[-1]) * (
        (values[-1] - values[-2]) / (heard[-1] - heard[-2])), found)  # fmt: skip
    found = np.where(ranks < heard[0], values[0] - (heard[0] - ranks) * (
        (values[1] - values[0]) / (heard[1] - heard[0])), found)  # fmt: skip
    return "value", found


def _track(
    participant: str, name: str, rows: pd.DataFrame, places: Floats, sign: float, target: float
) -> Track:
    """Thresholds of a track by reversals and by curve; NaN if it ended at an end of the levels."""
    at = places[rows["level_rank"].to_numpy(dtype=int) - 1]
    right = rows["correct"].to_numpy(dtype=float)
    averaged = rows["averaged"].to_numpy(dtype=float) == 1.0
    ended = str(rows["ended"].iloc[-1])
    beyond = cast(Literal["", "hardest", "easiest"], ended if ended in BEYOND else "")
    curve = None if beyond else fitted_curve(sign * at, right, np.sort(sign * places))
    by_curve = math.nan if curve is None else sign * curve.threshold(target)
    low, high = _reach(places)
    return Track(
        participant=participant,
        track=name,
        n_trials=len(rows),
        n_right=int(right.sum()),
        n_reversals=int(rows["reversal"].sum()),
        n_averaged=int(averaged.sum()),
        by_reversals=threshold_by_reversals(at, averaged, ended),
        by_curve=by_curve if low <= by_curve <= high else math.nan,
        ended=ended,
        beyond=beyond,
    )


def threshold_by_reversals(at: Floats, averaged: NDArray[np.bool_], ended: str) -> float:
    """Mean level of the reversals that are averaged; NaN if the track did not end by reversals.

    Parameters
    ----------
    at
        Level of each trial on the scale of the thresholds, shape (n_trials,).
    averaged
        Whether the level of the trial is averaged for the threshold, shape (n_trials,).
    ended
        Reason why the track ended.
    """
    is_whole = ended == "reversals" and bool(averaged.any())
    return float(at[averaged].mean()) if is_whole else math.nan


def _reach(places: Floats) -> tuple[float, float]:
    """Limits of a curve's threshold: the range of the levels, with one more step at each end."""
    step = float(np.median(np.abs(np.diff(places))))
    return float(places.min()) - step, float(places.max()) + step


def _of_listeners(tracks: Sequence[Track], values: Sequence[float]) -> Floats:
    """Mean threshold of each listener, if it exists and is inside the range of the levels."""
    own: dict[str, list[float]] = {}
    for track, value in zip(tracks, values, strict=True):
        own.setdefault(track.participant, []).append(math.inf if track.beyond else value)
    means = [
        float(np.mean(known))
        for each in own.values()
        if math.inf not in each and (known := [value for value in each if not math.isnan(value)])
    ]
    return np.array(means)


def _mean(tracks: Sequence[Track], values: Sequence[float]) -> MeanThreshold:
    found = _of_listeners(tracks, values)
    if len(found) < 2:
        raise NotEstimableError(
            f"{len(found)} listener{' has' if len(found) == 1 else 's have'} a threshold within "
            "the levels; an interval needs two listeners."
        )
    mean, sd = float(found.mean()), float(found.std(ddof=1))
    half = float(stats.t.ppf(0.975, len(found) - 1)) * sd / math.sqrt(len(found))
    return MeanThreshold(len(found), mean, sd, mean - half, mean + half)


def _median(tracks: Sequence[Track], sign: float) -> MedianThreshold:
    """Median by reversals; thresholds outside the levels get the first or last rank."""
    own: dict[str, list[float]] = {}
    for track in tracks:
        value = sign * BEYOND[track.beyond] if track.beyond else track.by_reversals
        own.setdefault(track.participant, []).append(value)
    found = []
    for each in own.values():
        known = [value for value in each if not math.isnan(value)]
        if known and not (math.inf in known and -math.inf in known):
            found.append(float(np.mean(known)))
    values = np.sort(np.array(found))
    n = len(values)
    if n < 2:
        raise NotEstimableError("Fewer than two listeners have a finished staircase track.")
    with np.errstate(invalid="ignore"):
        median = float((values[(n - 1) // 2] + values[n // 2]) / 2)
    # r is the largest number with P(B < r) <= 2.5 %. The interval goes from the r-th lowest to the
    # r-th highest value.
    r = int(stats.binom.ppf(0.025, n, 0.5))
    limits = (float(values[r - 1]), float(values[n - r])) if r >= 1 else (math.nan, math.nan)
    coverage = 1.0 - 2.0 * float(stats.binom.cdf(r - 1, n, 0.5)) if r >= 1 else math.nan
    low, high = (value if math.isfinite(value) else math.nan for value in limits)
    return MedianThreshold(
        n_participants=n,
        n_beyond=int(np.isinf(values).sum()),
        median=median if math.isfinite(median) else math.nan,
        ci_low=low,
        ci_high=high,
        coverage=coverage,
    )
