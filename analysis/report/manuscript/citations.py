"""Works that a report cites, found from the methods that the report used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from analysis.defaults import AUTO, KENWARD_ROGER, MODEL_NAMES, SATTERTHWAITE
from analysis.findings.attribute import Attribute
from analysis.findings.models import MixedModel
from analysis.findings.sections import NotEstimable, estimated, rows_of
from analysis.findings.trials import Trials
from analysis.opinion.controls import SOURCE as SOURCE_OF_CONTROLS
from analysis.report.manuscript.literature import (
    BAYES,
    CONTROLS,
    EFFECT_SIZES,
    EQUIVALENCE,
    EXPLORATORY,
    FRIEDMAN,
    ICC,
    KRIPPENDORFF,
    LOUDNESS,
    MIXED_MODEL,
    OPINION_SCORES,
    POOLED,
    PREDICTIONS,
    R_SQUARED,
    RATINGS,
    RM_ANOVA,
    WELCH,
    WILCOXON,
    Work,
    works_of,
)
from analysis.report.reported import Report, ReportedFindings
from analysis.statistics.multiplicity import OF_FAMILY


def cited(results: ReportedFindings, source: str) -> list[Work]:
    """Works that a report cites.

    Parameters
    ----------
    results
        Results of the report.
    source
        Publications that describe the test used in the study.
    """
    report = results.report
    found = {
        EXPLORATORY: any(row.method == OF_FAMILY[EXPLORATORY] for row in results.multiplicity.rows),
        CONTROLS: any(row.source == SOURCE_OF_CONTROLS for row in results.screening.rules),
        PREDICTIONS: bool(report and report.predictions),
        LOUDNESS: report is not None and _tells_loudness(report),
    }
    trials = results.trials or Trials()
    held = {each.name for each in fields(trials) if getattr(trials, each.name)}
    held |= {name for name, is_there in found.items() if is_there}
    for section in results.attributes.values():
        if not isinstance(section, NotEstimable):
            held |= {RATINGS, *_of_attribute(section)}
    if MIXED_MODEL in held and results.settings.df_method == AUTO:
        held |= {SATTERTHWAITE, KENWARD_ROGER}
    return works_of(held, source)


def _tells_loudness(report: Report) -> bool:
    """Whether sound levels were measured or matched in the study."""
    return report.stimuli is not None or any("BS.1770" in fact.text for fact in report.design)


def _of_attribute(section: Attribute) -> Iterator[str]:
    """Content of the findings for one attribute."""
    yield from _of_models(section)
    agreement, groups = estimated(section.agreement), estimated(section.groups)
    there = {
        POOLED: section.pooled_mann_whitney,
        OPINION_SCORES: section.subject_model,
        FRIEDMAN: section.friedman,
        WILCOXON: section.wilcoxon,
        RM_ANOVA: section.rm_anova,
        EFFECT_SIZES: section.effect_sizes,
        EQUIVALENCE: section.tost,
        BAYES: section.tost,
        ICC: agreement and agreement.icc,
        KRIPPENDORFF: agreement and agreement.krippendorff_alpha,
        WELCH: groups and groups.welch,
    }
    yield from (name for name, part in there.items() if estimated(part) is not None)


def _of_models(section: Attribute) -> Iterator[str]:
    """Citation keys of the models that a section used."""
    for name in MODEL_NAMES:
        model = estimated(section.model(name))
        if model is None:
            continue
        yield from (MIXED_MODEL, model.df_method)
        if rows_of(model.pairs):
            yield from (EQUIVALENCE, BAYES)
        if isinstance(model, MixedModel):
            yield R_SQUARED
