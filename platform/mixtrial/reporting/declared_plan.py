"""Declared analysis (chosen before any rating) and actual analysis, for a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from analysis.defaults import DEFAULT_MARGIN, MODEL_NAMES
from analysis.findings.screening import (
    ControlAnswer,
    CrowdControls,
    EnvironmentTest,
    ExpertiseGate,
)
from analysis.report.sections.plan import DeclaredAnalysis, PlanItem
from analysis.scale import scale_of
from analysis.sequential.anytime import LEAST_N
from analysis.sequential.plan import SequentialPlan
from analysis.sequential.spending import SPENDING_NAMES
from analysis.statistics.one_sided import Claim, OneSidedClaim
from mixtrial.reporting.analysed_data import AnalysedData
from mixtrial.reporting.options import SettledOptions
from mixtrial.reporting.study_data import PartFacts, StudyFacts
from stimuli.study_keys.declared_plan import DeclaredPlan
from stimuli.study_keys.plan_keys.controls import ControlKeys, ControlsKeys
from stimuli.study_keys.plan_keys.expertise import ExpertiseKeys

OVERRULED = "overrule"
"""Kind of the action by which means are shown although the plan hides them until the end."""


def declared_analysis(
    facts: StudyFacts, analysed: AnalysedData, settled: SettledOptions
) -> DeclaredAnalysis | None:
    """Return the plan, its registration time, and its comparison with the actual analysis.

    For a table, the result is None, because the plan of the study is unknown.
    """
    plan, mine = facts.plan, facts.study_fingerprint
    if mine is None:
        return None
    times = sorted(str(time) for time in analysed.ratings["rated_at"] if str(time))
    uncovered = facts.unblinded_at
    is_early_look = bool(uncovered and times and times[-1] > uncovered)
    if plan is None:
        return DeclaredAnalysis("none", unblinded_at=uncovered, unblinded_early=is_early_look)
    seen = [each.registered_at for each in facts.versions if each.fingerprint == mine]
    first = analysed.first_rating_at
    is_early = bool(seen) and (first is None or seen[0] <= first)
    hashes = set(analysed.ratings["study_fingerprint"])
    if is_early and hashes <= {mine}:
        status: Literal["declared", "changed", "late"] = "declared"
    else:
        status = "changed" if is_early or mine in hashes else "late"
    declared = _with_marks(plan, analysed.part)
    return DeclaredAnalysis(
        status=status,
        sha256=facts.plan_sha256,
        declared_at=seen[0] if seen else None,
        first_rating_at=first,
        items=(
            *_items(declared, facts.attributes, settled, analysed.ratings),
            *_looks_item(plan, facts.overruled_at is not None),
        ),
        contrasts=tuple((a, b) for a, b in plan.contrasts),
        one_sided=tuple(
            OneSidedClaim(Claim(each.test), each.system, each.to, each.margin)
            for each in plan.one_sided
        ),
        unblinded_at=uncovered,
        unblinded_early=is_early_look,
    )


def sequential_plan(plan: DeclaredPlan | None) -> SequentialPlan | None:
    """Interim analyses (looks) that a plan declares; None if the plan declares none."""
    if plan is None or not (plan.looks or plan.anytime):
        return None
    contrasts = tuple((a, b) for a, b in plan.contrasts)
    if plan.looks is None:
        return SequentialPlan(contrasts, anytime=True)
    return SequentialPlan(contrasts, plan.looks.at, plan.looks.spending)


def looks_in_words(plan: SequentialPlan) -> str:
    """Interim analyses (looks) of a plan, in words."""
    if plan.anytime:
        return f"confidence sequences at any time, from {LEAST_N} participants on"
    *sizes, last = plan.sizes
    listed = f"{', '.join(map(str, sizes))} and {last}"
    return f"looks at {listed} participants, alpha spent as {SPENDING_NAMES[plan.spending]}"


def _looks_item(plan: DeclaredPlan, overruled: bool) -> list[PlanItem]:
    declared = sequential_plan(plan)
    if declared is None:
        return []
    words = looks_in_words(declared)
    used = "means were uncovered before the end" if overruled else words
    return [PlanItem("Looks before the end", words, used)]


def _with_marks(plan: DeclaredPlan, part: PartFacts) -> DeclaredPlan:
    """The plan; a reference or anchor that it lacks is taken from the part's declaration."""
    own = {key: name for key, name in part.marks.items() if not getattr(plan, key)}
    return plan.model_copy(update=own)


