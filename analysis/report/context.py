"""Input of a report except the ratings, and the paths of its output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from analysis.defaults import (
    DEFAULT_DF_METHOD,
    DEFAULT_LANGUAGE,
    DEFAULT_MODEL,
    DfMethod,
    PrimaryModel,
)
from analysis.figures.style import SCALE_LABELS
from analysis.findings.screening import CrowdControls, ExpertiseGate
from analysis.prediction.mapping import DEFAULT_MAPPING, MappingName
from analysis.report.sections.looks import Looking
from analysis.report.sections.plan import DeclaredAnalysis, PlanningRecord, Standing
from analysis.report.sections.sample import AskedQuestion, ComersByStage
from analysis.wording import SONGS_AND_MIXES, Wording

Progress = Callable[[float, str], None]
"""Called as ``on_progress(share_done, what)``, the share from 0 to 1."""

Paper = Literal["A4", "letter"]
"""Sizes of paper, as style sheets name them."""
DEFAULT_PAPER: Paper = "A4"


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file of ratings.

    Attributes
    ----------
    sha256
        Of its bytes.
    read_as
        Format in which the file was read; a sentence without its full stop.
    is_usual
        Whether the table was in the usual format, so that nothing about the format had to be
        guessed.
    """

    sha256: str
    read_as: str
    is_usual: bool


