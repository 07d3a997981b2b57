"""One-sided claims with a margin: not inferior to another system, or superior by a margin.

**Conventions.** Differences are a - b in points; higher ratings are better. Claims and margins are
declared before the ratings are seen. Tests are one-sided at the level .025. A single claim is
therefore shown exactly when the two-sided 95 % interval is entirely beyond the margin.

References
----------
.. [1] ICH E9 (1998), Statistical principles for clinical trials, sections 3.3.2 and 5.5.
.. [2] ICH E10 (2000), Choice of control group, section 1.5.
"""

from dataclasses import dataclass
from enum import StrEnum

from scipy import stats

from analysis.statistics.equivalence import ALPHA

ONE_SIDED_ALPHA = ALPHA / 2


class Claim(StrEnum):
    """Claim of a against b."""

    NON_INFERIORITY = "non_inferiority"
    """System a is not worse than system b by the margin or more."""
    SUPERIORITY = "superiority"
    """System a is better than system b by more than the margin (with a margin of 0: better)."""


@dataclass(frozen=True, slots=True)
class OneSidedClaim:
    """One declared claim; its margin (0 or more) is in points of the primary attribute's scale."""

    claim: Claim
    a: str
    b: str
    margin: float


@dataclass(frozen=True, slots=True)
class OneSidedTest:
    """t statistic and one-sided p of a claim."""

    t: float
    p: float


def one_sided_test(
    estimate: float, se: float, df: float, margin: float, claim: Claim
) -> OneSidedTest:
    """Test of one claim.

    Parameters
    ----------
    estimate, se, df
        Difference a - b in points, its standard error and its degrees of freedom.
    margin
        Margin in points, 0 or more.
    claim
        Kind of the claim: non-inferiority or superiority.

    Returns
    -------
    OneSidedTest
        t = (estimate + margin) / se for non-inferiority, (estimate - margin) / se for superiority;
        p = P(T_df > t).

    Examples
    --------
    >>> round(one_sided_test(-1.0, 2.0, 20.0, 5.0, Claim.NON_INFERIORITY).p, 4)
    0.0296
    """
    edge = -margin if claim is Claim.NON_INFERIORITY else margin
    t = (estimate - edge) / se
    return OneSidedTest(t, float(stats.t.sf(t, df)))


class OneSidedVerdict(StrEnum):
    """Record of a claim's test."""

    SHOWN = "shown"
    SHOWN_THOUGH_BELOW = "shown, though below"
    """Non-inferiority is shown, but the whole 95 % interval is below 0."""
    NOT_SHOWN = "not shown"


def one_sided_verdict(p_adjusted: float, claim: Claim, ci_high: float | None) -> OneSidedVerdict:
    """Verdict on a claim, from its adjusted p and the upper limit of its two-sided interval."""
    if not p_adjusted < ONE_SIDED_ALPHA:
        return OneSidedVerdict.NOT_SHOWN
    if claim is Claim.NON_INFERIORITY and ci_high is not None and ci_high < 0:
        return OneSidedVerdict.SHOWN_THOUGH_BELOW
    return OneSidedVerdict.SHOWN
