"""Departures of a study from its recommendations, each with its key in the study file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import TypeAlias

from mixtrial.reporting.design_text import in_words_of
from mixtrial.server.settings import default_stimuli_folder
from mixtrial.studio.editor.fields.field import Path
from mixtrial.studio.editor.fields.study_fields import study_fields
from stimuli.standards.check import ALL_RULES, Departure, check_study
from stimuli.standards.opinion_rules import OPINION_RULES
from stimuli.standards.sound_rules import SOUND_RULES
from stimuli.study.manifest import manifest_of
from stimuli.study.study import Study, StudyError

Departures: TypeAlias = Mapping[Path, Sequence[Departure]]
"""By the path of a field that the editor always draws."""

KEYS = {rule.name: rule.key for rule in (*ALL_RULES, *OPINION_RULES, *SOUND_RULES)}


def departures_of(study: Study, study_path: FilePath) -> Departures:
    """Departures that ``mixtrial check`` lists, found from file headers alone."""
    try:
        manifest = manifest_of(study, default_stimuli_folder(study_path))
    except StudyError:
        manifest = None
    found: dict[Path, list[Departure]] = {}
    for departure in in_words_of(study, check_study(study, manifest)).departures:
        found.setdefault(field_of(KEYS[departure.rule]), []).append(departure)
    return found


def field_of(key: str) -> Path:
    """Field that shows a key; a list is shown as a whole, with all its entries."""
    first, *rest = key.split(".")
    kind = next(each.kind for each in study_fields() if each.key == first)
    return (first,) if kind == "entries" else (first, *rest)
