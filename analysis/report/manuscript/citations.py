"""Which works a report cites: those whose methods it used."""

from __future__ import annotations

from dataclasses import fields

from analysis.findings.sections import NotEstimable, estimated
from analysis.findings.trials import Trials
from analysis.opinion.controls import SOURCE as SOURCE_OF_CONTROLS
from analysis.report.manuscript.literature import (
    CONTROLS,
    OPINION_SCORES,
    POOLED,
    PREDICTIONS,
    RATINGS,
    Work,
    works_of,
)
from analysis.report.reported import ReportedFindings


def cited(results: ReportedFindings, source: str) -> list[Work]:
    """Works that a report cites.

    Parameters
    ----------
    results
        What the report tells.
    source
        What the method of its test goes back to.
    """
    sections = [part for part in results.attributes.values() if not isinstance(part, NotEstimable)]
    held = {
        RATINGS: bool(sections),
        POOLED: any(estimated(part.pooled_mann_whitney) is not None for part in sections),
        OPINION_SCORES: any(estimated(part.subject_model) is not None for part in sections),
        CONTROLS: any(row.source == SOURCE_OF_CONTROLS for row in results.screening.rules),
        PREDICTIONS: bool(results.report and results.report.predictions),
    }
    trials = results.trials or Trials()
    kinds = {each.name for each in fields(trials) if getattr(trials, each.name)}
    return works_of(kinds | {name for name, is_there in held.items() if is_there}, source)
