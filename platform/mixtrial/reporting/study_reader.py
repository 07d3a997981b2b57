"""A study with its file, its database and its build."""

from __future__ import annotations

from dataclasses import replace

from analysis.report.labelled import labelled_text
from analysis.report.sections.looks import NotedLook
from db.reading.columns import iso_time
from mixtrial.exports.answer_columns import with_language
from mixtrial.exports.csv_text import rated_pages
from mixtrial.exports.trials import told_trials
from mixtrial.planning.record import planning_record
from mixtrial.reporting.declared_plan import OVERRULED
from mixtrial.reporting.design_text import design_of, in_words_of, wording_of
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.participants import asked_questions
from mixtrial.reporting.study_data import (
    PartFacts,
    StudyData,
    StudyFacts,
    StudyTables,
    StudyVersion,
)
from mixtrial.server.installation import Installation
from stimuli.page_types.base import Part
from stimuli.rendering.objective import measured_stimuli
from stimuli.rendering.render import OnProgress
from stimuli.standards.check import Standing, check_study
from stimuli.study.manifest import built_for
from stimuli.study.study import Study
from stimuli.study_keys.conditions import stated
from stimuli.study_keys.declared_plan import plan_fingerprint


def read_study(
    installation: Installation,
    on_progress: OnProgress | None = None,
    options: ReportOptions | None = None,
) -> StudyData:
    """All data of a study for a report or an archive; this access to the data is logged.

    ``on_progress`` is called after each stimulus that must be measured; each stimulus is measured
    only once.
    """
    manifest, tables = installation.manifest, stored_tables(installation)
    unfinished = (options or ReportOptions()).settled(installation.study.analysis).unfinished
    answers = (tables.ratings, tables.trials)
    seen = [rated_pages(table, include_unfinished=unfinished) for table in answers]
    installation.note_look("report", *seen, is_blind=False)
    return StudyData(
        facts=_with_history(study_facts(installation), installation),
        tables=tables,
        stimuli=None if manifest is None else measured_stimuli(manifest, on_progress),
    )


def stored_tables(installation: Installation) -> StudyTables:
    """All answers of a study."""
    store, study = installation.store, installation.study.identifier
    people = store.participants(study)
    return StudyTables(
        ratings=with_language(store.ratings(study), people, installation.study),
        trials=told_trials(installation),
        comments=store.comments(study),
        participants=people,
        pages=store.pages(study),
        listening=store.listening(study),
    )


def _as_readers_see_it(study: Study, standing: Standing) -> Standing:
    """Comparison of the study with the recommendation, in the study's words, titles and labels."""
    labels = {**study.song_titles, **{group.name: group.label for group in study.groups}}
    told = in_words_of(study, standing)
    departures = tuple(
        replace(entry, found=labelled_text(entry.found, labels)) for entry in told.departures
    )
    return replace(told, departures=departures)


def study_facts(installation: Installation) -> StudyFacts:
    """What a study file contains: words, order, questions, plan and design."""
    study, plan = installation.study, installation.study.analysis
    words = wording_of(study)
    return StudyFacts(
        title=study.title,
        identifier=study.identifier,
        description=study.description,
        systems=study.rated_names,
        groups=tuple(group.name for group in study.groups),
        attributes=tuple(entry.name for entry in study.attributes),
        system_labels=study.system_labels,
        song_labels=study.song_titles,
        group_labels=group_labels(study),
        attribute_labels={entry.name: entry.shown_label for entry in study.attributes},
        attribute_questions={entry.name: entry.question for entry in study.attributes},
        scale_labels=study.scale.spaced_words,
        own_scale_labels=own_words(study, study.page_parts[0]),
        parts=tuple(_part(part, study) for part in study.page_parts if study.parts),
        questions=asked_questions(study),
        study_fingerprint=study.fingerprint,
        plan=plan,
        plan_sha256=None if plan is None else plan_fingerprint(plan),
        planning=planning_record(installation.settings.study_path, study),
        standing=_as_readers_see_it(
            study, check_study(study, built_for(study, installation.manifest))
        ),
        wording=words,
        design=tuple(design_of(study, installation.manifest)),
        conditions=tuple(stated(study.conditions, words.many)),
    )


def _part(part: Part, study: Study) -> PartFacts:
    options = part.options
    return PartFacts(
        name=part.name,
        type=part.type,
        systems=part.rated,
        attributes=part.attributes,
        scale_labels=part.analysed(part.scale).spaced_words,
        own_scale_labels=own_words(study, part),
        scale_intervals=part.scale.are_intervals,
        marks=options.marks(),
        answers=options.answers,
        name_of_test=options.name_of_test,
        source=options.source,
        graded_against=options.graded_against,
        leaves_out_guessers=options.leaves_out_guessers,
        opinion_score=options.opinion_score,
    )


def own_words(study: Study, part: Part) -> dict[str, tuple[str, ...]]:
    """Words on the scales of attributes with their own scale, by attribute."""
    own = {
        each.name: part.analysed(part.scales[each.name]) for each in study.attributes if each.range
    }
    return {name: scale.spaced_words for name, scale in own.items() if not scale.are_intervals}


def _with_history(facts: StudyFacts, installation: Installation) -> StudyFacts:
    """History of a study: versions of its file, names that were revealed, and views of the data."""
    store, study = installation.store, installation.study.identifier
    actions = store.actions(study)
    uncovered = [action.at for action in actions if action.kind == "unblind"]
    overruled = [action.at for action in actions if action.kind == OVERRULED]
    return replace(
        facts,
        versions=tuple(
            StudyVersion(version.fingerprint, iso_time(version.registered_at))
            for version in store.study_versions(study)
        ),
        unblinded_at=iso_time(uncovered[0]) if uncovered else None,
        looks=tuple(
            NotedLook(each.kind, each.n_listeners, each.is_blind, each.status, iso_time(each.at))
            for each in store.looks(study)
        ),
        overruled_at=iso_time(overruled[0]) if overruled else None,
        is_closed=store.study_status(study) == "closed",
    )


def group_labels(study: Study) -> dict[str, str]:
    """Labels of groups in a report and in the dashboard, by their names."""
    return {group.name: short_label(group.name, group.label) for group in study.groups}


def short_label(name: str, label: str, length: int = 24) -> str:
    """Label of a group in a report, up to the colon; the group's name if the label is too long."""
    start = label.split(":")[0].strip()
    return start if 0 < len(start) <= length else name.replace("_", " ").capitalize()
