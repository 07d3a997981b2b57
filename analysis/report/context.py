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
        A sentence without its full stop: the format in which the file was read.
    is_usual
        Whether the file is a table in the usual dialect, so that no assumption was necessary.
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
        Title for the head of the report; plain text. By default, the question depends on the kinds
        of answers.
    wording
        Names of songs and mixes in all sentences and figures.
    systems, groups, attributes
        Order of display. Names that are not listed follow, sorted.
    system_labels, song_labels, group_labels, attribute_labels, attribute_questions
        Labels shown in place of names; no label is another system's name. If two labels
        of songs would be equal, songs are shown by their names.
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
        Whether the words name equal ranges of values; None: only for the words of BS.1534-3.
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
        One stimulus per row: song, system, integrated_lufs, true_peak_dbtp, lra_lu, duration_s;
        and, if measured, ``reference`` and the columns of
        :data:`analysis.report.sections.objective.COMPARISONS`.
    comments
        Columns comment and any of participant, song, system, group, stimulus_order. Comments are
        shown by system and song, with special characters escaped.
    flow
        Numbers of participants at each step from invitation to analysis. None: unknown.
    people
        Analysed participants: participant, group, device, answers (JSON text).
    questions
        Questions about themselves that participants were asked, in the order of display.
    planned
        Columns participant and song: planned ratings. None: unknown.
    trials
        Preference and ABX trials, in the columns of :data:`analysis.trial_columns.TRIAL_COLUMNS`.
    part, page_type, part_names
        The part of the study that the ratings come from, its page type, and all parts of the study;
        empty for a study with one part, or for a table.
    name_of_test, source
        Name of a test with pages of this type (empty if the name depends on the systems), and the
        works in which the method was published.
    leaves_out_guessers
        Whether participants who cannot recognise the hidden reference are excluded, if the ratings
        are difference grades.
    low_anchor
        Name of the low anchor among the systems.
    why_empty
        Reason for missing ratings. With a reason, or with trials, an empty table still gives a
        report.
    study_fingerprint
        SHA-256 of the study file.
    files
        Files from which the ratings were read, if they do not come from a study.
    plan
        The declared plan of analysis, and the departures from it; None: unknown.
    looking
        Looks of researchers at the answers before the end, and the declared looks.
    planning
        Computation of the planned size of the study. None: no record of the computation exists.
    first_rating_at
        Time of the first rating (ISO 8601, UTC); None: the time is unknown, or there are no
        ratings.
    standing
        The standards check. None: there is no such check.
    design
        Facts of the design as pairs (name, text), for the section on the design.
    conditions
        Room, level, equipment, choice of songs and people, as (key, name, words of the researchers;
        None: not stated). None: unknown.
    notices
        Sentences for the top of the report.
    also
        Names of methods that run only on request.
    expertise
        The declared expertise gate; None without a gate.
    opinion_score
        Name of a mean of votes if ratings are votes on an opinion scale; otherwise empty.
    controls
        The declared controls of a crowd test; None without controls.
    all_ratings
        Ratings of all parts, in which the controls are looked up. None: controls are looked up in
        the analysed ratings.
    measures
        Columns song, system and one for each objective measure, to be compared with the mean
        ratings. None: the report has no measures.
    mapping
        Mapping of a measure to the scale of ratings: ``none``, ``third_order`` or ``logistic``.
    pictures
        Whether static figures and the PDF are made, if Chromium is installed.
    latex
        Whether the files of a paper are written, too.
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
    """Paths of a written report.

    ``pictures`` is true if the figures include SVG and PNG. ``pdf`` is None without Chromium, and
    ``latex`` is None if no paper was requested.
    """

    html: Path
    results: Path
    methods: Path
    figures: Path
    tables: Path
    pdf: Path | None
    pictures: bool
    latex: Path | None = None
