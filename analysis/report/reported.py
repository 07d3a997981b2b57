"""All results of a report: the findings, and the additional results of its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.findings.findings import Findings
from analysis.findings.sections import Count, NotEstimable, absent
from analysis.ratings.behaviour import Behaviour
from analysis.report.sections.agreement import AgreementOfMethods, AgreementOfModels, Stability
from analysis.report.sections.answer import Answer
from analysis.report.sections.comments import CommentCounts
from analysis.report.sections.data import Flagged, Missing, Stimuli
from analysis.report.sections.looks import Looks
from analysis.report.sections.objective import Objective
from analysis.report.sections.one_sided import TestedClaim, UntestedClaim
from analysis.report.sections.parameters import StimulusParameters
from analysis.report.sections.plan import (
    Conditions,
    ContrastCounts,
    ContrastFound,
    Plan,
    Planning,
    Standing,
)
from analysis.report.sections.prediction import Prediction
from analysis.report.sections.sample import Flow, Sample


@dataclass(frozen=True, slots=True)
class Part:
    """Part of the study in which the ratings were given; whether its test can be called MUSHRA."""

    name: str | None
    type: str | None
    names: Sequence[str]
    is_mushra: bool


@dataclass(frozen=True, slots=True)
class DesignFact:
    """A fact about the design of the study, and the name of this fact."""

    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """Results of the report that are not tests.

    A mapping has one entry for each attribute; a result that is unknown is None.
    """

    answers: Mapping[str, Answer | NotEstimable]
    agreement: Mapping[str, AgreementOfMethods]
    models: Mapping[str, AgreementOfModels]
    stability: Mapping[str, Sequence[Stability]]
    sample: Sample
    flow: Flow | None
    missing: Missing
    flagged: Flagged
    stimuli: Stimuli | None
    parameters: Sequence[StimulusParameters]
    objective: Objective | None
    predictions: Sequence[Prediction]
    design: Sequence[DesignFact]
    conditions: Conditions | None
    plan: Plan | None
    looks: Looks | None
    planning: Planning | None
    contrasts: Mapping[str, Sequence[ContrastFound]]
    one_sided: Mapping[str, Sequence[TestedClaim | UntestedClaim]]
    contrast_counts: Mapping[str, ContrastCounts]
    n_outliers: Count
    standing: Standing | None
    behaviour: Behaviour | None
    comments: CommentCounts | None
    part: Part


@dataclass(frozen=True, slots=True)
class ReportedFindings(Findings):
    """The findings of an analysis, with the additional results of ``mixtrial report``."""

    report: Report | None = absent()
