"""Input of ``mixtrial plan``: part of the study, scale, comparison, claim and method.

The input of the planning comes from the study, its plan or an option. A fault of the input is
reported in one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.defaults import PrimaryModel
from analysis.methods.planned import PlannedModel, RatingsToCome
from analysis.planning.arms import ArmAdvice, arm_advice
from analysis.planning.believed import (
    default_variance,
    fitted_spreads,
    fitted_variance,
    planned_model,
)
from analysis.planning.claims import ClaimToShow, claim_to_show
from analysis.ratings.margin import primary_of
from analysis.ratings.roles import ROLES, kept_apart
from analysis.ratings.table import RatingsError
from analysis.scale import Scale
from analysis.statistics.one_sided import ONE_SIDED_ALPHA, Claim
from stimuli.page_types.base import Part
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.declared_plan import DeclaredPlan

DEFAULTS = "defaults, from one codec test"
"""Origin of the variances when no pilot is named."""


def planned_part(study: Study, name: str | None) -> Part:
    """Part with the given name; by default the first part with ratings, else the first part."""
    if name is not None:
        return study.part(name)
    scaled = [part for part in study.page_parts if part.has_ratings]
    return scaled[0] if scaled else study.page_parts[0]


def scale_of_part(part: Part, primary: str | None) -> Scale:
    """Scale of the values that are analysed for the primary attribute, as in the report."""
    rated = part.analysed(part.scales[str(primary_of(part.attributes, primary))])
    return Scale(rated.minimum, rated.maximum, rated.step)


def within_scale(points: float | None, share: float, scale: Scale, what: str) -> float:
    """The given number of points; if none is given, the share ``share`` of the scale's range.

    Raises
    ------
    StudyError
        The number of points is not above 0, or is larger than the range of the scale.
    """
    if points is None:
        return scale.points(share)
    if not 0 < points <= scale.range:
        raise StudyError(
            f"The {what} is {points:g}, but must be above 0 points and at most {scale.range:g}, "
            f"because the scale goes {scale.ends_in_words}."
        )
    return points


def inside_scale(level: float | None, scale: Scale) -> float | None:
    """The given value of the scale; an error if the value is not inside the scale."""
    if level is not None and not scale.minimum < level < scale.maximum:
        raise StudyError(
            f"The level is {level:g}, but must be inside the scale, which goes "
            f"{scale.ends_in_words}."
        )
    return level


def of_model(name: PrimaryModel, ratings: RatingsToCome, margin: float) -> PlannedModel:
    """Variances and unit of the ratings for the model; an error if the margin cannot be reached.

    Raises
    ------
    StudyError
        A plan for the model is not possible with the given variances.
    """
    try:
        found = planned_model(name, ratings)
        found.from_points(margin)
    except ValueError as error:
        raise StudyError(str(error)) from None
    return found


def believed_variance(
    results: Path | None, attribute: str | None, scale: Scale
) -> tuple[str, dict[str, float], dict[str, float]]:
    """Source and values of the variances, and each system's residual variance if known."""
    if results is None:
        return DEFAULTS, default_variance(scale), {}
    try:
        content = json.loads(results.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise RatingsError(f"{results} is not a results.json of mixtrial.") from None
    if not isinstance(content, dict):
        raise RatingsError(f"{results} is not a results.json of mixtrial.")
    name, variance = fitted_variance(content, attribute)
    return f"fitted to {name} in {results.name}", variance, fitted_spreads(content, name)


def compared_systems(study: Study, part: Part, with_roles: bool = False) -> tuple[str, ...]:
    """Compared systems of a part; a reference or anchor is included only if it is to be compared.

    Raises
    ------
    StudyError
        Fewer than two systems are left.
    """
    plan = study.analysis or DeclaredPlan()
    roles = [getattr(plan, key) or part.options.marks().get(key) for key in ROLES]
    is_all = with_roles or plan.with_roles
    apart = kept_apart(part.rated, roles, plan.claimed_pairs, is_all)
    apart = tuple(dict.fromkeys((*apart, *filter(None, [part.options.graded_against]))))
    left = tuple(name for name in part.rated if name not in apart)
    if len(left) < 2:
        beside = f" besides its reference and anchors ({', '.join(apart)})" if apart else ""
        hint = " Name a contrast in the plan, or compare them too (--with-roles)." if apart else ""
        raise StudyError(f"A plan needs at least two systems{beside}.{hint}")
    return left


def compared_pairs(study: Study, compared: Sequence[str]) -> tuple[int, bool]:
    """Number of pairs of systems that are tested together, and whether the plan declares them.

    If no contrasts are declared, the report tests all compared pairs and adjusts the tests for
    their number.
    """
    contrasts = study.analysis.contrasts if study.analysis else ()
    rated = [pair for pair in contrasts if set(pair) <= set(compared)]
    k = len(compared)
    return (len(rated), True) if rated else (k * (k - 1) // 2, False)


def claims_to_show(
    study: Study, asked: Mapping[Claim, float | None], difference: float, scale: Scale
) -> list[ClaimToShow]:
    """One-sided claims: those of the plan, and those for which a margin is given.

    Raises
    ------
    StudyError
        A margin is outside the scale.
    """
    declared = study.analysis.one_sided if study.analysis else ()
    claims = [(Claim(each.test), each.margin, each.system, each.to) for each in declared]
    claims += [(claim, margin, "", "") for claim, margin in asked.items() if margin is not None]
    for claim, margin, *_ in claims:
        if not 0 <= margin < scale.range or (claim is Claim.NON_INFERIORITY and margin == 0):
            what = claim.replace("_", "-")
            raise StudyError(
                f"The margin of {what} is {margin:g}, but must be inside the scale, which goes "
                f"{scale.ends_in_words}."
            )
    alpha = ONE_SIDED_ALPHA / max(1, len(claims))
    return [claim_to_show(claim, margin, difference, alpha, a, b) for claim, margin, a, b in claims]


def compared_arms(
    study: Study, variance: Mapping[str, float], k: int, n_own: int, difference: float
) -> ArmAdvice | None:
    """Participants needed to detect a difference between two arms; None in a study without arms."""
    if not study.arms:
        return None
    return arm_advice(variance, k, n_own, len(study.arms), difference)
