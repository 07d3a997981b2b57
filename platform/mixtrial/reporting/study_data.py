"""All data that a study, an archive or a table provides to a report: :class:`StudyData`.

A source is read only once, by the reader for its kind (:mod:`~mixtrial.reporting.study_reader`,
:mod:`~mixtrial.reporting.archive_reader`, :mod:`~mixtrial.reporting.table_reader`). The analysis
and the report's text depend only on the :class:`StudyData` and the options
(:mod:`~mixtrial.reporting.report_context`). A study and its archive give the same report, to the
last digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from pydantic import TypeAdapter

from analysis.figures.style import SCALE_LABELS
from analysis.report.context import FileRead
from analysis.report.sections.looks import NotedLook
from analysis.report.sections.plan import PlanningRecord
from analysis.report.sections.sample import AskedQuestion
from analysis.wording import SONGS_AND_MIXES, Wording
from db.records.participation import RATINGS
from mixtrial.reporting.options import ReportOptions
from stimuli.standards.check import Standing
from stimuli.study_keys.declared_plan import DeclaredPlan


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A part of a study. If the study declares no parts, its only part has no name.

    ``systems``, ``attributes`` and ``scale_labels`` are empty if the part uses the values of the
    study. ``scale_intervals`` says whether each word of the scale names a range of values, as in
    BS.1534-3, rather than a single value (None: unknown). ``own_scale_labels`` holds the words on
    the scale of each attribute that has its own scale. ``marks`` holds the names of the systems
    that are reference, mid_anchor and low_anchor, as far as these exist. The rest depends on its
    page type: ``answers`` (ratings, or a kind of trial), ``name_of_test`` (empty if it depends on
    the marks), the published method (``source``), and the name of a mean of its votes
    (``opinion_score``, empty without one). ``graded_against`` is the hidden reference of each page,
    if differences from its grade are analysed. ``leaves_out_guessers`` says whether listeners who
    cannot recognise the hidden reference are excluded.
    """

    name: str = ""
    type: str = ""
    systems: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    scale_labels: tuple[str, ...] = ()
    scale_intervals: bool | None = None
    own_scale_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    answers: str = RATINGS
    name_of_test: str = ""
    source: str = ""
    graded_against: str = ""
    leaves_out_guessers: bool = True
    opinion_score: str = ""


@dataclass(frozen=True, slots=True)
class StudyVersion:
    """A version of the study file, with the time at which the version was registered."""

    fingerprint: str
    registered_at: str


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """Facts about a study apart from its answers; for a table, little more than a title.

    ``study_fingerprint`` is None for a table. ``parts`` is empty if the study declares no parts.
    ``looks`` is None if no looks at the data were logged. ``overruled_at`` is the time when a
    researcher displayed mean ratings that the plan hides until the study is closed. Facts with a
    default were added later and are missing in older archives.
    """

    title: str
    identifier: str = ""
    description: str = ""
    systems: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    system_labels: Mapping[str, str] = field(default_factory=dict)
    song_labels: Mapping[str, str] = field(default_factory=dict)
    group_labels: Mapping[str, str] = field(default_factory=dict)
    attribute_labels: Mapping[str, str] = field(default_factory=dict)
    attribute_questions: Mapping[str, str] = field(default_factory=dict)
    scale_labels: tuple[str, ...] = SCALE_LABELS
    scale_intervals: bool | None = False
    own_scale_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: tuple[PartFacts, ...] = ()
    questions: tuple[AskedQuestion, ...] = ()
    study_fingerprint: str | None = None
    plan: DeclaredPlan | None = None
    plan_sha256: str | None = None
    versions: tuple[StudyVersion, ...] = ()
    unblinded_at: str | None = None
    looks: tuple[NotedLook, ...] | None = None
    overruled_at: str | None = None
    is_closed: bool = True
    planning: PlanningRecord | None = None
    standing: Standing | None = None
    design: tuple[tuple[str, str], ...] = ()
    conditions: tuple[tuple[str, str, str | None], ...] | None = None
    wording: Wording = SONGS_AND_MIXES
    files: tuple[FileRead, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Facts in the form in which an archive stores them."""
        content: dict[str, object] = _FACTS.dump_python(self, mode="json")
        return content

    @classmethod
    def from_json(cls, content: Mapping[str, object]) -> StudyFacts:
        """Read the facts of an archive; raise ``ValueError`` if the facts have another form."""
        return _FACTS.validate_python(content)


_FACTS = TypeAdapter(StudyFacts)


@dataclass(frozen=True, slots=True)
class AnswerTables:
    """Answers of a study: ratings, and choices between two systems (None: unknown)."""

    ratings: pd.DataFrame
    trials: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class StudyTables(AnswerTables):
    """All tables of a study, as in its database or an archive.

    ``listening`` is empty in older archives, which do not have this table.
    """

    trials: pd.DataFrame
    comments: pd.DataFrame
    participants: pd.DataFrame
    pages: pd.DataFrame
    listening: pd.DataFrame


@dataclass(frozen=True, slots=True)
class StudyData:
    """All data of a source for a report.

    ``stimuli`` are the built stimuli, one per row, with the values measured by mixtrial's meters
    (None: no build). ``options`` are the options stored in an archive. ``measures`` are an
    additional table of objective measures.
    """

    facts: StudyFacts
    tables: AnswerTables
    stimuli: pd.DataFrame | None = None
    options: ReportOptions = field(default_factory=ReportOptions)
    measures: pd.DataFrame | None = None
