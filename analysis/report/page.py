"""The page: findings, figures and templates become one self-contained HTML file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined, pass_context
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from analysis.defaults import DEFAULT_MODEL, DF_NAMES, MODEL_NAMES, df_words
from analysis.exclusions.difference_grades import RULE as DIFFERENCE_GRADES_RULE
from analysis.figures.style import Look
from analysis.findings.models import ModelPair
from analysis.findings.pairs import VERDICT_WORDS, Verdict
from analysis.findings.primary import (
    AttributeFindings,
    PairPlaces,
    fitted_model,
    pair_places,
    primary_pairs,
    sets_of,
    system_shown,
)
from analysis.findings.sections import NotEstimable, PairNotEstimable, estimated, rows_of
from analysis.findings.trials import Trials
from analysis.opinion.controls import SOURCE as SOURCE_OF_CONTROLS
from analysis.ratings.screening import edge_in_words
from analysis.report.context import ReportContext
from analysis.report.figure_entry import FigureEntry
from analysis.report.language.report_language import ReportLanguage, WordingIn
from analysis.report.manuscript.citations import cited
from analysis.report.manuscript.numbering import numbered
from analysis.report.number_text import Numbers
from analysis.report.placed import Placed, is_computed, placed
from analysis.report.plain_tables import PlainTable, plain_tables
from analysis.report.reported import ReportedFindings
from analysis.report.sections.answer import BetweenWhat
from analysis.report.sections.comments import grouped_comments
from analysis.report.sections.question import question_of
from analysis.report.sections.sample import free_answers
from analysis.scale import SCALE, Scale, number_text
from analysis.statistics.equivalence import SEPARATE
from analysis.statistics.multiplicity import FOR_PAIRS, NAMES, OF_FAMILY
from analysis.wording import SONGS_AND_MIXES, Wording

TEMPLATES = Path(__file__).parent / "templates"
FEWEST_FOR_PAIRS = 10
"""Participants of a group below which pairs inside it are not shown: they find nothing but luck."""
NO_CHROMIUM = (
    "No Chromium was found, so there is no PDF and there are no SVG and PNG figures. The "
    "interactive figures are complete. Install chromium and run the report again to get them."
)


@dataclass(frozen=True)
class AttributeView:
    """One attribute for the templates: its section, and the order in which its rows are shown.

    ``section`` and ``model`` are objects of the class :class:`Placed`. ``model`` is the primary
    model, or None if it could not be fitted.
    """

    name: str
    label: str
    question: str
    slug: str
    is_primary: bool
    section: Any
    model: Any
    model_key: str
    figures: Mapping[str, FigureEntry]
    described: Sequence[tuple[str | None, list[int]]]
    pairs: Sequence[PairPlaces]
    is_cut: bool
    verdicts: Sequence[str | None]
    no_pair_why: str
    pair_whys: Mapping[tuple[str, str], str]
    group_pairs: Sequence[tuple[str, list[int]]]
    small_groups: Sequence[str]
    multiplicity: int | None
    sets: Sequence[Sequence[str]]
    further: Sequence[PlainTable]

    @property
    def anchor(self) -> str:
        """Name (anchor) to which a link in the table of contents leads."""
        return f"attribute-{self.slug}"

    @cached_property
    def shown(self) -> set[tuple[str, str]]:
        """Pairs of systems that have a row of their own in the table."""
        return {(pair.a, pair.b) for pair in self.pairs}


def attribute_view(
    results: ReportedFindings,
    page: Placed,
    name: str,
    slug: str,
    is_primary: bool,
    look: Look,
    context: ReportContext,
    figures: Mapping[str, FigureEntry],
) -> AttributeView:
    """Return one attribute, with the order in which its rows are shown.

    ``page`` holds the findings in a form that the templates can read.
    """
    section, shown = results.attributes[name], page.attributes[name]
    described = [] if isinstance(section, NotEstimable) else rows_of(section.descriptives)
    rated = {row.system for row in described}
    systems = [system for system in look.compared if system in rated] or list(look.compared)
    name_of = {label: name for name, label in context.system_labels.items()}
    every = pair_places(section, sorted(systems, key=lambda label: name_of.get(label, label)))
    top = system_shown(section, len(every))
    places = [pair for pair in every if top in (None, pair.a, pair.b)]
    verdict = {(row.a, row.b): row.verdict for row in primary_pairs(section)[1]}
    model = fitted_model(section)
    key = DEFAULT_MODEL if isinstance(section, NotEstimable) else section.primary_model
    inside = _by_group((model and model.pairs_by_group) or (), look)
    small = _small_groups(results)
    return AttributeView(
        name=name,
        label=context.attribute_labels.get(name, name),
        question=context.attribute_questions.get(name, ""),
        slug=slug,
        is_primary=is_primary,
        section=shown,
        model=shown[key] if model else None,
        model_key=key,
        figures=figures,
        described=_described(section, look),
        pairs=places if verdict else [],
        is_cut=len(places) < len(every),
        verdicts=[verdict.get((pair.a, pair.b)) for pair in places],
        no_pair_why=_no_pair_why(section),
        pair_whys=_pair_whys(section),
        group_pairs=[group for group in inside if group[0] not in small],
        small_groups=[name for name, _ in inside if name in small],
        multiplicity=_multiplicity_place(results, name),
        sets=() if isinstance(section, NotEstimable) else sets_of(section),
        further=plain_tables(shown) if is_computed(shown) else [],
    )


def _described(section: AttributeFindings, look: Look) -> list[tuple[str | None, list[int]]]:
    rows = None if isinstance(section, NotEstimable) else estimated(section.descriptives)
    groups: list[str | None] = [None, *(look.groups if len(look.groups) > 1 else ())]
    found = []
    for group in groups:
        places = {row.system: i for i, row in enumerate(rows or ()) if row.group == group}
        ordered = [places[system] for system in look.systems if system in places]
        if ordered:
            found.append((group, ordered))
    return found


def _by_group(
    rows: Sequence[ModelPair | PairNotEstimable], look: Look
) -> list[tuple[str, list[int]]]:
    usable = [(i, row) for i, row in enumerate(rows) if not isinstance(row, NotEstimable)]
    found = [(group, [i for i, row in usable if row.group == group]) for group in look.groups]
    return [(group, places) for group, places in found if places]


def _small_groups(results: ReportedFindings) -> set[str]:
    """Groups that are too small to get their own table of pairs."""
    sizes = results.report.sample.groups if results.report else ()
    return {row.group for row in sizes if row.n_participants < FEWEST_FOR_PAIRS}


def _pair_whys(section: AttributeFindings) -> dict[tuple[str, str], str]:
    """Reason why a pair has no numbers: the model's reason, otherwise that of the paired tests."""
    if isinstance(section, NotEstimable):
        return {}
    model = fitted_model(section)
    parts = (section.paired_t, model.pairs if model else ())
    rows = [row for part in parts if isinstance(part, Sequence) for row in part]
    return {(row.a, row.b): row.why for row in rows if isinstance(row, PairNotEstimable)}


