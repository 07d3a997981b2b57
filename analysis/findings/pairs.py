"""Rows of the tests of pairs; the tests use listener means or pooled ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from analysis.findings.sections import (
    Count,
    Estimate,
    Interval,
    NotEstimable,
    Number,
    P,
    PairNotEstimable,
    absent,
)


class Verdict(StrEnum):
    """Verdict on the difference of two systems."""

    DIFFERENT = "different"
    TRIVIAL = "trivially different"
    """The systems differ, but by less than the margin."""
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"


VERDICT_WORDS = {verdict: str(verdict) for verdict in Verdict} | {
    Verdict.TRIVIAL: "different, but trivially"
}
"""Words that readers see for each name."""


@dataclass(frozen=True, slots=True)
class TestedPair:
    """A pair of systems that `n` participants rated; a is before b in the alphabet."""

    __test__ = False  # to pytest

    a: str
    b: str
    n: Count


@dataclass(frozen=True, slots=True)
class HolmPair(TestedPair):
    """A tested pair; `with_holm` adjusts p for all tested pairs."""

    p_holm: P = field(default=float("nan"), kw_only=True)


@dataclass(frozen=True, slots=True)
class PairedT(HolmPair):
    """Student's paired t test, in points."""

    estimate: Number
    se: Number
    df: Number
    t: Number
    p: P
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class Wilcoxon(HolmPair):
    """Exact signed-rank test; Hodges-Lehmann estimate and its interval, in points."""

    n_zero: Count
    v: Number
    p_exact: P
    method: str
    hodges_lehmann: Number
    ci_low: Number
    ci_high: Number
    coverage: Number
    rank_biserial: Number


@dataclass(frozen=True, slots=True)
class SignFlip(HolmPair):
    """Permutation test; `n_patterns` is the number of patterns of signs."""

    p: P
    method: str
    n_patterns: Count


@dataclass(frozen=True, slots=True)
class EquivalenceTest(HolmPair):
    """Equivalence (two one-sided tests within the margin), test of a difference, verdict."""

    estimate: Number
    se: Number
    df: Number
    margin: Number
    t_lower: Number
    t_upper: Number
    p: P
    ci90_low: Number
    ci90_high: Number
    smallest_margin: Number
    p_difference: P
    bf10: Number
    bf01: Number
    bf_interval: Number
    p_difference_holm: P = float("nan")
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class EffectSizes(TestedPair):
    """Effect size of a difference; `pigeonhole` is in points, and songs are resampled as well."""

    points: Estimate
    d_z: Estimate
    g_z: Estimate
    g_av: Estimate
    rank_biserial: Estimate
    n_draws: Count
    pigeonhole: Interval | NotEstimable


@dataclass(frozen=True, slots=True)
class PooledMannWhitney:
    """The pooled test of Li (2022), of all participants or of one group."""

    a: str
    b: str
    n_a: Count
    n_b: Count
    u: Number
    p: P
    group: str | None = absent()


PairedTs = Sequence[PairedT | PairNotEstimable]
Wilcoxons = Sequence[Wilcoxon | PairNotEstimable]
SignFlips = Sequence[SignFlip | PairNotEstimable]
EquivalenceTests = Sequence[EquivalenceTest | PairNotEstimable]
EffectSizeRows = Sequence[EffectSizes | PairNotEstimable]
