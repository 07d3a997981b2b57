"""The plan of analysis, declared in the study file before anybody has listened.

Conventions
-----------
Systems and attributes have the same names as in the study. A key that is missing in the plan counts
as not declared. For a key that is not declared, the report uses the default value, and says that it
does so. The plan has its own hash (:func:`plan_fingerprint`). The database stores the time at which
each version of a study file was first seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.keys import Name, Number, StudyKeys
from stimuli.study_keys.plan_keys.controls import ControlsKeys
from stimuli.study_keys.plan_keys.expertise import ExpertiseKeys
from stimuli.study_keys.plan_keys.looks import LooksKeys, check_looks
from stimuli.study_keys.plan_keys.one_sided_tests import OneSidedKeys, check_one_sided

OnRequest = Literal["pooled_mann_whitney"]
ADDED = ("also", "one_sided", "with_roles", "looks", "anytime", "expertise", "model", "controls")
Contrast = Annotated[tuple[Name, ...], Field(min_length=2, max_length=2)]


class DeclaredPlan(StudyKeys):
    """Analysis of the ratings, fixed before anybody sees the ratings.

    ``contrasts`` are the pairs of systems that the study examines. ``confirmatory`` names the
    attributes on which the study bases its claims. ``reference``, ``mid_anchor`` and ``low_anchor``
    name systems. The keys ``reference`` and ``mid_anchor`` activate the exclusion rules of ITU-R
    BS.1534-3, clause 4.1.2. The report shows the reference and both anchors. A reference or anchor
    is compared only if a contrast names it or ``with_roles`` is set. ``also`` names optional
    analyses, which are made only if they are requested. ``model`` is the model of the primary
    analysis. ``margin`` is in the units of the rating scale. ``one_sided`` lists one-sided claims,
    such as non-inferiority, each with its margin. ``looks`` lists the numbers of participants after
    which an interim test is made. ``anytime`` allows a test after every participant. ``expertise``
    excludes participants whose two ratings of the same stimuli do not meet the requirements.
    ``controls`` excludes participants who fail the controls of a crowd test, such as gold
    questions.
    """

    primary: Name | None = None
    confirmatory: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    contrasts: tuple[Contrast, ...] = ()
    margin: Annotated[Number, Field(gt=0.0)] | None = None
    df_method: Literal["satterthwaite", "kenward-roger", "auto"] | None = None
    model: Literal["lmm", "lmm_unequal", "ordinal"] | None = None
    reference: Name | None = None
    mid_anchor: Name | None = None
    low_anchor: Name | None = None
    exclude_unfinished: Annotated[bool, Field(strict=True)] = True
    also: tuple[OnRequest, ...] = ()
    one_sided: tuple[OneSidedKeys, ...] = ()
    with_roles: Annotated[bool, Field(strict=True)] = False
    looks: LooksKeys | None = None
    anytime: Annotated[bool, Field(strict=True)] = False
    expertise: ExpertiseKeys | None = None
    controls: ControlsKeys | None = None

    @model_serializer(mode="wrap")
    def _without_added_keys(self, content: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out newer keys if empty; plans from before these keys then keep their hash."""
        return {key: value for key, value in content(self).items() if key not in ADDED or value}

    @property
    def claimed_pairs(self) -> tuple[tuple[str, ...], ...]:
        """All pairs of systems in a contrast or a one-sided test of the plan."""
        return (*self.contrasts, *((each.system, each.to) for each in self.one_sided))


def plan_fingerprint(plan: DeclaredPlan) -> str:
    """SHA-256 (hex) of a plan's canonical content: sorted JSON, without spaces."""
    content = json.dumps(plan.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def check_plan(plan: DeclaredPlan, attributes: Sequence[str], systems: Sequence[str]) -> None:
    """Raise ``PlacedError`` if a plan names something that the study lacks."""
    _check_name("primary", plan.primary, attributes, "attribute")
    for index, name in enumerate(plan.confirmatory or ()):
        _check_name("confirmatory", name, attributes, "attribute", index)
    for key in ("reference", "mid_anchor", "low_anchor"):
        _check_name(key, getattr(plan, key), systems, "system")
    marks = [name for name in (plan.reference, plan.mid_anchor, plan.low_anchor) if name]
    if len(set(marks)) < len(marks):
        raise PlacedError(
            "One system cannot have two of the roles reference, mid_anchor and low_anchor.",
            ("analysis",),
        )
    seen: set[frozenset[str]] = set()
    for index, contrast in enumerate(plan.contrasts):
        for name in contrast:
            _check_name("contrasts", name, systems, "system", index)
        pair = frozenset(contrast)
        if len(pair) < 2 or pair in seen:
            fault = "is listed twice" if pair in seen else "compares a system with itself"
            raise PlacedError(
                f"The contrast {contrast[0]} – {contrast[1]} {fault}",
                ("analysis", "contrasts", index),
            )
        seen.add(pair)
    check_one_sided(plan.one_sided, systems, "one_sided")
    check_looks(plan.looks, plan.anytime, plan.model)


def _check_name(
    key: str, name: str | None, known: Sequence[str], what: str, index: int | None = None
) -> None:
    if name is not None and name not in known:
        place = ("analysis", key) if index is None else ("analysis", key, index)
        hint = nearest(name, known) or f" There are {', '.join(known)}."
        raise PlacedError(f"{key} names the {what} {name!r}, which the study lacks.{hint}", place)