def _no_pair_why(section: AttributeFindings) -> str:
    if isinstance(section, NotEstimable):
        return section.why
    for part in (section.model(), section.paired_t, section.tost):
        for row in part if isinstance(part, Sequence) else (part,):
            if isinstance(row, NotEstimable):
                return row.why
    return "there are too few ratings."


def _multiplicity_place(results: ReportedFindings, name: str) -> int | None:
    # The row of the primary model is before Friedman's.
    usable = (
        index
        for index, row in enumerate(results.multiplicity.rows)
        if row.attribute == name and not math.isnan(row.p)
    )
    return next(usable, None)


@dataclass(frozen=True, slots=True)
class ReportParts:
    """Input of the templates: the findings as records and as ``page``, the texts and the figures.

    ``figures`` has the figures about the whole study, with the kind of each. ``choices`` has the
    figures of trials, each under the place of its entry (such as ``preference/0``); ``scatters``
    has the figures of objective measures. ``picture_note`` says why there are no static pictures,
    if they are missing.
    """

    results: ReportedFindings
    page: Placed
    views: Sequence[AttributeView]
    look: Look
    figures: Mapping[str, FigureEntry]
    choices: Mapping[str, Sequence[FigureEntry]]
    picture_note: str = ""
    scatters: Sequence[FigureEntry] = ()

    @property
    def primary(self) -> AttributeView | None:
        """The primary attribute; None without ratings."""
        return next((view for view in self.views if view.is_primary), None)


