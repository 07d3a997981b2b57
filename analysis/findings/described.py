"""What the ratings look like before any test, and who heard which systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.findings.sections import Count, Number, PairNames, Section


@dataclass(frozen=True, slots=True)
class SystemDescription:
    """A system's ratings, of a group or of everybody; mean and intervals are of people's means."""

    group: str | None
    system: str
    n_participants: Count
    n_ratings: Count
    mean: Number
    sd: Number
    median: Number
    q1: Number
    q3: Number
    min: Number
    max: Number
    share_at_minimum: Number
    share_at_maximum: Number
    skewness: Number
    kurtosis: Number
    bimodality: Number
    ci_low: Number
    ci_high: Number
    within_ci_low: Number
    within_ci_high: Number


@dataclass(frozen=True, slots=True)
class SongDescription:
    """Participants' ratings of a song by a system."""

    song: str
    system: str
    n: Count
    mean: Number
    median: Number
    q1: Number
    q3: Number
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class DesignGraph(Section):
    """`sets` of systems that chains of participants connect; pairs that nobody rated both of."""

    sets: Sequence[Sequence[str]]
    between_people: Sequence[PairNames]
