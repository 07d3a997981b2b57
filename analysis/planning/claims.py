"""Planning of one-sided claims: participants needed to show that a is not inferior to b.

**Conventions.** The conventions are those of :mod:`analysis.planning.grid` and
:mod:`analysis.statistics.one_sided`. The true difference is assumed to be beyond the margin of the
claim. For non-inferiority, the two systems are assumed to be equal. For superiority, the true
difference is assumed to be the margin plus the planned difference. Power comes from the noncentral
t distribution; it uses the study's standard error and degrees of freedom.
"""

from dataclasses import dataclass

from analysis.methods.planned import PlannedModel
from analysis.mixed_model.power import power_of_one_sided
from analysis.planning.grid import Precision
from analysis.statistics.one_sided import Claim


@dataclass(frozen=True, slots=True)
class ClaimToShow:
    """A claim about `a` compared with `b`; a one-sided test at `alpha` is to show it.

    `margin` and `true_difference` (a - b) are both in points.
    """

    claim: Claim
    margin: float
    true_difference: float
    alpha: float
    a: str = "one system"
    b: str = "another"

    def power(self, model: PlannedModel, at: Precision) -> float:
        """Power to show the claim; the study has the given precision."""
        edge = -self.margin if self.claim is Claim.NON_INFERIORITY else self.margin
        distance = _in_unit(model, self.true_difference) - _in_unit(model, edge)
        return power_of_one_sided(distance, at.se, at.df, at.level(self.alpha))

    @property
    def in_words(self) -> str:
        """The claim in words, and the true difference that is assumed."""
        if self.claim is Claim.NON_INFERIORITY:
            return (
                f"{self.a} to be shown not inferior to {self.b} by the margin of {self.margin:g} "
                "points, if the two are equal"
            )
        margin = f" by more than {self.margin:g} points" if self.margin else ""
        return (
            f"{self.a} to be shown rated higher than {self.b}{margin}, with a true difference of "
            f"{self.true_difference:g} points"
        )


def claim_to_show(
    claim: Claim, margin: float, difference: float, alpha: float, a: str = "", b: str = ""
) -> ClaimToShow:
    """A claim, and the true difference that is assumed in the plan.

    Parameters
    ----------
    claim, margin
        The declared claims; their margins are in points of the scale.
    difference
        Assumed distance of the true difference from the margin of superiority, in points.
    alpha
        One-sided level.
    a, b
        Names of the systems, if they are known.
    """
    true = 0.0 if claim is Claim.NON_INFERIORITY else margin + difference
    names = (a, b) if a and b else ("one system", "another")
    return ClaimToShow(claim, margin, true, alpha, *names)


def _in_unit(model: PlannedModel, points: float) -> float:
    """A difference with plus or minus sign, in the unit of the model."""
    size = model.from_points(abs(points)) if points else 0.0
    return size if points >= 0 else -size
