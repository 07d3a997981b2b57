"""Reading a study file: the one way from ``study.yaml`` to a study whose keys fit together.

Conventions
-----------
A mistake is one sentence with the file, the line and, where there is one, the likely right word.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError, model_validator

from mixing.systems.registry import system_names
from stimuli.loading.part_fit import check_parts
from stimuli.loading.scale_fit import check_scales
from stimuli.loading.study_fit import (
    check_analysis,
    check_arms,
    check_feedback,
    check_pages,
    check_questions,
    check_recruitment,
)
from stimuli.loading.system_fit import check_human, check_systems
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.faults import PlacedError, explain
from stimuli.study_keys.yaml_source import read_yaml


class WholeStudy(Study):
    """A study whose keys fit together."""

    @model_validator(mode="after")
    def _parts_fit_together(self) -> WholeStudy:
        for check in (
            check_pages,
            check_human,
            check_parts,
            check_scales,
            check_feedback,
            check_analysis,
            check_questions,
            check_arms,
            check_recruitment,
        ):
            check(self)
        return self


def load_study(
    path: str | Path, known_systems: Sequence[str] | None = None, language: str | None = None
) -> Study:
    """Study of a file, checked.

    Parameters
    ----------
    path
        The study file (YAML).
    known_systems
        Systems that mix stems themselves; None asks the registry of mixing systems. A study may
        list others that each song has a file of.

    Raises
    ------
    StudyError
        The file is missing or broken, a key is unknown, missing or of the wrong kind, a name
        is used twice, a file it names is missing, or a system is unknown or has nothing to play.
    """
    path = Path(path)
    try:
        source = read_yaml(path)
        values = source.values if language is None else {**source.values, "language": language}
        study = WholeStudy.model_validate(values, context={"folder": path.resolve().parent})
    except ValidationError as error:
        raise StudyError(explain(error, WholeStudy, source)) from None
    except ValueError as error:
        raise StudyError(str(error)) from None
    study._folder = path.resolve().parent
    names = list(known_systems) if known_systems is not None else _registered_systems()
    try:
        check_systems(study, names)
    except PlacedError as error:
        raise StudyError(f"{source.where(error.place)}: {error}") from None
    return study


def _registered_systems() -> list[str]:
    """Names the registry knows; asked late, so that a study can be described without it."""
    return list(system_names())
