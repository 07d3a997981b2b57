"""What was declared beforehand, what was done, and how the design stands to the recommendations.

All of it becomes part of the key ``report`` of results.json. The plan itself is declared in a study
file that this floor does not know: it comes in as a :class:`DeclaredAnalysis`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from analysis.results_reader import Section, primary_pairs, rows_of
from analysis.statistics.equivalence import verdict, verdict_counts
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.one_sided import OneSidedClaim

PlanStatus = Literal["declared", "changed", "late", "none"]


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One choice of the analysis: what was declared (None: nothing) and what was done."""

    what: str
    declared: str | None
    used: str

    @property
    def departs(self) -> bool:
        """Whether what was done is not what was declared."""
        return self.declared is not None and self.declared != self.used


@dataclass(frozen=True, slots=True)
class DeclaredAnalysis:
    """The plan of a study: its hash and date, its choices, its contrasts and one-sided claims.

    ``status`` is ``"declared"`` when the plan was on record before the first rating, ``"changed"``
    when the study file changed while people took part, ``"late"`` when it came after the first
    rating, ``"none"`` when there is no plan. Times are ISO 8601 in UTC. ``unblinded_at`` is when
    the names of the systems were uncovered in the dashboard (None: they were not),
    ``unblinded_early`` whether ratings came after it.
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
        """Pairs of systems that a contrast or a one-sided claim compares."""
        return (*self.contrasts, *((each.a, each.b) for each in self.one_sided))


def plan_section(plan: DeclaredAnalysis | None) -> dict[str, Any] | None:
    """Return the plan as JSON, each item with ``departs``; None when nothing is known of one."""
    if plan is None:
        return None
    content = asdict(plan)
    content["items"] = [{**asdict(item), "departs": item.departs} for item in plan.items]
    content["contrasts"] = [list(pair) for pair in plan.contrasts]
    content["one_sided"] = [asdict(claim) for claim in plan.one_sided]
    content["n_departures"] = sum(item.departs for item in plan.items)
    return content


def contrasts_of(section: Section, contrasts: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Declared contrasts of one attribute, Holm-adjusted among themselves.

    Parameters
    ----------
    section
        The attribute's part of results.json.
    contrasts
        Pairs of systems; the difference is the first minus the second.

    Returns
    -------
    list
        {a, b, estimate, ci_low, ci_high, p, p_holm, verdict}; a contrast that was not estimable is
        left out.
    """
    _, pairs = primary_pairs(section)
    by_pair = {frozenset((row["a"], row["b"])): row for row in pairs}
    tost = {frozenset((row["a"], row["b"])): row for row in rows_of(section.get("tost"))}
    known = [pair for pair in contrasts if frozenset(pair) in by_pair]
    rows = [by_pair[frozenset(pair)] for pair in known]
    p_values = [float(row["p"]) for row in rows if row.get("p") is not None]
    if len(p_values) < len(rows):
        return []
    p_holm = adjusted(p_values)
    p_equal = adjusted([_p_equivalence(row, tost) for row in rows])
    found = []
    for (a, b), row, p, equal in zip(known, rows, p_holm, p_equal, strict=True):
        turned = row["a"] != a
        low, high = row["ci_low"], row["ci_high"]
        found.append(
            {
                "a": a,
                "b": b,
                "estimate": -row["estimate"] if turned else row["estimate"],
                "ci_low": -high if turned and high is not None else low,
                "ci_high": -low if turned and low is not None else high,
                "p": row["p"],
                "p_holm": p,
                "verdict": verdict(p, equal),
            }
        )
    return found


def _p_equivalence(row: Mapping[str, Any], tost: Mapping[frozenset[str], Any]) -> float:
    p = row.get("tost_p", tost.get(frozenset((row["a"], row["b"])), {}).get("p"))
    return 1.0 if p is None else float(p)


def counts_of(contrasts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many declared contrasts came to which verdict."""
    return {
        "contrasts": len(contrasts),
        **verdict_counts(row["verdict"] for row in contrasts),
    }


def planning_section(
    planning: Mapping[str, Any] | None, first_rating_at: str | None
) -> dict[str, Any] | None:
    """Return what was computed of the study's size, and whether before the first rating.

    ``timing`` is ``"before"`` or ``"after"`` the first rating, ``"unknown"`` where the record does
    not say when it was made; while there are no ratings it is ``"before"``. None: nothing is kept.
    """
    if planning is None:
        return None
    at = planning.get("computed_at")
    is_before = bool(at) and (first_rating_at is None or str(at) <= first_rating_at)
    timing = "unknown" if not at else "before" if is_before else "after"
    return {**planning, "timing": timing}


def conditions_section(
    conditions: Sequence[tuple[str, str, str | None]] | None,
) -> dict[str, Any] | None:
    """Return the listening conditions as JSON, and what is not stated of them; None: unknown."""
    if conditions is None:
        return None
    rows = [{"key": key, "what": what, "text": text} for key, what, text in conditions]
    return {"rows": rows, "not_stated": [row["what"] for row in rows if row["text"] is None]}


def standing_section(standing: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the standards check as JSON: method, departures, counts by severity."""
    if standing is None:
        return None
    rows = [dict(row) for row in standing["departures"]]
    counts = {
        severity: sum(row["severity"] == severity for row in rows)
        for severity in ("error", "warning", "note")
    }
    return {
        "method": standing["method"],
        "n_rules": standing["n_rules"],
        "n_unchecked": standing["n_unchecked"],
        "n_departures": len(rows),
        "counts": counts,
        "rows": rows,
    }
