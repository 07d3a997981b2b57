"""Thresholds from adaptive tracks, in which the level follows the answers; one record per part.

**Conventions.** The field ``unit`` names the scale of the thresholds. If ``unit`` is ``level``, a
threshold is the rank of a level (1 is the easiest to hear). If ``unit`` is ``value``, a threshold
is on the scale of the numbers that the study gives to the levels. A track that ended at the first
or last level is *censored*: the track has no threshold. ``beyond`` names the end of the levels at
which a censored track ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from analysis.findings.sections import Count, NotEstimable, Number, P, Section


@dataclass(frozen=True, slots=True)
class Track:
    """One track: threshold by reversals, and threshold by the fitted curve; NaN if missing."""

    participant: str
    track: str
    n_trials: Count
    n_right: Count
    n_reversals: Count
    n_averaged: Count
    by_reversals: Number
    by_curve: Number
    ended: str
    beyond: Literal["", "hardest", "easiest"]


@dataclass(frozen=True, slots=True)
class MeanThreshold(Section):
    """Mean over listeners with Student's t interval; tracks of a listener are averaged first."""

    n_participants: Count
    mean: Number
    sd: Number
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class MedianThreshold(Section):
    """Median over listeners; thresholds outside the levels are included.

    The limits of the median's interval are the thresholds of two listeners in the rank order. By
    the binomial distribution, the confidence of the median's interval is at least 95 %. A limit of
    the interval is NaN if it is outside the levels.
    """

    n_participants: Count
    n_beyond: Count
    median: Number
    ci_low: Number
    ci_high: Number
    coverage: P


@dataclass(frozen=True, slots=True)
class Threshold:
    """Threshold: the level at which the share of right answers is ``target_share``."""

    part: str
    n_trials: Count
    n_participants: Count
    n_songs: Count
    n_tracks: Count
    n_beyond_hardest: Count
    n_beyond_easiest: Count
    n_cut_short: Count
    down: Annotated[int, Field(ge=1)]
    target_share: P
    unit: Literal["level", "value"]
    levels: Sequence[str]
    level_values: Sequence[Number]
    by_reversals: MeanThreshold | NotEstimable
    by_curve: MeanThreshold | NotEstimable
    median: MedianThreshold | NotEstimable
    tracks: Sequence[Track]