def render_page(shown: ReportParts, context: ReportContext, language: ReportLanguage) -> str:
    """Return the HTML of the whole report."""
    primary, look, report = shown.primary, shown.look, shown.page.report
    declared = {context.reference, context.mid_anchor, context.low_anchor}
    page = _environment(language.wording).get_template("report.html.j2").render(
        **_words(shown, context, language),
        primary=primary,
        primary_assumed=context.primary_attribute is None and len(shown.views) > 1,
        fewest_for_pairs=FEWEST_FOR_PAIRS,
        why_no_pairs=primary.no_pair_why if primary else "",
        why_empty=context.why_empty,
        colour=look.colour,
        groups=look.groups,
        mean_of=lambda name, system: _mean_of(report.answers[name], system),
        compared_mean_of=lambda name, system: _mean_of(report.answers[name], system, ("means",)),
        row_of=_row_of,
        in_order=lambda rows: _in_order(rows, look),
        stimuli=report.stimuli,
        objective=report.objective,
        scatters=shown.scatters,
        comments=grouped_comments(context.comments, look.systems),
        free_answers=free_answers(context.people, context.questions),
        violins=shown.figures.get("violins"),
        shared=shown.figures,
        choices=shown.choices,
        plan=report.plan,
        standing=report.standing,
        conditions=report.conditions,
        looks=report.looks,
        planning=report.planning,
        behaviour=report.behaviour,
        flow=report.flow,
        is_mushra=report.part.is_mushra,
        name_of_test=context.name_of_test,
        controls_source=SOURCE_OF_CONTROLS,
        works=cited(shown.results, context.source),
        unused_marks=[s for s in look.systems if look.is_mark(s) and s not in declared],
        picture_note=shown.picture_note,
        question=context.question or language.wording.of(question_of(shown.results)),
        description=context.description,
        notices=context.notices,
        study_fingerprint=context.study_fingerprint,
        files=context.files,
        first_rating_at=context.first_rating_at,
        paper=context.paper,
        css=Markup((TEMPLATES / "report.css").read_text("utf-8")),
        script=Markup((TEMPLATES / "report.js").read_text("utf-8")),
        plotly_js=Markup(_plotly_js()),
    )  # fmt: skip
    content, end, scripts = page.partition("</main>")
    return numbered(content, language.told) + end + scripts


def render_markdown(
    name: str, shown: ReportParts, context: ReportContext, language: ReportLanguage
) -> str:
    """Return Markdown for a paper: its methods (``methods``) or its tables (``paper_tables``)."""
    template = _environment(language.wording, escaping=False).get_template(f"{name}.md.j2")
    return template.render(
        **_words(shown, context, language, plain=True),
        view=shown.primary,
        why_none="" if shown.results.trials else context.why_empty or "There are no ratings.",
    )


def _words(
    shown: ReportParts, context: ReportContext, language: ReportLanguage, plain: bool = False
) -> dict[str, object]:
    """Values that both kinds of templates (HTML and Markdown) need."""
    results, page = shown.results, shown.page
    scales = {name: _scale_of(part) for name, part in results.attributes.items()}
    on_scale = _scales(shown)
    numbers = Numbers(
        scales, results.settings.scale, plain, language.catalogue.number, language.told
    )
    return {
        "language": language.catalogue.language,
        "kept": language.kept,
        "results": page,
        "number": numbers,
        "computed": lambda part: not isinstance(part, Undefined) and is_computed(part),
        "misfit": _is_misfit,
        "views": shown.views,
        "look": shown.look,
        "agreed_of": lambda name: {
            (row.a, row.b): row.agree for row in page.report.agreement[name].rows
        },
        "between_of": BetweenWhat(results.report.answers if results.report else {}).of,
        "highest_of": lambda answer: _highest(answer, numbers),
        "scale_of": scales.__getitem__,
        "scales": on_scale,
        "edge": edge_in_words(scale for scale, _ in on_scale),
        "title": context.title,
        "system_label": lambda name: context.system_labels.get(name, name),
        "group_label": lambda name: context.group_labels.get(name, name),
        "attribute_label": lambda name: context.attribute_labels.get(name, name),
        "are_differences": any(
            row.rule == DIFFERENCE_GRADES_RULE for row in results.screening.rules
        ),
        "trials": page.trials or placed(Trials(), ("trials",)),
        "has_choices": results.trials is not None,
        "part": page.report.part,
        "wording": language.wording,
    }


