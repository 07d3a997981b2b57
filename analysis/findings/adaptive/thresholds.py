"""Thresholds of adaptive tracks, one record per part.

**Conventions.** Thresholds are on the scale of ``unit``: ``level`` is the rank of a level (1 for
the easiest to hear), ``value`` a number that the study gives to each. A track that ended at the
first or last level has no threshold, and ``beyond`` says at which: it is censored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from analysis.findings.sections import Count, NotEstimable, Number, P, Section


@dataclass(frozen=True, slots=True)
class Track:
    """One track: its threshold by its reversals and by the fitted curve; NaN without one."""

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
    """Mean over listeners, each the mean of their tracks, with an interval by Student's t."""

    n_participants: Count
    mean: Number
    sd: Number
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class MedianThreshold(Section):
    """Median over listeners, those beyond an end of the levels among them.

    The interval is between two listeners in their order, at least 95 % by the binomial
    distribution; a limit beyond the levels is NaN.
    """

    n_participants: Count
    n_beyond: Count
    median: Number
    ci_low: Number
    ci_high: Number
    coverage: P


@dataclass(frozen=True, slots=True)
class Threshold:
    """Threshold: the level at which ``target_share`` of the answers are right."""

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
