"""Doubtful participants and items: exclusions, rules, a row per participant, outliers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.findings.sections import Count, Number, P, absent


@dataclass(frozen=True, slots=True)
class ExpertiseGate:
    """Requirements on a participant.

    Attributes
    ----------
    discriminates
        Whether F (of the stimuli, from repeated ratings) must be above the noise floor. The noise
        floor: 95 % of 1000 random permutations of the same ratings have a smaller F.
    reliability_sd
        Largest allowed standard deviation between repeated ratings of a stimulus, in points of the
        primary attribute's scale. For attributes with other scales, the limit is the same fraction
        of the scale's range. None: no limit.
    """

    discriminates: bool = True
    reliability_sd: float | None = None


@dataclass(frozen=True, slots=True)
class ControlAnswer:
    """A stimulus with a known answer and a tolerance; `attribute` None: for all attributes."""

    song: str
    system: str
    answer: float
    within: float = 0.0
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentTest:
    """A part with choices in which `better` is the right answer; how often it must be chosen."""

    part: str
    better: str
    needed: int


@dataclass(frozen=True, slots=True)
class CrowdControls:
    """Controls of a crowd test: `gold` and `traps`, allowed errors of each, environment test."""

    gold: tuple[ControlAnswer, ...] = ()
    traps: tuple[ControlAnswer, ...] = ()
    gold_missed: int = 0
    traps_missed: int = 0
    environment: EnvironmentTest | None = None


@dataclass(frozen=True)
class Exclusion:
    """A participant whom a rule excludes; `value` and `threshold` are compared, both in `unit`."""

    participant: str
    rule: str
    value: Number
    threshold: Number
    why: str
    unit: Literal["share of items", "F", "points", "p", "answers"] = "share of items"


@dataclass(frozen=True, slots=True)
class ScreeningRule:
    """A rule for exclusion; whether it was applied, and the reason if it was not."""

    rule: str
    applied: bool
    why: str | None
    source: str
    n_not_judged: Count | None = absent()
    items_left_out: Sequence[str] | None = absent()


@dataclass(frozen=True, slots=True)
class RepeatMeasures:
    """Reliability and discrimination of a participant; NaN if no stimulus was rated twice."""

    repeats_rmsd: Number
    repeats_mad: Number
    repeats_r: Number
    reliability_sd: Number
    discrimination: Number
    repeats_f: Number
    repeats_floor: Number


@dataclass(frozen=True, slots=True)
class ScreenedParticipant(RepeatMeasures):
    """All signs of a participant's care and agreement; no flag excludes a participant."""

    participant: str
    group: str
    n_ratings: Count
    mean: Number
    sd: Number
    share_identical: Number
    share_at_ends: Number
    agreement: Number
    agreement_floor: Number
    friedman_p: P
    reference_share_below_limit: Number
    mid_anchor_share_above_limit: Number
    flags: Sequence[str]
    excluded: bool


@dataclass(frozen=True, slots=True)
class Outlier:
    """A rating outside Tukey's fences of its attribute, song and system; only flagged."""

    participant: str
    song: str
    system: str
    attribute: str
    rating: Number
    low_fence: Number
    high_fence: Number


@dataclass(frozen=True, slots=True)
class Screening:
    """Rules of exclusion, participants and outliers."""

    rules: Sequence[ScreeningRule] = ()
    participants: Sequence[ScreenedParticipant] = ()
    outliers: Sequence[Outlier] = ()
