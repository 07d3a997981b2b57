"""The plan that was declared, and the analysis that was made; design and recommendations.

The records of this module are parts of the key ``report`` of results.json. The plan itself is in
the study file, and this package does not read study files. The plan is passed on as a
:class:`DeclaredAnalysis`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal

from analysis.defaults import PrimaryModel
from analysis.findings.pairs import Verdict
from analysis.findings.primary import AttributeFindings, primary_pairs
from analysis.findings.sections import Count, Number, P
from analysis.planning.advice import ClaimAdvice
from analysis.planning.arms import ArmAdvice
from analysis.planning.choice_plan import ChoicePlan
from analysis.statistics.equivalence import verdict, verdict_counts
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.one_sided import OneSidedClaim

PlanStatus = Literal["declared", "changed", "late", "none"]


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One choice of the analysis: as declared (None: not declared), and as actually made."""

    what: str
    declared: str | None
    used: str

    @property
    def departs(self) -> bool:
        """Whether the actual choice is different from the declared choice."""
        return self.declared is not None and self.declared != self.used


@dataclass(frozen=True, slots=True)
class DeclaredAnalysis:
    """The plan of a study: its hash and date, choices, contrasts and one-sided claims.

    ``status`` is ``"declared"`` if the plan was stored before the first rating, ``"late"`` if the
    plan was stored after the first rating, ``"changed"`` if the study file was changed while people
    took part, and ``"none"`` if there is no plan. Times of the plan are ISO 8601 in UTC.
    ``unblinded_at`` is the time when the names of the systems were uncovered in the dashboard
    (None: the names were not uncovered). ``unblinded_early`` is true if ratings were given after
    the names were uncovered.
    """

    status: PlanStatus
    sha256: str | None = None
    declared_at: str | None = None
    first_rating_at: str | None = None
    items: tuple[PlanItem, ...] = ()
    contrasts: tuple[tuple[str, str], ...] = ()
    unblinded_at: str | None = None
    unblinded_early: bool = False
    one_sided: tuple[OneSidedClaim, ...] = ()

    @property
    def claimed_pairs(self) -> tuple[tuple[str, str], ...]:
        """Pairs of systems that occur in a contrast or in a one-sided claim."""
        return (*self.contrasts, *((each.a, each.b) for each in self.one_sided))


@dataclass(frozen=True, slots=True)
class PlanItemFound:
    """A choice of the analysis, and whether it differs from the declared choice."""

    what: str
    declared: str | None
    used: str
    departs: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The declared plan, taken from :class:`DeclaredAnalysis`."""

    status: PlanStatus
    sha256: str | None
    declared_at: str | None
    first_rating_at: str | None
    items: Sequence[PlanItemFound]
    contrasts: Sequence[Sequence[str]]
    unblinded_at: str | None
    unblinded_early: bool
    one_sided: Sequence[OneSidedClaim]
    n_departures: Count


@dataclass(frozen=True, slots=True)
class ContrastFound:
    """A declared contrast a - b of one attribute, in points; p_holm is over the contrasts."""

    a: str
    b: str
    estimate: Number
    ci_low: Number
    ci_high: Number
    p: P
    p_holm: P
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ContrastCounts:
    """For each verdict, the number of declared contrasts that have it."""

    contrasts: Count
    different: Count
    equivalent: Count
    inconclusive: Count


@dataclass(frozen=True, slots=True)
class PlannedSize:
    """Effects, in points, that a study of the planned size can detect; None if it is too small."""

    n_participants: int
    n_songs: int
    n_songs_each: int
    se: float | None
    detectable_difference: float | None
    power: float | None
    power_equivalence: float | None


@dataclass(frozen=True, slots=True)
class PlanningRecord:
    """Record of how the study's size was computed; values that are unknown are None.

    ``level`` is the mean rating assumed for the ordinal model (None: the middle of the scale).
    ``planned`` is the planned size of the study. ``choices`` is the plan of a part in which
    participants choose; the fields about ratings are then None. ``is_same_file`` is true if the
    study file has not been changed since the size was planned.
    """

    computed_at: str | None
    part: str | None
    difference: float | None
    margin: float | None
    seed: int | None
    n_draws: int | None
    source: str | None
    model: PrimaryModel | None
    level: float | None
    n_systems: int | None
    alpha: float | None
    n_tests: int | None
    are_declared: bool | None
    planned: PlannedSize | None
    n_songs: int | None
    n_songs_each: int | None
    n_for_difference: int | None
    n_for_equivalence: int | None
    power_limit: float | None
    claims: Sequence[ClaimAdvice] | None
    arms: ArmAdvice | None
    choices: ChoicePlan | None
    is_same_file: bool


@dataclass(frozen=True, slots=True)
class Planning(PlanningRecord):
    """Record of the study's size; whether it was made before the first rating.

    ``timing`` is ``"before"`` or ``"after"`` the first rating, or ``"unknown"`` if the record has
    no time. As long as there are no ratings, ``timing`` is ``"before"``.
    """

    timing: Literal["before", "after", "unknown"]


MEASURED = "calibration"
"""Key of the condition that describes measurements at participants' seats, in our words."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A listening condition, described by the researchers; None if they did not describe it."""

    key: str
    what: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Conditions:
    """Listening conditions that were stated, and a list of those that were not stated."""

    rows: Sequence[Condition]
    not_stated: Sequence[str]


