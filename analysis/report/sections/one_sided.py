"""Declared claims of one direction, tested by the primary analysis: rows of the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.results_reader import Section, primary_pairs, scale_of
from analysis.scale import Scale
from analysis.statistics.estimable import not_estimable
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.one_sided import (
    Claim,
    OneSidedClaim,
    one_sided_test,
    one_sided_verdict,
)

Row = dict[str, Any]


def one_sided_of(section: Section, claims: Sequence[OneSidedClaim], of: Scale) -> list[Row]:
    """Test the declared claims of one attribute, Holm-adjusted among themselves.

    Parameters
    ----------
    section
        The attribute's part of results.json.
    claims
        As declared; margins in points of the scale `of`, the same share of every other range.
    of
        Scale of the attribute that answers.

    Returns
    -------
    list
        {claim, a, b, margin, estimate, se, df, ci_low, ci_high, t, p, p_holm, verdict}; a claim
        about systems that the primary analysis does not compare is not estimable, and says so.
    """
    rows = [_tested(section, claim, of) for claim in claims]
    tested = [row for row in rows if "p" in row]
    p_holm = adjusted([row["p"] for row in tested])
    for row, p in zip(tested, p_holm, strict=True):
        row["p_holm"] = p
        row["verdict"] = str(one_sided_verdict(p, Claim(row["claim"]), row["ci_high"]))
    return rows


def _tested(section: Section, claim: OneSidedClaim, of: Scale) -> Row:
    scale = scale_of(section)
    margin = claim.margin if scale.range == of.range else scale.points(claim.margin / of.range)
    row: Row = {"claim": str(claim.claim), "a": claim.a, "b": claim.b, "margin": margin}
    _, pairs = primary_pairs(section)
    found = next((pair for pair in pairs if {pair["a"], pair["b"]} == {claim.a, claim.b}), None)
    if found is None or found.get("se") is None:
        why = f"The primary analysis does not compare {claim.a} with {claim.b}."
        return row | not_estimable(why)
    turned = found["a"] != claim.a
    estimate = -found["estimate"] if turned else found["estimate"]
    low, high = found["ci_low"], found["ci_high"]
    test = one_sided_test(estimate, found["se"], found["df"], margin, claim.claim)
    row |= {"estimate": estimate, "se": found["se"], "df": found["df"]}
    row |= {"ci_low": -high if turned else low, "ci_high": -low if turned else high}
    return row | {"t": test.t, "p": test.p}
