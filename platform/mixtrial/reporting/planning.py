"""What ``mixtrial plan`` says besides its advice, and the record it keeps for report and archive.

The record is ``plan/plan.json`` in the study's folder. It says when it was computed; the report
sets that beside the first rating. A record of another study, such as one that was copied with the
folder, is not taken up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from pydantic import TypeAdapter

from analysis.ratings.roles import ROLES, kept_apart
from analysis.report.sections.plan import PlannedSize, PlanningRecord
from analysis.statistics.multiplicity import FOR_PAIRS, NAMES
from mixtrial.server.settings import default_stimuli_folder
from stimuli.design.session_length import session_length
from stimuli.page_types.base import Part
from stimuli.standards.limits import LONGEST_SESSION_MIN
from stimuli.study.manifest import manifest_of
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.declared_plan import DeclaredPlan

FOLDER = "plan"
RECORD = "plan.json"
DEFAULTS = "defaults, from one codec test"
"""Where the variances come from when no pilot is named."""


def default_folder(study: Path) -> Path:
    """Folder of the record of a study file."""
    return study.parent / FOLDER


def compared_systems(study: Study, part: Part, with_roles: bool = False) -> tuple[str, ...]:
    """Systems of a part that the report compares: reference and anchors are kept apart.

    Raises
    ------
    StudyError
        Fewer than two are left.
    """
    plan = study.analysis or DeclaredPlan()
    roles = [getattr(plan, key) or part.options.marks().get(key) for key in ROLES]
    is_all = with_roles or plan.with_roles
    apart = kept_apart(part.rated, roles, plan.claimed_pairs, is_all)
    left = tuple(name for name in part.rated if name not in apart)
    if len(left) < 2:
        beside = f" beside its reference and anchors ({', '.join(apart)})" if apart else ""
        hint = "; name a contrast in the plan, or compare them too (--with-roles)" if apart else ""
        raise StudyError(f"a plan needs two systems at least{beside}{hint}")
    return left


def compared_pairs(study: Study, compared: Sequence[str]) -> tuple[int, bool]:
    """How many pairs of systems are tested together, and whether they were declared.

    Without declared contrasts the report adjusts over all pairs of what is compared.
    """
    contrasts = study.analysis.contrasts if study.analysis else ()
    rated = [pair for pair in contrasts if set(pair) <= set(compared)]
    k = len(compared)
    return (len(rated), True) if rated else (k * (k - 1) // 2, False)


def record_of(study_path: Path, study: Study) -> Mapping[str, object] | None:
    """Everything in a study's record; None where there is none, or another study's.

    Raises
    ------
    StudyError
        The file is there, and is no record of ``mixtrial plan``.
    """
    path = default_folder(study_path) / RECORD
    if not path.is_file():
        return None
    content = _read(path)
    return content if content.get("study") == study.identifier else None


def planning_record(study_path: Path, study: Study) -> PlanningRecord | None:
    """What the report tells of the record of :func:`record_of`."""
    content = record_of(study_path, study)
    if content is None:
        return None
    advice = content["advice"]
    said = {**(advice if isinstance(advice, dict) else {}), **content}
    said["is_same_file"] = content.get("study_fingerprint") == study.fingerprint
    told = {key.name: said.get(key.name) for key in fields(PlanningRecord)}
    try:
        return TypeAdapter(PlanningRecord).validate_python(told)
    except ValueError:
        raise _no_record(default_folder(study_path) / RECORD) from None


def _read(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("advice"), dict):
        raise _no_record(path)
    return content


def _no_record(path: Path) -> StudyError:
    return StudyError(
        f"{path} is no record of mixtrial plan; run mixtrial plan again or remove the file"
    )


def planned_size(size: PlannedSize | None, difference: float, margin: float) -> list[str]:
    """What the listeners that are planned can find."""
    if size is None:
        return []
    if size.power is None or size.power_equivalence is None or size.detectable_difference is None:
        return [f"{size.n_participants} participants are too few for these songs."]
    told = (
        f"Planned are {size.n_participants} participants. Chance to find a difference of "
        f"{difference:g} points: {100 * size.power:.0f} %; to show equivalence within "
        f"±{margin:g} points: {100 * size.power_equivalence:.0f} %; smallest difference found "
        f"with 80 %: {size.detectable_difference:.1f} points."
    )
    return [told]


def duration(study: Study, path: Path) -> list[str]:
    """How long a session takes, and whether that tires."""
    length = session_length(study, manifest_of(study, default_stimuli_folder(path)))
    pages = f"Each participant sees {length.n_pages} pages and gives {length.n_ratings} ratings"
    if length.duration_s is None:
        return [f"{pages}; how long that takes is unknown, because the songs cannot be read."]
    minutes = length.duration_s / 60
    long = f": longer than {LONGEST_SESSION_MIN:g} minutes, which tires" * (
        minutes > LONGEST_SESSION_MIN
    )
    return [f"{pages}, in about {minutes:.0f} minutes{long}."]


def cautions(n_tests: int, are_declared: bool, own: int | None, source: str) -> list[str]:
    """What the figures do not tell by themselves."""
    told = []
    if source == DEFAULTS:
        told.append(
            "The variances are those of one codec test with reference and anchors, whose song × "
            "system term is likely high: run a pilot, and plan from its results.json (--results)."
        )
    if are_declared and n_tests == 1:
        told.append("A difference counts as found at .05: the plan declares one contrast.")
    if n_tests > 1:
        whose = "contrasts that the plan declares" if are_declared else "pairs of systems"
        told.append(
            f"A difference counts as found at .05 / {n_tests}, the strictest step of "
            f"{NAMES[FOR_PAIRS]}'s adjustment over the {n_tests} {whose}"
            + (
                "."
                if are_declared
                else "; declared contrasts (analysis: contrasts) would be fewer."
            )
        )
    told.append(
        "Differences between listener groups need far more: in simulations, 8 points in one of "
        "three groups of ten were found in 20 % of the studies. Recruit groups of equal size."
    )
    if own is not None:
        told.append(
            f"Each participant rates {own} of the songs; for such designs the figures are "
            "approximate."
        )
    return told