def _is_misfit(model: Any) -> bool:
    """Whether the model of strengths fits badly; such a model must not call any pair different."""
    return is_computed(model) and model.fit.p is not None and model.fit.p < 0.05


def _scale_of(section: AttributeFindings) -> Scale:
    return SCALE if isinstance(section, NotEstimable) else section.scale


def _scales(shown: ReportParts) -> list[tuple[Scale, list[str]]]:
    """The scales that occur; for each scale, the labels of the attributes that were rated on it."""
    found: dict[Scale, list[str]] = {}
    for view in shown.views:
        section = shown.results.attributes[view.name]
        if not isinstance(section, NotEstimable):
            found.setdefault(section.scale, []).append(view.label)
    return list(found.items()) or [(shown.results.settings.scale, [])]


@cache
def _plotly_js() -> str:
    return str(get_plotlyjs())


def _in_order(rows: Iterable[Any], look: Look) -> list[Any]:
    """Rows for songs, groups and systems, in the order in which they are shown."""
    order = {name: at for at, name in enumerate((*look.songs, *look.groups, *look.systems))}

    def place(row: Any) -> list[int]:
        return [order.get(getattr(row, key, ""), 0) for key in ("song", "group", "system")]

    return sorted(rows, key=place)


def _row_of(rows: Any, form: str) -> Any:
    """Row with one form of the intraclass correlation; None if this form is missing."""
    there = () if rows.is_object else rows
    return next((row for row in there if row.form == form), None)


def _mean_of(answer: Any, system: str, kinds: Sequence[str] = ("means", "apart")) -> Any:
    """Row of a system in the table of the attribute's main means; None if it has no row."""
    rows = (row for kind in kinds if kind in answer for row in answer[kind])
    return next((row for row in rows if row.system == system), None)


def _highest(answer: Any, numbers: Numbers) -> list[str]:
    """Systems whose printed mean is the highest; the system with the highest mean comes first."""
    mean = {row.system: row.mean for row in answer.means}
    top = answer.leaders[0]
    return [name for name in answer.leaders if numbers.same(mean[name], mean[top])]


class InWords(Extension):
    """Sentences of the templates with the study's words; inserted values stay unchanged."""

    wording: Wording | WordingIn = SONGS_AND_MIXES

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Pieces of a template, divided at its marks; the pieces between the marks are text."""
        put = self.wording.put if isinstance(self.wording, WordingIn) else self.wording.of
        for token in stream:
            is_text = token.type == "data"
            yield Token(token.lineno, "data", put(token.value)) if is_text else token


class _InLanguage(FileSystemLoader):
    """Templates in which texts have the study's words."""

    def __init__(self, wording: Wording | WordingIn) -> None:
        super().__init__(TEMPLATES)
        self._wording = wording

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Read a template."""
        source, path, is_fresh = super().get_source(environment, template)
        if isinstance(self._wording, WordingIn):
            source = self._wording.catalogue.template(template, source)
        return source, path, is_fresh


@cache
def _environment(wording: Wording | WordingIn, escaping: bool = True) -> Environment:
    environment = Environment(
        extensions=[type("InTheseWords", (InWords,), {"wording": wording})],
        loader=_InLanguage(wording),
        autoescape=escaping,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "Verdict": Verdict,
        "number_text": number_text,
        "verdict_words": VERDICT_WORDS,
        "separate": SEPARATE,
        "df_names": DF_NAMES,
        "df_words": df_words,
        "model_names": MODEL_NAMES,
        "for_pairs": NAMES[FOR_PAIRS],
        "of_family": {family: NAMES[method] for family, method in OF_FAMILY.items()},
    }
    return _telling(environment, wording) if isinstance(wording, WordingIn) else environment


def _telling(environment: Environment, wording: WordingIn) -> Environment:
    """A template environment that translates values inserted by Python, except marked-up text."""

    @pass_context
    def told(context: Context, value: object) -> object:
        is_text = isinstance(value, str) and not isinstance(value, Markup)
        return wording.of(str(value), context["kept"]) if is_text else value

    def in_form(value: object, form: str) -> str:
        if isinstance(value, Markup):
            return Markup(wording.catalogue.in_form(str(value), form))
        return wording.catalogue.in_form(wording.of(str(value)), form)

    environment.finalize = told
    environment.globals |= {
        "number_text": lambda value: wording.catalogue.number(number_text(value)),
        "in_form": in_form,
    }
    return environment