@dataclass(frozen=True, slots=True)
class ReportContext:
    """Words, order and choices of a report; every field is optional.

    Parameters
    ----------
    title, question, description
        Title for the head of the report; plain text. The default question depends on the kinds of
        answers in the study.
    wording
        The study's words for songs and mixes, used in all sentences and figures.
    systems, groups, attributes
        Order of display. Names that are missing in this list are shown after the listed names, in
        sorted order.
    system_labels, song_labels, group_labels, attribute_labels, attribute_questions
        Labels shown in place of names; a label must not be the name of another system. If two songs
        would get the same label, the names of the songs are shown instead.
    primary_attribute
        The primary attribute, which answers the question of the report. None: ``overall`` if the
        table has this attribute, otherwise the first attribute.
    confirmatory
        Attributes of the confirmatory family; None: all attributes.
    scale_labels
        Words of the scale, lowest first.
    own_scale_labels
        Words of the scale for attributes with their own scale.
    scale_intervals
        Whether each word names a range of values, and all ranges are equally wide; None: only if
        the words are those of BS.1534-3.
    margin
        Equivalence margin in points of the primary attribute's scale; None: 5 % of the range of
        each scale.
    df_method
        Method for the mixed model's degrees of freedom.
    model
        Model of the primary analysis.
    seed
        Seed of bootstraps and permutations.
    reference, mid_anchor
        Names of the hidden reference and the mid anchor among the systems.
    with_roles
        Whether reference and anchors are compared like all other systems.
    manifest
        One row for each stimulus: song, system, integrated_lufs, true_peak_dbtp, lra_lu,
        duration_s; if measured, also ``reference`` and the columns of
        :data:`analysis.report.sections.objective.COMPARISONS`.
    comments
        Columns comment and any of participant, song, system, group, stimulus_order. Comments are
        shown by system and song, with special characters escaped.
    flow
        Numbers of participants who reached each step between the invitation and the analysis. None:
        unknown.
    people
        Analysed participants: participant, group, device, answers (JSON text).
    questions
        Questions that participants answered about themselves, in the order of display.
    planned
        The planned ratings; a table with the columns participant and song. None: unknown.
    trials
        Preference and ABX trials, in the columns of :data:`analysis.trial_columns.TRIAL_COLUMNS`.
    part, page_type, part_names
        The part of the study that the ratings come from, its page type, and all parts of the study;
        empty for a study with one part, or for a table.
    name_of_test, source
        Name of the test that uses pages of this type (empty if the name depends on the systems),
        and the publications of this test.
    leaves_out_guessers
        If the ratings are difference grades: whether participants who cannot recognise the hidden
        reference are excluded.
    low_anchor
        Name of the low anchor among the systems.
    why_empty
        Reason why there are no ratings. If the context gives the reason why there are no ratings,
        or has trials, an empty table still gives a report.
    study_fingerprint
        SHA-256 of the study file.
    files
        Files from which the ratings were read, if they do not come from a study.
    plan
        The plan of analysis that was declared beforehand, and the departures from it; None:
        unknown.
    looking
        When researchers looked at the answers before the end of the study, and which of these looks
        were planned.
    planning
        Record of how the planned size of the study was computed. None: no record of the computation
        exists.
    first_rating_at
        Time of the first rating (ISO 8601, UTC); None: the time is unknown, or there are no
        ratings.
    standing
        The standards check. None: there is no such check.
    design
        Facts of the design as pairs (name, text), for the section on the design.
    conditions
        Room, sound level, equipment, and how songs and people were chosen: (key, name, words of the
        researchers; None if not stated). None: unknown.
    notices
        Sentences for the top of the report.
    also
        Names of methods that run only on request.
    expertise
        The declared limit of expertise; participants below this limit are excluded. None: no limit.
    opinion_score
        Name of the mean of the votes, if the ratings are votes on an opinion scale; otherwise
        empty.
    controls
        The declared control questions of a crowd test; None without controls.
    all_ratings
        Ratings of all parts of the study; the answers to the controls are searched in these
        ratings. None: the answers to the controls are searched in the analysed ratings.
    measures
        Objective measures that are compared with the mean ratings: the columns song and system, and
        one column for each measure. None: the report has no measures.
    mapping
        Function that converts a measure to the scale of the ratings: ``none``, ``third_order`` or
        ``logistic``.
    pictures
        Whether static figures and the PDF are made; they need an installed Chromium.
    latex
        Whether the files for writing a paper are made as well.
    paper
        Size of the printed page.
    language
        Language of the report; tables and results.json are always in English.
    """

    title: str = "Listening test"
    question: str = ""
    description: str = ""
    wording: Wording = SONGS_AND_MIXES
    systems: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    system_labels: Mapping[str, str] = field(default_factory=dict)
    song_labels: Mapping[str, str] = field(default_factory=dict)
    group_labels: Mapping[str, str] = field(default_factory=dict)
    attribute_labels: Mapping[str, str] = field(default_factory=dict)
    attribute_questions: Mapping[str, str] = field(default_factory=dict)
    primary_attribute: str | None = None
    confirmatory: tuple[str, ...] | None = None
    scale_labels: tuple[str, ...] = SCALE_LABELS
    own_scale_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scale_intervals: bool | None = None
    margin: float | None = None
    df_method: DfMethod = DEFAULT_DF_METHOD
    model: PrimaryModel = DEFAULT_MODEL
    seed: int = 1
    reference: str | None = None
    mid_anchor: str | None = None
    with_roles: bool = False
    manifest: pd.DataFrame | None = None
    comments: pd.DataFrame | None = None
    flow: ComersByStage | None = None
    people: pd.DataFrame | None = None
    questions: tuple[AskedQuestion, ...] = ()
    planned: pd.DataFrame | None = None
    trials: pd.DataFrame | None = None
    part: str = ""
    page_type: str = ""
    part_names: tuple[str, ...] = ()
    name_of_test: str = ""
    source: str = ""
    leaves_out_guessers: bool = True
    low_anchor: str | None = None
    why_empty: str = ""
    study_fingerprint: str | None = None
    files: tuple[FileRead, ...] = ()
    plan: DeclaredAnalysis | None = None
    looking: Looking = field(default_factory=Looking)
    planning: PlanningRecord | None = None
    first_rating_at: str | None = None
    standing: Standing | None = None
    design: tuple[tuple[str, str], ...] = ()
    conditions: tuple[tuple[str, str, str | None], ...] | None = None
    notices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    expertise: ExpertiseGate | None = None
    opinion_score: str = ""
    controls: CrowdControls | None = None
    all_ratings: pd.DataFrame | None = None
    measures: pd.DataFrame | None = None
    mapping: MappingName = DEFAULT_MAPPING
    pictures: bool = True
    latex: bool = False
    paper: Paper = DEFAULT_PAPER
    language: str = DEFAULT_LANGUAGE


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """Paths of the files of a finished report.

    ``pictures`` is true if each figure also exists as SVG and PNG. ``pdf`` is None if Chromium is
    missing. ``latex`` is None if the files of a paper were not requested.
    """

    html: Path
    results: Path
    methods: Path
    figures: Path
    tables: Path
    pdf: Path | None
    pictures: bool
    latex: Path | None = None
