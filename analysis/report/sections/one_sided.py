"""Declared one-sided claims, tested with the primary analysis, as rows of the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.findings.primary import AttributeFindings, primary_pairs
from analysis.findings.sections import NotEstimable, Number, P
from analysis.scale import SCALE, Scale
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.one_sided import (
    Claim,
    OneSidedClaim,
    OneSidedVerdict,
    one_sided_test,
    one_sided_verdict,
)


@dataclass(frozen=True, slots=True)
class TestedClaim:
    """A one-sided claim about a and b, with its test; margin, estimate, interval in points."""

    __test__ = False  # to pytest

    claim: Claim
    a: str
    b: str
    margin: Number
    estimate: Number
    se: Number
    df: Number
    ci_low: Number
    ci_high: Number
    t: Number
    p: P
    p_holm: P
    verdict: OneSidedVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class UntestedClaim(NotEstimable):
    """A claim about two systems for which the primary analysis has no comparison."""

    claim: Claim
    a: str
    b: str
    margin: Number


def one_sided_of(
    section: AttributeFindings, claims: Sequence[OneSidedClaim], of: Scale
) -> list[TestedClaim | UntestedClaim]:
    """Test the declared claims of one attribute, with Holm's adjustment over these claims.

    Parameters
    ----------
    section
        Findings of the attribute.
    claims
        Declared claims. Margins are in points of the scale `of`; for another scale, the margin is
        the same share of that scale's range.
    of
        Scale of the primary attribute.
    """
    rows = [_tested(section, claim, of) for claim in claims]
    p_holm = iter(adjusted([row.p for row in rows if isinstance(row, TestedClaim)]))
    return [_judged(row, next(p_holm)) if isinstance(row, TestedClaim) else row for row in rows]


def _tested(
    section: AttributeFindings, claim: OneSidedClaim, of: Scale
) -> TestedClaim | UntestedClaim:
    scale = SCALE if isinstance(section, NotEstimable) else section.scale
    margin = claim.margin if scale.range == of.range else scale.points(claim.margin / of.range)
    _, pairs = primary_pairs(section)
    found = next((pair for pair in pairs if {pair.a, pair.b} == {claim.a, claim.b}), None)
    if found is None or math.isnan(found.se):
        why = f"The primary analysis does not compare {claim.a} with {claim.b}."
        return UntestedClaim(why=why, claim=claim.claim, a=claim.a, b=claim.b, margin=margin)
    estimate, low, high = found.estimate, found.ci_low, found.ci_high
    if found.a != claim.a:
        estimate, low, high = -estimate, -high, -low
    test = one_sided_test(estimate, found.se, found.df, margin, claim.claim)
    return TestedClaim(
        claim.claim, claim.a, claim.b, margin, estimate, found.se, found.df, low, high,
        test.t, test.p, p_holm=math.nan, verdict=OneSidedVerdict.NOT_SHOWN,
    )  # fmt: skip


def _judged(row: TestedClaim, p_holm: float) -> TestedClaim:
    return replace(row, p_holm=p_holm, verdict=one_sided_verdict(p_holm, row.claim, row.ci_high))
