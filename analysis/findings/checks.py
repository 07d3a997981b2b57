"""Further findings: agreement, power, sensitivity, expertise, labs, arms, languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.findings.models import FTest, ModelAgain
from analysis.findings.sections import (
    Count,
    NotEstimable,
    Number,
    P,
    PairNames,
    Section,
    absent,
)


@dataclass(frozen=True)
class Icc:
    """One form of the intraclass correlation, with its F test and 95 % interval."""

    form: str
    value: Number
    f: Number
    df1: Count
    df2: Count
    p: P
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class Agreement(Section):
    """How much `n_participants` participants agree on `n_targets` stimuli that all rated."""

    n_participants: Count
    n_targets: Count
    icc: Sequence[Icc] | NotEstimable
    krippendorff_alpha: Number | NotEstimable
    kendall_w: Number | NotEstimable


@dataclass(frozen=True, slots=True)
class PowerAtSize:
    """Effects, in points, that could be detected by a study of another size."""

    n_participants: Count
    n_songs: Count
    se: Number
    detectable_difference: Number
    power: P


@dataclass(frozen=True, slots=True)
class Power(Section):
    """Effects that this study can detect; `n_for_equivalence` is None if it is above 500."""

    source: str
    variance: Mapping[str, Number]
    n_participants: Count
    n_songs: Count
    n_songs_each: Number
    se: Number
    df: Number
    detectable_difference: Number
    floor: Number
    difference: Number
    grid: Sequence[PowerAtSize]
    margin: Number
    n_for_equivalence: int | None


@dataclass(frozen=True, slots=True)
class GroupResidualsTest(Section):
    """Model with a residual variance for each group (points^2); a test whether one is enough."""

    variance: Mapping[str, Number]
    lr: Number
    df: Count
    p: P
    omnibus: Mapping[str, FTest | NotEstimable]


@dataclass(frozen=True, slots=True)
class LeftOneOut:
    """Difference of a pair, in points, when one song or one participant is left out."""

    left_out: str
    a: str
    b: str
    estimate: Number


@dataclass(frozen=True, slots=True)
class Sensitivity(Section):
    """How much the findings depend on choices made in the analysis."""

    z_scores: ModelAgain | NotEstimable
    leave_one_song_out: Sequence[LeftOneOut] | NotEstimable
    leave_one_participant_out: Sequence[LeftOneOut] | NotEstimable
    no_exclusions: ModelAgain | NotEstimable | None = absent()
    group_residuals: GroupResidualsTest | NotEstimable | None = absent()


@dataclass(frozen=True, slots=True)
class Expertise(Section):
    """Effect of the criterion of expertise: the model without it, and pairs it changes."""

    discriminates: bool
    reliability_sd: float | None
    n_excluded: Count
    without: ModelAgain | NotEstimable | None = absent()
    changed: Sequence[PairNames] | None = absent()


@dataclass(frozen=True, slots=True)
class LevelSize:
    """How much data a lab, an arm or a language has."""

    n_participants: Count
    n_songs: Count
    n_ratings: Count
    lab: str | None = absent()
    arm: str | None = absent()
    language: str | None = absent()


@dataclass(frozen=True, slots=True)
class LevelMean:
    """Mean of a system in a lab, an arm or a language, in points."""

    system: str
    estimate: Number
    se: Number
    df: Number
    ci_low: Number
    ci_high: Number
    lab: str | None = absent()
    arm: str | None = absent()
    language: str | None = absent()


@dataclass(frozen=True, slots=True)
class LevelDifference:
    """Difference of two systems in a lab, an arm or a language, in points."""

    a: str
    b: str
    estimate: Number
    se: Number
    df: Number
    ci_low: Number
    ci_high: Number
    p: P
    p_holm: P
    lab: str | None = absent()
    arm: str | None = absent()
    language: str | None = absent()


@dataclass(frozen=True, slots=True)
class DifferenceOfLevels:
    """Difference of two labs, arms or languages in points, for one system or (None) for all."""

    a: str
    b: str
    system: str | None
    estimate: Number
    se: Number
    df: Number
    ci_low: Number
    ci_high: Number
    p: P
    p_holm: P


@dataclass(frozen=True, slots=True)
class BetweenParticipants(Section):
    """A factor between participants, in the mixed model."""

    levels: Sequence[LevelSize]
    main_effect: FTest
    interaction: FTest | NotEstimable
    means: Sequence[LevelMean]
    pairs: Sequence[LevelDifference]
    level_pairs: Sequence[DifferenceOfLevels]
    n_songs_in_common: Count
