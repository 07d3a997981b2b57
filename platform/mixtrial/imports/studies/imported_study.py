"""A study of another tool in a neutral form, which all readers make and the writer reads.

Conventions
-----------
Systems have the names that the source gives. :mod:`mixtrial.imports.studies.study_file` converts
these names to names that mixtrial allows. ``line`` is a line number of the source, counted from 1.
Fields whose names contain "keys" have the form of the study file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from mixtrial.imports.reading.notes import Notes
from mixtrial.imports.reading.project import Project


class ChoiceKeys(TypedDict):
    """A choice of a question."""

    name: str
    label: str


class QuestionKeys(TypedDict, total=False):
    """A question of a questionnaire."""

    name: str
    type: str
    label: str
    required: bool
    minimum: float
    maximum: float
    choices: list[ChoiceKeys]


class QuestionnaireKeys(TypedDict, total=False):
    """A questionnaire."""

    name: str
    when: str
    after_pages: str
    title: str
    text: str
    questions: list[QuestionKeys]


class RangeKeys(TypedDict, total=False):
    """The scale of an attribute."""

    minimum: float
    maximum: float
    step: float
    labels: Mapping[float, str]


class AttributeKeys(TypedDict, total=False):
    """An attribute."""

    name: str
    question: str
    label: str
    range: RangeKeys


class SongKeys(TypedDict, total=False):
    """A song with its files by system."""

    name: str
    title: str
    files: dict[str, str]
    reference: str


class PageOptions(TypedDict, total=False):
    """Keys of a page type."""

    anchors: list[str]
    must_listen: float
    must_move: bool
    on_switch: str
    playback: str
    scale: str
    ties: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about every stimulus of a page, with the ``range`` of a study file.

    ``name`` is the name of the question, unless another question already has this name.
    """

    name: str = "overall"
    question: str = ""
    label: str = ""
    range: RangeKeys = field(default_factory=RangeKeys)


@dataclass(frozen=True, slots=True)
class ImportedPage:
    """One page with sound; the page becomes a song of the imported study.

    Attributes
    ----------
    type, options
        Page type in mixtrial, and the keys of this page type.
    files
        Audio of each system on the page.
    reference
        Audio that is played openly; None for a page without such audio.
    pairs
        Systems that are compared in pairs; empty if all systems of the page are compared at once.
    n_more
        Stimuli on the page that are not systems: references and anchors.
    """

    name: str
    title: str
    line: int
    type: str
    files: Mapping[str, Path]
    asked: tuple[Asked, ...] = ()
    reference: Path | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    options: PageOptions = field(default_factory=PageOptions)
    n_more: int = 0


@dataclass(frozen=True, slots=True)
class PageAsItIs:
    """A page that cannot be converted: its lines in the source, its kind, and the reason."""

    line: int
    last_line: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class ImportedStudy:
    """A whole study. ``keys`` are keys of a study file with unchanged names."""

    title: str
    pages: tuple[ImportedPage, ...]
    as_they_are: tuple[PageAsItIs, ...]
    keys: Mapping[str, object]
    page_keys: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StudyReader:
    """How the studies of a tool are recognised by their text, and the function that reads them."""

    tool: str
    is_mine: Callable[[str], bool]
    read: Callable[[Project, Notes], ImportedStudy]
