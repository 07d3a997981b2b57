"""The record that ``mixtrial plan`` stores for report and archive.

The record is ``plan/plan.json`` in the study's folder. The record contains the time of the
planning, which the report compares with the time of the first rating. A record of another study,
for example a record that was copied with the folder, is not used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from pydantic import TypeAdapter

from analysis.defaults import PrimaryModel
from analysis.report.sections.plan import PlannedSize, PlanningRecord
from stimuli.study.study import Study, StudyError

FOLDER = "plan"
RECORD = "plan.json"


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """First part of the record: date, study and settings of the computation."""

    study: str
    study_fingerprint: str
    computed_at: str
    part: str
    difference: float
    margin: float
    seed: int
    n_draws: int
    source: str
    model: PrimaryModel
    level: float | None
    variance: Mapping[str, float]
    n_systems: int
    alpha: float
    n_tests: int
    are_declared: bool
    planned: PlannedSize | None


def default_folder(study: Path) -> Path:
    """Folder for the record of the plan of a study file."""
    return study.parent / FOLDER


def record_of(study_path: Path, study: Study) -> Mapping[str, object] | None:
    """Content of a study's record; None if no record exists, or if the record is of another study.

    Raises
    ------
    StudyError
        The file exists, but is not a record of ``mixtrial plan``.
    """
    path = default_folder(study_path) / RECORD
    if not path.is_file():
        return None
    content = _read(path)
    return content if content.get("study") == study.identifier else None


def planning_record(study_path: Path, study: Study) -> PlanningRecord | None:
    """Content of the record for the report, as :func:`record_of` returns it."""
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
        f"{path} is not a record of mixtrial plan; run mixtrial plan again, or remove the file."
    )
