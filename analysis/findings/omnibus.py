"""Tests of all systems together and tests of groups; both use listener means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.findings.pairs import HolmPair
from analysis.findings.sections import (
    Count,
    NotEstimable,
    Number,
    P,
    PairNotEstimable,
    Section,
    absent,
)


@dataclass(frozen=True, slots=True)
class FriedmanSection(Section):
    """Friedman's test and Kendall's W; `f` is the statistic by Iman and Davenport."""

    n: Count
    chi2: Number
    df: Count
    p: P
    kendall_w: Number
    f: Number
    f_df1: Count
    f_df2: Count
    f_p: P
    p_permutation: P
    mean_ranks: Mapping[str, Number]


@dataclass(frozen=True)
class AnovaEffect:
    """One row of an ANOVA table; the epsilons are NaN for effects between participants."""

    f: Number
    df1: Number
    df2: Number
    p: P
    gg_epsilon: Number
    hf_epsilon: Number
    p_gg: P
    p_hf: P
    eta2_p: Number
    eta2_g: Number


@dataclass(frozen=True)
class Hotelling:
    """Multivariate test that all systems have the same mean."""

    t2: Number
    f: Number
    df1: Count
    df2: Count
    p: P


@dataclass(frozen=True, slots=True)
class RmAnova(Section):
    """Repeated-measures analysis of variance; `itu_choice` is the correction of BS.1534-3."""

    n: Count
    f: Number
    df1: Number
    df2: Number
    p: P
    gg_epsilon: Number
    hf_epsilon: Number
    p_gg: P
    p_hf: P
    eta2_p: Number
    eta2_g: Number
    mauchly_w: Number
    mauchly_p: P
    eta2_p_ci_low: Number
    eta2_p_ci_high: Number
    eta2_g_ci_low: Number
    eta2_g_ci_high: Number
    hotelling: Hotelling | NotEstimable
    itu_choice: str


@dataclass(frozen=True, slots=True)
class InteractionTest(Section):
    """Test of the interaction group x system in the mixed model; `caution`: see `FTest`."""

    f: Number
    df1: Number
    df2: Number
    p: P
    method: str
    caution: str | None = absent()


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """Difference of two systems in one group, in points."""

    group: str
    n: Count
    mean: Number
    sd: Number


@dataclass(frozen=True, slots=True)
class WelchTest(HolmPair):
    """Test whether a pair's difference is equal in all groups."""

    f: Number
    df1: Number
    df2: Number
    p: P
    differences: Sequence[GroupDifference]


@dataclass(frozen=True, slots=True)
class GroupFriedman:
    """Friedman's test in one group."""

    group: str
    n: Count
    chi2: Number
    df: Count
    p: P
    kendall_w: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupNotEstimable(NotEstimable):
    """A group without a test."""

    group: str
    n: Count


@dataclass(frozen=True, slots=True)
class CliffsDelta:
    """Probability that group one has the higher mean, minus that of group two."""

    system: str
    group_a: str
    group_b: str
    value: Number
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class Groups(Section):
    """Differences between listener groups."""

    interaction: InteractionTest | NotEstimable
    mixed_anova: Mapping[str, AnovaEffect] | NotEstimable
    welch: Sequence[WelchTest | PairNotEstimable] | NotEstimable
    welch_omnibus_p: P
    friedman: Sequence[GroupFriedman | GroupNotEstimable]
    cliffs_delta: Sequence[CliffsDelta]