@dataclass(frozen=True, slots=True)
class Departure:
    """A departure from a recommendation, with the reason for the departure."""

    rule: str
    recommendation: str
    clause: str
    severity: Literal["error", "warning", "note"]
    found: str
    asks: str
    reason: str


@dataclass(frozen=True, slots=True)
class SeverityCounts:
    """Departures by severity."""

    error: Count
    warning: Count
    note: Count


@dataclass(frozen=True, slots=True)
class Standing:
    """Check against a standard: the method, and the departures from its recommendations."""

    method: str
    n_rules: Count
    n_unchecked: Count
    n_departures: Count
    counts: SeverityCounts
    rows: Sequence[Departure]


def plan_section(plan: DeclaredAnalysis | None) -> Plan | None:
    """Return the plan; for each item, say whether the analysis departs from it; None if unknown."""
    if plan is None:
        return None
    return Plan(
        status=plan.status,
        sha256=plan.sha256,
        declared_at=plan.declared_at,
        first_rating_at=plan.first_rating_at,
        items=[PlanItemFound(**asdict(item), departs=item.departs) for item in plan.items],
        contrasts=plan.contrasts,
        unblinded_at=plan.unblinded_at,
        unblinded_early=plan.unblinded_early,
        one_sided=plan.one_sided,
        n_departures=sum(item.departs for item in plan.items),
    )


def contrasts_of(
    section: AttributeFindings, contrasts: Sequence[tuple[str, str]]
) -> list[ContrastFound]:
    """Declared contrasts of one attribute, with Holm's adjustment over these contrasts.

    Parameters
    ----------
    section
        Findings of the attribute.
    contrasts
        Pairs of systems; the difference is the first minus the second. A declared contrast is left
        out if it could not be estimated.
    """
    _, pairs = primary_pairs(section)
    by_pair = {frozenset((row.a, row.b)): row for row in pairs}
    known = [pair for pair in contrasts if frozenset(pair) in by_pair]
    rows = [by_pair[frozenset(pair)] for pair in known]
    if any(math.isnan(row.p) for row in rows):
        return []
    p_holm = adjusted([row.p for row in rows])
    p_equal = adjusted([1.0 if math.isnan(row.tost_p) else row.tost_p for row in rows])
    found = []
    for (a, b), row, p, equal in zip(known, rows, p_holm, p_equal, strict=True):
        difference = (row.estimate, row.ci_low, row.ci_high)
        if row.a != a:
            difference = (-row.estimate, -row.ci_high, -row.ci_low)
        found.append(ContrastFound(a, b, *difference, row.p, p, verdict(p, equal)))
    return found


def counts_of(contrasts: Sequence[ContrastFound]) -> ContrastCounts:
    """For each verdict, the number of declared contrasts that have it."""
    return ContrastCounts(len(contrasts), **verdict_counts(row.verdict for row in contrasts))


def planning_section(
    planning: PlanningRecord | None, first_rating_at: str | None
) -> Planning | None:
    """Return the record of the study's size, and whether it was made before the first rating."""
    if planning is None:
        return None
    at = planning.computed_at
    is_before = bool(at) and (first_rating_at is None or str(at) <= first_rating_at)
    known = {each.name: getattr(planning, each.name) for each in fields(planning)}
    return Planning(**known, timing="unknown" if not at else "before" if is_before else "after")


def conditions_section(
    conditions: Sequence[tuple[str, str, str | None]] | None,
) -> Conditions | None:
    """Return the listening conditions: those stated and those not stated; None if unknown."""
    if conditions is None:
        return None
    rows = [Condition(*condition) for condition in conditions]
    return Conditions(rows, [row.what for row in rows if row.text is None])


def standing_of(
    method: str, n_rules: int, n_unchecked: int, departures: Sequence[Departure]
) -> Standing:
    """Return the check against a standard, with the number of departures of each severity."""
    severities = [row.severity for row in departures]
    counts = SeverityCounts(*(severities.count(each) for each in ("error", "warning", "note")))
    return Standing(method, n_rules, n_unchecked, len(departures), counts, departures)
