"""Results of choices, rankings and discrimination; a record for each part and attribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from analysis.findings.adaptive.thresholds import Threshold
from analysis.findings.discrimination.same_different import SameDifferent
from analysis.findings.discrimination.told_apart import Abx
from analysis.findings.sections import Count, NotEstimable, Number, P, Section, TrialCounts


@dataclass(frozen=True, slots=True)
class Wins:
    """How often a system was preferred to each of `systems`; a tie counts as one half."""

    system: str
    won: Sequence[Number]
    total: Number


@dataclass(frozen=True, slots=True)
class PreferredPair:
    """Share of choices that a won, with its interval; it is tested over participants."""

    a: str
    b: str
    n: Number
    n_participants: Count
    n_ties: Count
    won_a: Number
    won_b: Number
    share: P
    ci_low: P
    ci_high: P
    p: P
    p_holm: P
    method: str


@dataclass(frozen=True, slots=True)
class Strength:
    """Strength of a system in log odds; the mean of all is zero, and rank 1 is the strongest."""

    system: str
    strength: Number
    se: Number
    ci_low: Number
    ci_high: Number
    rank: Count


@dataclass(frozen=True, slots=True)
class StrengthDifference:
    """Log odds and probability that a is chosen over b; estimated from all comparisons."""

    a: str
    b: str
    estimate: Number
    se: Number
    ci_low: Number
    ci_high: Number
    df: Count
    p: P
    p_holm: P
    win_probability: P
    win_low: P
    win_high: P


@dataclass(frozen=True, slots=True)
class EqualStrengths(Section):
    """Test that all strengths are equal: Hotelling's Wald test, clustered by participant."""

    f: Number
    df: Count
    df_error: Count
    p: P


@dataclass(frozen=True, slots=True)
class GroupStrengths:
    """Strengths of the systems in one listener group."""

    group: str
    n_participants: Count
    strengths: Sequence[Strength] | NotEstimable


@dataclass(frozen=True, slots=True)
class GroupsDiffer(Section):
    """Test that all groups have equal strengths; participants are permuted between groups."""

    statistic: Number
    p: P
    n_permutations: Count
    groups: Sequence[GroupStrengths]


@dataclass(frozen=True, slots=True)
class SystemApart:
    """A system with infinite strength, or that cannot be compared with others; the reason."""

    system: str
    why: str


@dataclass(frozen=True, slots=True)
class StrengthFit:
    """Goodness-of-fit test of the model; p is NaN if it has as many coefficients as shares."""

    deviance: Number
    df: Number
    p: P


@dataclass(frozen=True, slots=True)
class StrengthModel(Section):
    """Strengths of the systems, estimated from all choices together."""

    strengths: Sequence[Strength]
    pairs: Sequence[StrengthDifference]
    omnibus: EqualStrengths | NotEstimable
    apart: Sequence[SystemApart]
    fit: StrengthFit
    groups: GroupsDiffer | NotEstimable | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class TieOdds:
    """Log odds of a tie, and the probability of a tie between two equally strong systems."""

    estimate: Number
    se: Number
    ci_low: Number
    ci_high: Number
    tie_probability: P


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """Log odds of the first place, and how probably it wins if equal systems do not tie."""

    estimate: Number
    se: Number
    ci_low: Number
    ci_high: Number
    p: P
    first_probability: P


@dataclass(frozen=True, slots=True)
class BradleyTerry(StrengthModel):
    """Strengths by Davidson's model (Bradley-Terry with ties), and effect of the order if known."""

    ties: TieOdds | None = field(default=None, kw_only=True)
    order: OrderEffect | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Consistency:
    """Kendall's zeta over the complete rounds."""

    n_rounds: Count
    zeta: Number


@dataclass(frozen=True, slots=True)
class Preference(TrialCounts):
    """Preferences between systems."""

    systems: Sequence[str]
    n_ties: Count
    wins: Sequence[Wins]
    pairs: Sequence[PreferredPair]
    bradley_terry: BradleyTerry | NotEstimable
    consistency: Consistency


@dataclass(frozen=True, slots=True)
class Placed:
    """Numbers of first places and of pages of a system; its mean place (1 is the best)."""

    system: str
    n: Count
    n_first: Count
    share_first: P
    mean_place: Number


@dataclass(frozen=True, slots=True)
class Ranked(TrialCounts):
    """Results of rankings and of picks of the best mix; `n_trials` is the number of pages."""

    systems: Sequence[str]
    placed: Sequence[Placed]
    model: StrengthModel | NotEstimable


@dataclass(frozen=True, slots=True)
class Trials:
    """Choices between mixes; `sha256` is the checksum of the table of choices."""

    preference: Sequence[Preference] = ()
    abx: Sequence[Abx] = ()
    ranking: Sequence[Ranked] = ()
    best: Sequence[Ranked] = ()
    triangle: Sequence[Abx] = ()
    same_different: Sequence[SameDifferent] = ()
    thresholds: Sequence[Threshold] = ()
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
