"""Reading a study file: every checked study is made from ``study.yaml`` by this module.

Conventions
-----------
A mistake is reported in one sentence with the file, the line and, if one is likely, the right word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
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
from stimuli.study.own_language import own_language
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.default_texts import FALLBACK
from stimuli.study_keys.faults import PlacedError, all_faults, explain
from stimuli.study_keys.yaml_source import Place, YamlSource, read_yaml, read_yaml_text


class WholeStudy(Study):
    """A study whose keys are consistent."""

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
    """Study of a file, after all checks.

    Parameters
    ----------
    path
        The study file (YAML).
    known_systems
        Names of the systems that mix stems themselves; None means the systems of the registry. A
        study can list other systems if each song has a file of each of these systems.

    Raises
    ------
    StudyError
        The file is missing or damaged, a key or name is not allowed, an audio file is missing, or a
        system is unknown or cannot provide a song.
    """
    path = Path(path)
    try:
        source = read_yaml(path)
        study = _with_translations(source, language)
    except ValidationError as error:
        raise StudyError(explain(error, WholeStudy, source)) from None
    except ValueError as error:
        raise StudyError(str(error)) from None
    names = list(known_systems) if known_systems is not None else _registered_systems()
    try:
        check_systems(study, names)
    except PlacedError as error:
        raise StudyError(f"{source.where(error.place)}: {error}") from None
    return study


@dataclass(frozen=True, slots=True)
class StudyFault:
    """One fault of a study file: its place, its line (0 if there is none), and a sentence."""

    place: Place
    line: int
    sentence: str


def check_text(text: str, path: Path) -> tuple[Study | None, tuple[StudyFault, ...]]:
    """Read a text as the content of the file ``path``: return the study and all faults of the text.

    The study is None if the text has a fault. A text that is not YAML has one fault, with its line.
    """
    try:
        source = read_yaml_text(text, path)
    except ValueError as error:
        line = re.match(r".*?, line (\d+): ", str(error))
        sentence = str(error)[line.end() :] if line else str(error)
        return None, (StudyFault((), int(line[1]) if line else 0, sentence),)
    try:
        study = _with_translations(source)
        check_systems(study, _registered_systems())
    except ValidationError as error:
        found = all_faults(error, WholeStudy)
    except PlacedError as error:
        found = [(error.place, str(error))]
    else:
        return study, ()
    faults = [StudyFault(place, source.line(place), said) for place, said in found]
    return None, tuple(sorted(faults, key=lambda fault: fault.line))


def _with_translations(source: YamlSource, language: str | None = None) -> Study:
    """Study of a file, with one version of the study for each of the study's languages."""
    study = _validated(source, language)
    spoken = (str(source.values.get("language", FALLBACK)), *study.languages)
    study._spoken = tuple(dict.fromkeys(spoken))
    study._own_languages = {code: own_language(study.folder, code) for code in study.spoken}
    others = [code for code in study.spoken if code != study.language]
    study._translations = {code: _validated(source, code) for code in others}
    for each in study._translations.values():
        each._spoken, each._own_languages = study._spoken, study._own_languages
    return study


def _validated(source: YamlSource, language: str | None = None) -> Study:
    folder = source.path.resolve().parent
    values = source.values if language is None else {**source.values, "language": language}
    study = WholeStudy.model_validate(values, context={"folder": folder})
    study._folder = folder
    study._own_languages = {study.language: own_language(folder, study.language)}
    return study


def _registered_systems() -> list[str]:
    """Names of the registered mixing systems.

    The registry of systems is imported only when it is needed, because a study can be described
    without the registry.
    """
    return list(system_names())
