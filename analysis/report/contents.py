"""Computation of all results of a report: the statistical findings and additional results.

Begin to read with :func:`results_of`, which analyses the ratings. Then read :func:`with_report`,
which adds results that are not tests. A study without ratings is processed in the same way; its
findings are empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import partial

import pandas as pd

from analysis.figures.style import Look, is_mark, look_of, ordered
from analysis.findings.findings import Findings
from analysis.ratings.behaviour import behaviour_of
from analysis.ratings.margin import primary_of
from analysis.ratings.roles import compared
from analysis.ratings.summary import is_mushra
from analysis.ratings.table import IDENTIFIERS, ONE_GROUP, RatingsError, check_ratings, of_attribute
from analysis.report.context import Progress, ReportContext
from analysis.report.reported import DesignFact, Part, Report, ReportedFindings
from analysis.report.sections.agreement import agreement_of, models_of, stability_of
from analysis.report.sections.answer import answer_of
from analysis.report.sections.comments import comments_of
from analysis.report.sections.data import flagged_of, missing_of, stimuli_of
from analysis.report.sections.looks import (
    Sequential,
    counted_for_looks,
    looks_section,
    sequential_section,
)
from analysis.report.sections.objective import objective_of
from analysis.report.sections.one_sided import one_sided_of
from analysis.report.sections.parameters import parameters_of
from analysis.report.sections.plan import (
    conditions_section,
    contrasts_of,
    counts_of,
    plan_section,
    planning_section,
)
from analysis.report.sections.prediction import predictions_of
from analysis.report.sections.sample import asked_of, flow_of, sample_of
from analysis.results import analyse, without_ratings
from analysis.trials import check_trials, trials_section


def checked_table(ratings: pd.DataFrame, context: ReportContext) -> pd.DataFrame:
    """Ratings in the form for the analysis; no rows if the context says why ratings are missing.

    Raises
    ------
    RatingsError
        The table cannot be read as ratings (or the context's trials cannot be read as trials), the
        table has no ratings without a reason, or the context names an attribute or system that
        nobody rated.
    """
    has_trials = not check_trials(context.trials).empty
    if ratings.empty and (context.why_empty or has_trials):
        return pd.DataFrame(columns=[*IDENTIFIERS, "rating"]).astype({"rating": float})
    table = check_ratings(ratings)
    _check_names(table, context)
    return table


def _check_names(table: pd.DataFrame, context: ReportContext) -> None:
    wanted = (
        ("attribute", context.primary_attribute),
        *(("attribute", name) for name in context.confirmatory or ()),
        ("system", context.reference),
        ("system", context.mid_anchor),
        ("system", context.low_anchor),
    )
    for column, name in wanted:
        found = sorted(table[column].unique())
        if name is not None and name not in found:
            raise RatingsError(
                f"There is no {column} {name!r} in the ratings; choose {', '.join(found)}."
            )


def results_of(table: pd.DataFrame, context: ReportContext, tell: Progress) -> ReportedFindings:
    """Findings from ratings and trials, with the additional results of the report.

    Parameters
    ----------
    table
        From :func:`checked_table`.
    context
        Words, order and choices of the report.
    tell
        Function that is called repeatedly with the completed share of the work, from 0 to 1.
    """
    if table.empty:
        run = partial(without_ratings, why=context.why_empty)
    else:
        run = partial(
            analyse,
            table,
            reference=context.reference,
            mid_anchor=context.mid_anchor,
            low_anchor=context.low_anchor,
            also=context.also,
            expertise=context.expertise,
            primary=primary_of(
                ordered(table["attribute"], context.attributes), context.primary_attribute
            ),
            contrasts=context.plan.claimed_pairs if context.plan else (),
            with_roles=context.with_roles,
            leaves_out_guessers=context.leaves_out_guessers,
            opinion_score=context.opinion_score,
            controls=context.controls,
            all_ratings=context.all_ratings,
            trials=context.trials,
            on_progress=tell,
        )
    findings = run(
        margin=context.margin,
        df_method=context.df_method,
        model=context.model,
        seed=context.seed,
        confirmatory=context.confirmatory,
        page_type=context.page_type,
        test=context.name_of_test,
    )
    trials = trials_section(_compared_trials(context), context.systems, context.seed)
    return with_report(replace(findings, trials=trials), table, context)


def _compared_trials(context: ReportContext) -> pd.DataFrame | None:
    """Trials without the trials of the environment test, whose right answers are known."""
    trials, controls = context.trials, context.controls
    test = None if controls is None else controls.environment
    if trials is None or test is None:
        return trials
    return trials[trials["part"] != test.part].reset_index(drop=True)


def with_report(
    findings: Findings, table: pd.DataFrame, context: ReportContext
) -> ReportedFindings:
    """Return the findings with the additional results that the report's text needs."""
    look = look_at(table, context, findings.settings.apart)
    systems = look.compared
    left_out = [system for system in systems if _is_left_out(system, context)]
    sections = findings.attributes
    declared = context.plan.contrasts if context.plan else ()
    contrasts = {name: contrasts_of(part, declared) for name, part in sections.items()}
    answers = primary_of(ordered(sections, context.attributes), context.primary_attribute)
    sequential = _sequential(table, findings, context, answers)
    if answers in contrasts:
        contrasts[answers] = list(counted_for_looks(contrasts[answers], sequential))
    claims, scale = context.plan.one_sided if context.plan else (), findings.settings.scale
    rated = table if not table.empty else _takers(context)
    excluded = {row.participant for row in findings.data.excluded}
    asked = asked_of(context.people, context.questions, look.groups)
    sample = sample_of(rated, look.groups, len(excluded), asked)
    report = Report(
        answers={
            name: answer_of(part, systems, left_out, look.apart) for name, part in sections.items()
        },
        agreement={name: agreement_of(part, systems) for name, part in sections.items()},
        models={name: models_of(part) for name, part in sections.items()},
        stability={name: stability_of(part) for name, part in sections.items()},
        sample=sample,
        flow=flow_of(context.flow, sample.n_participants, len(excluded)),
        missing=missing_of(table, context.planned),
        flagged=flagged_of(findings),
        stimuli=stimuli_of(context.manifest),
        parameters=parameters_of(context.manifest),
        objective=objective_of(context.manifest),
        predictions=predictions_of(
            context.measures, sections.get(answers or ""), context.mapping, context.seed
        ),
        design=[DesignFact(what, text) for what, text in context.design],
        conditions=conditions_section(context.conditions),
        plan=plan_section(context.plan),
        looks=looks_section(context.looking, sequential),
        planning=planning_section(context.planning, context.first_rating_at),
        contrasts=contrasts,
        one_sided={name: one_sided_of(part, claims, scale) for name, part in sections.items()},
        contrast_counts={name: counts_of(rows) for name, rows in contrasts.items()},
        n_outliers=len(findings.screening.outliers),
        standing=context.standing,
        behaviour=behaviour_of(without_excluded(table, findings), look.systems),
        comments=comments_of(context.comments, look.systems),
        part=_part(context),
    )
    known = {each.name: getattr(findings, each.name) for each in fields(findings)}
    return ReportedFindings(**known, report=report)


def _sequential(
    table: pd.DataFrame,
    findings: Findings,
    context: ReportContext,
    answers: str | None,
) -> Sequential | None:
    """Planned interim analyses of the primary attribute; None if none are planned."""
    if answers is None:
        return None
    rows = of_attribute(without_excluded(table, findings), answers)
    rows = compared(rows, findings.settings.apart)
    return sequential_section(context.looking, rows, context.df_method)


def _takers(context: ReportContext) -> pd.DataFrame:
    """Trials as rows of a table of ratings, for participants who compared mixes but rated none."""
    trials = context.trials
    if trials is None or trials.empty:
        return pd.DataFrame(columns=["participant", "group", "rating"])
    groups = trials["group"] if "group" in trials else pd.Series(ONE_GROUP, index=trials.index)
    return trials.assign(rating=0.0, group=groups.replace("", ONE_GROUP))


def _part(context: ReportContext) -> Part:
    """Part of the study in which the ratings were given; whether its test can be called MUSHRA."""
    names = (context.reference, context.mid_anchor, context.low_anchor)
    return Part(
        name=context.part or None,
        type=context.page_type or None,
        names=context.part_names,
        is_mushra=is_mushra(*names, context.name_of_test),
    )


def _is_left_out(system: str, context: ReportContext) -> bool:
    marks = (context.reference, context.mid_anchor, context.low_anchor)
    return is_mark(system) or system in marks


def look_at(table: pd.DataFrame, context: ReportContext, apart: Sequence[str] = ()) -> Look:
    """Order and words for all figures and tables; systems that were only compared are included.

    If the reference and the anchors are kept ``apart``, they come last.
    """
    takers = _takers(context)
    if table.empty and not takers.empty:
        sides = [
            takers.assign(system=takers[side])[["system", "song", "group"]]
            for side in ("system_a", "system_b")
        ]
        table = pd.concat(sides)
    marks = [context.reference, context.mid_anchor, context.low_anchor]
    marks += [label for name, label in context.system_labels.items() if is_mark(name)]
    look = look_of(
        table,
        context.systems,
        context.groups,
        context.scale_labels,
        {**context.attribute_labels, **context.group_labels},
        tuple(name for name in marks if name),
        context.scale_intervals,
        context.own_scale_labels,
    )
    return replace(look.with_apart(apart), wording=context.wording)


def without_excluded(table: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Return the ratings that are analysed: without the ratings of excluded participants."""
    excluded = {row.participant for row in findings.data.excluded}
    return table[~table["participant"].isin(excluded)]
