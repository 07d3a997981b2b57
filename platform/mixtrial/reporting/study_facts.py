"""What a report and an archive must know of a study besides its ratings: plain JSON.

A report made from a running study and one made from an archive go through the same facts, so that
both say the same. :func:`study_facts` gathers them, :func:`report_context` turns them, with the
choices made on the command line, into what the analysis is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from analysis.report.context import ReportContext
from db.reading.ratings import iso_time
from mixtrial.reporting.built_stimuli import built_for
from mixtrial.reporting.declared_plan import declared_analysis
from mixtrial.reporting.design_text import design_of
from mixtrial.reporting.options import DEFAULT_MARGIN, Choices
from mixtrial.reporting.participants import asked_questions, questions_of
from mixtrial.reporting.planning_record import planning_facts
from mixtrial.reporting.reported_part import Kept, parts_facts, with_marks
from mixtrial.server.installation import Installation
from stimuli.standards.check import check_study
from stimuli.study.study import Study
from stimuli.study_keys.conditions import stated
from stimuli.study_keys.declared_plan import plan_fingerprint

Facts = dict[str, Any]


def study_facts(installation: Installation) -> Facts:
    """Words, order, questions, plan and design of an installed study."""
    study = installation.study
    plan = study.analysis
    standing = check_study(study, built_for(study, installation.manifest))
    return {
        **_words(study),
        "parts": parts_facts(study),
        "questions": asked_questions(study),
        "study_fingerprint": study.fingerprint,
        "plan": plan and plan.model_dump(mode="json"),
        "plan_sha256": plan and plan_fingerprint(plan),
        "versions": [
            {"fingerprint": version.fingerprint, "registered_at": iso_time(version.registered_at)}
            for version in installation.store.study_versions(study.identifier)
        ],
        "unblinded_at": next(
            (
                iso_time(one.at)
                for one in installation.store.actions(study.identifier)
                if one.kind == "unblind"
            ),
            None,
        ),
        "planning": planning_facts(installation.settings.study_path, study),
        "standing": asdict(standing),
        "design": [list(fact) for fact in design_of(study, installation.manifest)],
        "conditions": [list(fact) for fact in stated(study.conditions)],
    }


def _words(study: Study) -> Facts:
    """Names in their order and what readers see for them."""
    attributes = study.attributes
    return {
        "title": study.title,
        "identifier": study.identifier,
        "description": study.description,
        "systems": list(study.rated_names),
        "groups": [group.name for group in study.groups],
        "attributes": [entry.name for entry in attributes],
        "group_labels": {g.name: short_label(g.name, g.label) for g in study.groups},
        "attribute_labels": {entry.name: entry.shown_label for entry in attributes},
        "attribute_questions": {entry.name: entry.question for entry in attributes},
        "scale_labels": list(study.scale_labels),
    }


def short_label(name: str, label: str, length: int = 24) -> str:
    """What a report calls a group: its label up to the colon, or the name where that is long."""
    start = label.split(":")[0].strip()
    return start if 0 < len(start) <= length else name.replace("_", " ").capitalize()


def report_context(
    facts: Mapping[str, Any],
    kept: Kept,
    manifest: pd.DataFrame | None,
    choices: Choices,
    notices: Iterable[str] = (),
) -> ReportContext:
    """What the analysis is told of a study.

    Parameters
    ----------
    facts
        From :func:`study_facts`, or read back from an archive.
    kept
        What is analysed of what was stored.
    manifest
        The built stimuli, one a row; None when there is no build.
    choices
        As given on the command line, not yet filled in from the plan.
    notices
        Sentences about the ratings, without a full stop.
    """
    part = kept.part
    done = with_marks(choices.under(facts["plan"]), part, set(kept.ratings["system"]))
    rated = set(kept.ratings["attribute"])
    confirmatory = (facts["plan"] or {}).get("confirmatory")
    reported = None if confirmatory is None else tuple(a for a in confirmatory if a in rated)
    is_named = choices.primary is not None or done.primary in rated
    return ReportContext(
        title=facts["title"],
        description=facts["description"],
        systems=part.systems or tuple(facts["systems"]),
        groups=tuple(facts["groups"]),
        attributes=part.attributes or tuple(facts["attributes"]),
        group_labels=facts["group_labels"],
        attribute_labels=facts["attribute_labels"],
        attribute_questions=facts["attribute_questions"],
        scale_labels=part.scale_labels or tuple(facts["scale_labels"]),
        scale_intervals=part.scale_intervals if part.names else False,
        primary_attribute=done.primary if is_named else None,
        confirmatory=reported,
        margin=done.margin or DEFAULT_MARGIN,
        df_method=done.df_method or "satterthwaite",
        seed=done.seed or 0,
        reference=done.reference,
        mid_anchor=done.mid_anchor,
        low_anchor=done.low_anchor,
        also=done.also or (),
        manifest=manifest,
        comments=kept.comments.rename(columns={"comment": "text"}),
        flow=kept.flow,
        people=kept.people,
        questions=questions_of(facts.get("questions", ())),
        planned=kept.planned,
        trials=kept.trials,
        part=part.name,
        part_type=part.type,
        part_names=part.names,
        why_empty=kept.why_empty,
        study_fingerprint=facts["study_fingerprint"],
        plan=declared_analysis(facts, kept, done, dict(part.marks)),
        planning=facts.get("planning"),
        first_rating_at=kept.first_rating_at,
        standing=facts["standing"],
        design=tuple((what, text) for what, text in facts["design"]),
        conditions=_conditions(facts),
        notices=tuple(f"{text[:1].upper()}{text[1:]}." for text in notices),
    )


def _conditions(facts: Mapping[str, Any]) -> tuple[tuple[str, str, str | None], ...] | None:
    """What is stated of the listening conditions; None in archives from before they could be."""
    rows = facts.get("conditions")
    return None if rows is None else tuple((key, what, text) for key, what, text in rows)
