"""What ``mixtrial plan`` found, kept beside the study so that report and archive can tell of it.

The record is ``plan/plan.json`` in the study's folder. It says when it was computed; the report
sets that beside the first rating. A record of another study, such as one that was copied with the
folder, is not taken up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stimuli.page_types.base import Part
from stimuli.study.study import Study, StudyError

FOLDER = "plan"
RECORD = "plan.json"
KEPT = (
    "computed_at", "part", "difference", "margin", "seed", "n_draws", "source", "n_systems",
    "alpha", "n_tests", "are_declared", "planned",
)  # fmt: skip
KEPT_ADVICE = (
    "n_songs", "n_songs_each", "n_for_difference", "n_for_equivalence", "power_limit",
)  # fmt: skip


def default_folder(study: Path) -> Path:
    """Folder of the record of a study file."""
    return study.parent / FOLDER


def compared_pairs(study: Study, part: Part) -> tuple[int, bool]:
    """How many pairs of systems are tested together in a part, and whether they were declared.

    Without declared contrasts the report adjusts over all pairs of what is rated.
    """
    contrasts = study.analysis.contrasts if study.analysis else ()
    rated = [pair for pair in contrasts if set(pair) <= set(part.rated)]
    k = len(part.rated)
    return (len(rated), True) if rated else (k * (k - 1) // 2, False)


def record_of(study_path: Path, study: Study) -> Mapping[str, Any] | None:
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


def planning_facts(study_path: Path, study: Study) -> dict[str, Any] | None:
    """What the report tells of the record of :func:`record_of`."""
    content = record_of(study_path, study)
    if content is None:
        return None
    found = {key: content.get(key) for key in KEPT}
    found |= {key: content["advice"].get(key) for key in KEPT_ADVICE}
    return found | {"is_same_file": content.get("study_fingerprint") == study.fingerprint}


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("advice"), dict):
        raise StudyError(
            f"{path} is no record of mixtrial plan; run mixtrial plan again or remove the file"
        )
    return content