def _items(
    plan: DeclaredPlan, attributes: Sequence[str], settled: SettledOptions, ratings: pd.DataFrame
) -> list[PlanItem]:
    """All decisions about the analysis in words: the declared decision and the actual one."""
    usual = "overall" if "overall" in attributes else attributes[0]
    answers = settled.primary or usual
    scale = scale_of(ratings[ratings["attribute"] == answers])
    margin = settled.margin or scale.points(DEFAULT_MARGIN)
    confirmatory = None if plan.confirmatory is None else ", ".join(plan.confirmatory)
    pairs = "; ".join(f"{a} − {b}" for a, b in plan.contrasts)
    kept = {True: "left out", False: "kept"}
    items = [
        PlanItem("Attribute that answers", plan.primary, answers),
        PlanItem("Confirmatory attributes", confirmatory, confirmatory or "all attributes"),
        PlanItem("Contrasts", pairs or None, pairs or "all pairs"),
        PlanItem("Equivalence margin", _points(plan.margin), _points(margin) or ""),
        PlanItem(
            "Primary model", plan.model and MODEL_NAMES[plan.model], MODEL_NAMES[settled.model]
        ),
        PlanItem("Degrees of freedom", plan.df_method, settled.df_method),
        PlanItem(
            "Participants who did not finish",
            kept[plan.exclude_unfinished],
            kept[not settled.unfinished],
        ),
    ]
    for what, key, used in (
        ("Hidden reference, with its exclusion rule", "reference", settled.reference),
        ("Mid anchor, with its exclusion rule", "mid_anchor", settled.mid_anchor),
        ("Low anchor", "low_anchor", settled.low_anchor),
    ):
        items.append(PlanItem(what, getattr(plan, key) or "none", used or "none"))
    if plan.one_sided:
        claims = "; ".join(
            f"{each.test.replace('_', '-')} of {each.system} to {each.to}, {each.margin:g} points"
            for each in plan.one_sided
        )
        items.append(PlanItem("One-sided tests", claims, claims))
    compared = {True: "all compared", False: "compared where a contrast names them"}
    if plan.with_roles or settled.with_roles:
        words = (compared[plan.with_roles], compared[settled.with_roles])
        items.append(PlanItem("Reference and anchors", *words))
    if plan.expertise:
        gate = _gate_in_words(plan.expertise)
        items.append(PlanItem("Expertise gate", gate, gate))
    if plan.controls:
        controls = _controls_in_words(plan.controls)
        items.append(PlanItem("Crowd controls", controls, controls))
    if plan.also:
        items.append(PlanItem("Further analyses", _listed(plan.also), _listed(settled.also)))
    return items


def expertise_gate(plan: DeclaredPlan | None) -> ExpertiseGate | None:
    """The plan's expertise gate (required reliability of listeners); None if the plan has none."""
    if plan is None or plan.expertise is None:
        return None
    return ExpertiseGate(plan.expertise.discriminates, plan.expertise.reliability_sd)


def _gate_in_words(gate: ExpertiseKeys) -> str:
    asked = ["repeated stimuli told apart better than chance"] if gate.discriminates else []
    if gate.reliability_sd is not None:
        asked.append(f"repeats {gate.reliability_sd:g} points apart at most (standard deviation)")
    return "; ".join(asked)


def crowd_controls(plan: DeclaredPlan | None) -> CrowdControls | None:
    """The plan's controls (gold stimuli, traps, environment test); None if the plan has none."""
    if plan is None or plan.controls is None:
        return None
    keys = plan.controls
    test = keys.environment
    return CrowdControls(
        gold=_control_answers(keys.gold),
        traps=_control_answers(keys.traps),
        gold_missed=keys.gold_missed,
        traps_missed=keys.traps_missed,
        environment=None if test is None else EnvironmentTest(test.part, test.better, test.needed),
    )


def _control_answers(kind: Sequence[ControlKeys]) -> tuple[ControlAnswer, ...]:
    return tuple(
        ControlAnswer(each.song, each.system, each.answer, each.within, each.attribute)
        for each in kind
    )


def _controls_in_words(keys: ControlsKeys) -> str:
    kinds = (
        ("gold questions", keys.gold, keys.gold_missed),
        ("trapping pages", keys.traps, keys.traps_missed),
    )
    asked = [f"{len(each)} {what}, {n} of them missed at most" for what, each, n in kinds if each]
    if keys.environment is not None:
        test = keys.environment
        asked.append(f"{test.better} chosen in {test.needed} pairs of {test.part} at least")
    return "; ".join(asked)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names) or "none"


def _points(margin: float | None) -> str | None:
    return None if margin is None else f"±{margin:g} points"
