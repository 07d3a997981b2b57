"""The findings as CSV tables: one file for each kind of row, with the rows of all attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.findings.attribute import Attribute
from analysis.findings.findings import Findings
from analysis.findings.json_form import json_form
from analysis.findings.models import MixedModel
from analysis.findings.primary import fitted_model
from analysis.findings.sections import NotEstimable, TrialCounts, estimated
from analysis.findings.trials import BradleyTerry, StrengthModel, Trials
from analysis.methods.registry import shown_as_tables
from analysis.report.reported import Report, ReportedFindings
from analysis.report.sections.prediction import PredictionFit
from analysis.report.sections.sample import Sample
from analysis.trial_columns import ABX, BEST, RANKING, SAME_DIFFERENT, TRIANGLE

Line = dict[str, object]
"""Cells of one row by the names of their columns."""


def tables_of(results: Findings) -> dict[str, pd.DataFrame]:
    """Tables by file name (without suffix), in the order for reading; empty tables are left out.

    Nested values become columns with dotted names (``g_av.value``). A row that could not be
    estimated contains only its names, and the reason in the column ``why``.
    """
    made: dict[str, list[Line]] = {}
    for attribute, section in results.attributes.items():
        if not isinstance(section, NotEstimable):
            for name, rows in _lists_of(section):
                made.setdefault(name, []).extend(_lines(rows, attribute=attribute))
    if isinstance(results, ReportedFindings) and results.report is not None:
        _add_report(made, results.report)
    if results.trials is not None:
        for name, lines in _of_trials(results.trials):
            made.setdefault(name, []).extend(lines)
    made["excluded"] = _lines(results.data.excluded)
    made["screening"] = _lines(results.screening.participants)
    made["outliers"] = _lines(results.screening.outliers)
    made["multiplicity"] = _lines(results.multiplicity.rows)
    return {name: pd.DataFrame(lines) for name, lines in made.items() if lines}


def _add_report(made: dict[str, list[Line]], report: Report) -> None:
    for attribute, agreement in report.agreement.items():
        lines = _lines(agreement.rows, attribute=attribute)
        made.setdefault("agreement-of-methods", []).extend(lines)
    for attribute, rows in report.stability.items():
        made.setdefault("leave-one-out", []).extend(_lines(rows, attribute=attribute))
    made["sample-answers"] = _of_questions(report.sample)
    made["comment-counts"] = [
        line
        for system in (report.comments.systems if report.comments else ())
        for line in _lines(system.songs, system=system.system)
    ]
    made["sample"] = _lines(report.sample.groups)
    made["missing"] = _lines(report.missing.participants)
    made["stimuli"] = _lines(report.stimuli.rows if report.stimuli else ())
    made["mixing-parameters"] = _lines(report.parameters)
    made["predictions"] = [
        line
        for row in report.predictions
        if isinstance(row.fit, PredictionFit)
        for line in _lines(row.fit.points, measure=row.measure, level=row.level)
    ]
    made["objective"] = _lines(report.objective.rows if report.objective else ())


def _of_trials(trials: Trials) -> list[tuple[str, list[Line]]]:
    found: list[tuple[str, TrialCounts, Sequence[object]]] = []
    for preference in trials.preference:
        lists: list[tuple[str, Sequence[object]]] = [
            ("preference-wins", preference.wins), ("preference-pairs", preference.pairs)
        ]  # fmt: skip
        if isinstance(fitted := preference.bradley_terry, BradleyTerry):
            lists += [("preference-strengths", fitted.strengths),
                      ("preference-differences", fitted.pairs)]  # fmt: skip
        found += [(name, preference, rows) for name, rows in lists]
    for kind, entries in ((RANKING, trials.ranking), (BEST, trials.best)):
        for entry in entries:
            found.append((f"{kind}-places", entry, entry.placed))
            if isinstance(model := entry.model, StrengthModel):
                found += [(f"{kind}-strengths", entry, model.strengths),
                          (f"{kind}-differences", entry, model.pairs)]  # fmt: skip
    for kind, apart in ((ABX, trials.abx), (TRIANGLE, trials.triangle)):
        for told in apart:
            found += [(f"{kind}-pairs", told, told.pairs),
                      (f"{kind}-participants", told, told.participants)]  # fmt: skip
    for said in trials.same_different:
        name = SAME_DIFFERENT.replace("_", "-")
        found += [(f"{name}-pairs", said, said.pairs),
                  (f"{name}-participants", said, said.participants)]  # fmt: skip
    return [
        (name, _lines(rows, part=entry.part, attribute=entry.attribute))
        for name, entry, rows in found
    ] + [("threshold-tracks", _lines(entry.tracks, part=entry.part)) for entry in trials.thresholds]


def _of_questions(sample: Sample) -> list[Line]:
    """One row for each answer to each question; if the answers are numbers, one for each group."""
    groups = [row.group for row in sample.groups]
    made: list[Line] = []
    for question in sample.questions:
        head = {"key": question.key, "question": question.label, "kind": question.kind}
        for row in question.rows or ():
            counts = zip(groups, row.by_group, strict=True)
            line = {**head, "answer": row.answer, "label": row.label, "n": row.n}
            made.append({**line, **{f"n.{group}": n for group, n in counts}})
        made += _lines(question.numbers or (), **head)
    return made


def _lists_of(section: Attribute) -> list[tuple[str, Sequence[object]]]:
    model, groups = fitted_model(section), estimated(section.groups)
    mixed = model if isinstance(model, MixedModel) else None
    power, agreement = estimated(section.power), estimated(section.agreement)
    ordinal, habits = estimated(section.ordinal), estimated(section.subject_model)
    parts: list[tuple[str, object]] = [
        ("descriptives", section.descriptives),
        ("songs", section.songs),
        ("opinion-scores", section.opinion_scores),
        ("listener-habits", habits and habits.listeners),
        ("stimulus-qualities", habits and habits.stimuli),
        ("paired-t", section.paired_t),
        ("wilcoxon", section.wilcoxon),
        ("sign-flip", section.sign_flip),
        ("tost", section.tost),
        ("effect-sizes", section.effect_sizes),
        ("pooled-mann-whitney", section.pooled_mann_whitney),
        ("pooled-mann-whitney-by-group", section.pooled_mann_whitney_by_group),
        *((name.replace("_", "-"), section.further.get(name)) for name in shown_as_tables()),
        ("model-fixed", mixed and mixed.fixed),
        ("model-emmeans", model and model.emmeans),
        ("model-pairs", model and model.pairs),
        ("model-pairs-by-group", model and model.pairs_by_group),
        ("model-variance-table", mixed and mixed.variance_table),
        ("groups-welch", groups and groups.welch),
        ("groups-friedman", groups and groups.friedman),
        ("groups-cliffs-delta", groups and groups.cliffs_delta),
        ("power-grid", power and power.grid),
        ("agreement-icc", agreement and agreement.icc),
        ("ordinal-coefficients", ordinal and ordinal.coefficients),
    ]
    return [(name, rows) for name, rows in parts if isinstance(rows, list | tuple)]


def _lines(rows: Sequence[object], **head: str) -> list[Line]:
    """Rows of a table; the same cells are placed in front of each row."""
    return [{**head, **_flat(json_form(row))} for row in rows]


def _flat(row: Mapping[str, object], prefix: str = "") -> Line:
    flat: Line = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            flat[prefix + key] = "; ".join(_text(item) for item in value)
        else:
            flat[prefix + key] = value
    return flat


def _text(item: object) -> str:
    if isinstance(item, Mapping):
        return ", ".join(f"{key} {value}" for key, value in item.items())
    return str(item)
