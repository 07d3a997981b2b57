"""Conversion of a source and the options to the input of a report."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from analysis.ratings.table import RatingsError
from analysis.report.context import ReportContext
from analysis.report.sections.looks import Looking
from analysis.report.sections.plan import Departure, standing_of
from analysis.report.sections.plan import Standing as StandingShown
from mixtrial.imports.measures import chosen_measures
from mixtrial.reporting.analysed_data import analysed_data
from mixtrial.reporting.declared_plan import (
    crowd_controls,
    declared_analysis,
    expertise_gate,
    sequential_plan,
)
from mixtrial.reporting.options import ReportOptions, SettledOptions
from mixtrial.reporting.participants import with_calibration
from mixtrial.reporting.study_data import StudyData
from stimuli.standards.check import Standing
from stimuli.study_keys.declared_plan import DeclaredPlan
from stimuli.study_keys.plan_keys.looks import MODEL_OF_LOOKS


def report_context(data: StudyData, options: ReportOptions) -> tuple[pd.DataFrame, ReportContext]:
    """Return the ratings to analyse, and all other input of the report.

    Parameters
    ----------
    data
        Source: a study, an archive or a table.
    options
        Options of the command line. A missing option comes from the archive, the plan, the part or
        the defaults, in this order.

    Raises
    ------
    RatingsError
        Possible causes: the requested part does not exist; no real participant has rated, but only
        real participants are to be analysed; the requested model differs from the model of the
        plan's interim analyses.
    """
    facts, asked = data.facts, options.over(data.options)
    analysed = analysed_data(data, asked.settled(facts.plan))
    part, ratings = analysed.part, analysed.ratings
    settled = asked.settled(facts.plan).with_marks(part.marks, ratings.get("system", ()))
    _check_looks(facts.plan, settled)
    rated = set(ratings.get("attribute", ()))
    confirmatory = facts.plan.confirmatory if facts.plan else None
    is_named = asked.primary is not None or settled.primary in rated
    return ratings, ReportContext(
        title=facts.title,
        wording=facts.wording,
        description=facts.description,
        systems=part.systems or facts.systems,
        groups=facts.groups,
        attributes=part.attributes or facts.attributes,
        system_labels=facts.system_labels,
        song_labels=facts.song_labels,
        group_labels=facts.group_labels,
        attribute_labels=facts.attribute_labels,
        attribute_questions=facts.attribute_questions,
        scale_labels=part.scale_labels or facts.scale_labels,
        own_scale_labels=(part if facts.parts else facts).own_scale_labels,
        scale_intervals=part.scale_intervals if facts.parts else facts.scale_intervals,
        primary_attribute=settled.primary if is_named else None,
        confirmatory=confirmatory and tuple(a for a in confirmatory if a in rated),
        margin=settled.margin,
        df_method=settled.df_method,
        model=settled.model,
        seed=settled.seed,
        reference=settled.reference,
        mid_anchor=settled.mid_anchor,
        low_anchor=settled.low_anchor,
        with_roles=settled.with_roles,
        also=settled.also,
        expertise=expertise_gate(facts.plan),
        controls=crowd_controls(facts.plan),
        all_ratings=analysed.all_ratings,
        measures=chosen_measures(data.stimuli, data.measures, settled.measures),
        mapping=settled.mapping,
        manifest=data.stimuli,
        comments=analysed.comments,
        flow=analysed.flow,
        people=analysed.people,
        questions=facts.questions,
        planned=analysed.planned,
        trials=analysed.trials,
        part=part.name,
        page_type=part.type,
        name_of_test=part.name_of_test,
        source=part.source,
        leaves_out_guessers=part.leaves_out_guessers,
        opinion_score=settled.opinion_score or part.opinion_score,
        part_names=tuple(each.name for each in facts.parts),
        why_empty=analysed.why_empty,
        study_fingerprint=facts.study_fingerprint,
        files=facts.files,
        plan=declared_analysis(facts, analysed, settled),
        looking=Looking(
            noted=facts.looks,
            overruled_at=facts.overruled_at,
            plan=sequential_plan(facts.plan),
            is_closed=facts.is_closed,
        ),
        planning=facts.planning,
        first_rating_at=analysed.first_rating_at,
        standing=_standing(facts.standing),
        design=facts.design,
        conditions=with_calibration(facts.conditions, analysed.people),
        notices=tuple(f"{text[:1].upper()}{text[1:]}." for text in analysed.notices),
    )


def _standing(found: Standing | None) -> StandingShown | None:
    if found is None:
        return None
    departures = [Departure(**asdict(each)) for each in found.departures]
    return standing_of(found.method, found.n_rules, found.n_unchecked, departures)


def _check_looks(plan: DeclaredPlan | None, settled: SettledOptions) -> None:
    if plan is not None and plan.looks is not None and settled.model != MODEL_OF_LOOKS:
        raise RatingsError(
            f"The interim looks of the plan test the model {MODEL_OF_LOOKS}, so the primary model "
            f"of the report cannot be {settled.model}; leave --model out."
        )
