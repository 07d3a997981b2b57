"""What of an analysis was declared before the ratings were seen, and what is done: for a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from analysis.report.sections.plan import DeclaredAnalysis, PlanItem
from mixtrial.reporting.options import DEFAULT_DF, Choices
from mixtrial.reporting.reported_part import Kept


def declared_analysis(
    facts: Mapping[str, Any], kept: Kept, done: Choices, marks: Mapping[str, str]
) -> DeclaredAnalysis:
    """Return the plan, when it was declared, and how what is done relates to it.

    ``marks`` are the part's own reference and anchors: declared with the part.
    """
    plan = facts["plan"]
    times = sorted(str(time) for time in kept.ratings["rated_at"] if str(time))
    uncovered = facts.get("unblinded_at")
    is_early_look = bool(uncovered and times and times[-1] > uncovered)
    if plan is None:
        return DeclaredAnalysis("none", unblinded_at=uncovered, unblinded_early=is_early_look)
    mine = facts["study_fingerprint"]
    seen = [row["registered_at"] for row in facts["versions"] if row["fingerprint"] == mine]
    first = kept.first_rating_at
    is_early = bool(seen) and (first is None or seen[0] <= first)
    hashes = set(kept.ratings["study_hash"])
    if is_early and hashes <= {mine}:
        status: Literal["declared", "changed", "late"] = "declared"
    else:
        status = "changed" if is_early or mine in hashes else "late"
    return DeclaredAnalysis(
        status=status,
        sha256=facts["plan_sha256"],
        declared_at=seen[0] if seen else None,
        first_rating_at=first,
        items=tuple(_items({**plan, **_declared_marks(plan, marks)}, facts["attributes"], done)),
        contrasts=tuple((a, b) for a, b in plan["contrasts"]),
        unblinded_at=uncovered,
        unblinded_early=is_early_look,
    )


def _declared_marks(plan: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, str | None]:
    keys = ("reference", "mid_anchor", "low_anchor")
    return {key: plan.get(key) or marks.get(key) for key in keys}


def _items(plan: Mapping[str, Any], attributes: Sequence[str], done: Choices) -> list[PlanItem]:
    """Every choice, declared and done, in words."""
    usual = "overall" if "overall" in attributes else attributes[0]
    confirmatory = plan["confirmatory"]
    tested = "all attributes" if confirmatory is None else ", ".join(confirmatory)
    pairs = "; ".join(f"{a} − {b}" for a, b in plan["contrasts"])
    kept = {True: "left out", False: "kept"}
    further = plan.get("also")
    items = [
        PlanItem("Attribute that answers", plan["primary"], done.primary or usual),
        PlanItem("Confirmatory attributes", confirmatory and tested, tested),
        PlanItem("Contrasts", pairs or None, pairs or "all pairs"),
        PlanItem("Equivalence margin", _points(plan["margin"]), _points(done.margin) or ""),
        PlanItem("Degrees of freedom", plan["df_method"], done.df_method or DEFAULT_DF),
        PlanItem(
            "Participants who did not finish",
            kept[plan["exclude_unfinished"]],
            kept[not done.unfinished],
        ),
    ]
    for what, key, used in (
        ("Hidden reference, with its exclusion rule", "reference", done.reference),
        ("Mid anchor, with its exclusion rule", "mid_anchor", done.mid_anchor),
        ("Low anchor", "low_anchor", done.low_anchor),
    ):
        items.append(PlanItem(what, plan[key] or "none", used or "none"))
    if further:
        items.append(PlanItem("Further analyses", _listed(further), _listed(done.also)))
    return items


def _listed(names: Sequence[str] | None) -> str:
    return ", ".join(name.replace("_", " ") for name in names or ()) or "none"


def _points(margin: float | None) -> str | None:
    return None if margin is None else f"±{margin:g} points"
