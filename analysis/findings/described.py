"""Description of the ratings before any test, and links between systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.findings.sections import Count, Number, P, PairNames, Section


@dataclass(frozen=True, slots=True)
class SystemDescription:
    """Ratings of a system, in a group or in total; mean and intervals: of participants' means."""

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
    """Ratings that a song in the mix of one system got from the participants."""

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
    """`sets`: systems connected by common participants; `song_sets`: connected by common songs.

    `between_people` lists the pairs of systems that no participant rated both. `between_songs`
    lists the pairs of systems that have no song in common.
    """

    sets: Sequence[Sequence[str]]
    between_people: Sequence[PairNames]
    song_sets: Sequence[Sequence[str]]
    between_songs: Sequence[PairNames]


@dataclass(frozen=True, slots=True)
class AgainstZero:
    """Mean of a system and its two-sided test against 0; `p_holm` is adjusted for all systems."""

    system: str
    estimate: Number
    ci_low: Number
    ci_high: Number
    df: Number
    p: P
    p_holm: P


@dataclass(frozen=True, slots=True)
class OpinionScore:
    """Mean of all votes for a system; `score` is the name of this mean.

    The interval from `ci_low` to `ci_high` is valid for other listeners, but not for other songs.
    The interval from `items_ci_low` to `items_ci_high` is valid for other listeners and other
    songs.
    """

    system: str
    score: str
    mean: Number
    sd: Number
    n_votes: Count
    n_participants: Count
    n_songs: Count
    ci_low: Number
    ci_high: Number
    items_ci_low: Number
    items_ci_high: Number


@dataclass(frozen=True, slots=True)
class StimulusQuality:
    """Quality of a stimulus, corrected for listeners' biases and inconsistencies."""

    system: str
    song: str
    n: Count
    mean: Number
    quality: Number
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class SystemQuality:
    """Mean quality of a system; the mean is taken over all songs."""

    system: str
    n_songs: Count
    quality: Number


@dataclass(frozen=True, slots=True)
class ListenerHabit:
    """A listener's bias and inconsistency, in points."""

    participant: str
    n: Count
    bias: Number
    bias_low: Number
    bias_high: Number
    inconsistency: Number
    inconsistency_low: Number
    inconsistency_high: Number


@dataclass(frozen=True, slots=True)
class SubjectModel(Section):
    """Quality, bias and inconsistency by maximum likelihood (ITU-T P.913)."""

    n_rounds: Count
    converged: bool
    systems: Sequence[SystemQuality]
    stimuli: Sequence[StimulusQuality]
    listeners: Sequence[ListenerHabit]
