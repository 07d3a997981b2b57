"""One-sided tests with a margin: R's numbers, and words at the edge of each verdict."""

import json

import pytest
from scipy import stats

from analysis.findings.attribute import Attribute
from analysis.findings.json_form import json_form
from analysis.methods.lmm import lmm_section
from analysis.ratings.table import of_attribute, read_ratings
from analysis.report.sections.one_sided import one_sided_of
from analysis.scale import Scale
from analysis.statistics.one_sided import (
    Claim,
    OneSidedClaim,
    one_sided_test,
    one_sided_verdict,
)
from finding_records import attribute
from places import RATINGS

GOLDEN = json.loads((RATINGS / "golden_between.json").read_text())["one_sided"]
POINTS = Scale(0.0, 100.0)


@pytest.fixture(scope="module")
def section() -> Attribute:
    """The mixed model of the synthetic ratings without groups, as R's script fits it."""
    rows = of_attribute(read_ratings(RATINGS / "synA_balanced.csv"), "overall")
    systems = sorted(rows["system"].unique())
    lmm = json_form(lmm_section(rows.assign(group="all"), systems, 5.0, "satterthwaite"))
    return attribute(lmm=lmm)


@pytest.mark.parametrize(
    ("key", "claim", "margin"),
    [
        ("non_inferiority_5", Claim.NON_INFERIORITY, 5.0),
        ("superiority_0", Claim.SUPERIORITY, 0.0),
        ("superiority_3", Claim.SUPERIORITY, 3.0),
    ],
)
def test_claims_of_every_pair_equal_emmeans(
    section: Attribute, key: str, claim: Claim, margin: float
) -> None:
    """R's test(side=, delta=) of each pair of the mixed model: t, df and p."""
    for golden in GOLDEN[key]:
        a, b = golden["contrast"].split(" - ")
        (row,) = one_sided_of(section, [OneSidedClaim(claim, a, b, margin)], POINTS)
        assert row.t == pytest.approx(golden["t.ratio"], rel=1e-5)
        assert row.df == pytest.approx(golden["df"], rel=1e-5)
        assert row.p == pytest.approx(golden["p.value"], rel=1e-5)


def test_a_claim_written_the_other_way_round_is_another_claim(section: Attribute) -> None:
    """The difference and its interval turn: b - a lies margin above where a - b lay below."""
    there = OneSidedClaim(Claim.NON_INFERIORITY, "cnn", "human", 5.0)
    back = OneSidedClaim(Claim.NON_INFERIORITY, "human", "cnn", 5.0)
    (first,), (second,) = (one_sided_of(section, [each], POINTS) for each in (there, back))
    assert second.estimate == -first.estimate
    assert (second.ci_low, second.ci_high) == (-first.ci_high, -first.ci_low)
    assert second.t == pytest.approx((5 + 2.816667) / 3.049727, rel=1e-5)


def test_claims_are_adjusted_among_themselves(section: Attribute) -> None:
    """Holm over two claims doubles the smaller p; a claim that cannot be tested does not count."""
    claims = [
        OneSidedClaim(Claim.SUPERIORITY, "baseline", "random", 0.0),
        OneSidedClaim(Claim.NON_INFERIORITY, "cnn", "human", 5.0),
        OneSidedClaim(Claim.SUPERIORITY, "cnn", "nobody", 0.0),
    ]
    first, second, third = one_sided_of(section, claims, POINTS)
    assert first.p == pytest.approx(0.01759281, rel=1e-5)
    assert first.p_holm == pytest.approx(2 * first.p)
    assert (first.verdict, second.verdict) == ("not shown", "not shown")
    assert third.status == "not estimable"
    assert third.why == "The primary analysis does not compare cnn with nobody."
    (alone,) = one_sided_of(section, claims[:1], POINTS)
    assert alone.verdict == "shown"


def test_a_margin_is_the_same_share_of_every_scale(section: Attribute) -> None:
    """Half a point of 1 to 5 is an eighth of its range: 12.5 points of 100."""
    claim = OneSidedClaim(Claim.NON_INFERIORITY, "cnn", "human", 0.5)
    (row,) = one_sided_of(section, [claim], Scale(1.0, 5.0))
    assert row.margin == 12.5


def test_a_claim_is_shown_exactly_when_the_interval_clears_its_margin() -> None:
    """One-sided at .025: the lower 95 % limit lies at -margin where p is .025."""
    se, df, margin = 2.0, 24.0, 5.0
    edge = -margin + stats.t.ppf(0.975, df) * se
    assert one_sided_test(edge, se, df, margin, Claim.NON_INFERIORITY).p == pytest.approx(0.025)
    assert one_sided_test(edge + 0.01, se, df, margin, Claim.NON_INFERIORITY).p < 0.025


@pytest.mark.parametrize(
    ("p", "claim", "high", "verdict"),
    [
        (0.024, Claim.NON_INFERIORITY, 1.0, "shown"),
        (0.024, Claim.NON_INFERIORITY, -0.1, "shown, though below"),
        (0.025, Claim.NON_INFERIORITY, 1.0, "not shown"),
        (0.024, Claim.SUPERIORITY, 9.0, "shown"),
        (float("nan"), Claim.SUPERIORITY, None, "not shown"),
    ],
)
def test_a_verdict_is_no_stronger_than_its_number(
    p: float, claim: Claim, high: float | None, verdict: str
) -> None:
    """At .025 nothing is shown; an interval below 0 is told with what is shown."""
    assert one_sided_verdict(p, claim, high) == verdict
