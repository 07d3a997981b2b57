"""Exclusions from a study's report; this module imports the modules of an analysis."""

from __future__ import annotations

from analysis.exclusions.declared_rules import DeclaredRules, excluded_listeners
from analysis.ratings.table import RatingsError
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.report_context import report_context
from mixtrial.reporting.study_data import StudyData
from mixtrial.reporting.study_reader import stored_tables, study_facts
from mixtrial.server.installation import Installation


def excluded_rules(installation: Installation) -> dict[str, str]:
    """For each excluded participant, the rules by which the study's report excludes them.

    The part and the rules of exclusion come from the plan, as in ``mixtrial report`` without
    options. If several rules apply to a participant, the names of the rules are separated by a
    space. No participant is excluded if nothing can be analysed.
    """
    data = StudyData(study_facts(installation), stored_tables(installation))
    try:
        ratings, context = report_context(data, ReportOptions())
        if ratings.empty:
            return {}
        rules = DeclaredRules(
            context.reference, context.mid_anchor, context.leaves_out_guessers,
            context.expertise, context.seed,
        )  # fmt: skip
        found = excluded_listeners(
            ratings, rules, context.primary_attribute, context.controls, context.all_ratings,
            context.trials,
        )  # fmt: skip
    except RatingsError:  # if the ratings cannot be analysed, no participant is excluded
        return {}
    told: dict[str, list[str]] = {}
    for each in found:
        told.setdefault(each.participant, []).append(each.rule)
    return {who: " ".join(dict.fromkeys(names)) for who, names in told.items()}
