"""From ratings to a report: HTML page, PDF, results.json, figures, and tables.

Begin to read with :func:`write_report`; its input and result are in :mod:`analysis.report.context`.
All files are first written to a temporary folder in the destination. The files are moved to the
destination when the report is complete. Readers therefore never see an incomplete report.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from pydantic_core import to_json

from analysis.figures.catalogue import (
    TRIAL_KINDS,
    ReportFigure,
    attribute_figures,
    participant_figures,
    scatter_figures,
    slugs,
    trial_figures,
    violin_figure,
)
from analysis.figures.export import Picture, chromium_path, draw, print_pdf
from analysis.figures.style import COLUMN_WIDTH_PX, Look, ordered
from analysis.findings.json_form import json_form
from analysis.findings.sections import estimated
from analysis.ratings.margin import primary_of
from analysis.report.contents import checked_table, look_at, results_of, without_excluded
from analysis.report.context import Progress, ReportContext, ReportPaths
from analysis.report.figure_entry import figure_entry
from analysis.report.files import move_into, words_of, write_figures, write_tables
from analysis.report.labelled import labelled_context, labelled_results, labelled_table, labels_of
from analysis.report.language.report_language import (
    ReportLanguage,
    language_of,
    with_our_words,
)
from analysis.report.manuscript.citations import cited
from analysis.report.manuscript.latex import write_latex
from analysis.report.page import (
    NO_CHROMIUM,
    ReportParts,
    attribute_view,
    render_markdown,
    render_page,
)
from analysis.report.placed import placed
from analysis.report.reported import ReportedFindings
from analysis.report.sections.prediction import PredictedPoint
from analysis.report.timing.stages import Stages

UNFINISHED = ".report-"
"""Begins the name of the folder that a report is written in until it is whole."""


def write_report(
    ratings: pd.DataFrame,
    out: Path,
    context: ReportContext | None = None,
    on_progress: Progress | None = None,
) -> ReportPaths:
    """Analyse ratings and write the page, its PDF, results.json, methods.md, figures and tables.

    Parameters
    ----------
    ratings
        Columns participant, song, system, attribute and rating; group and others if known. The
        table may be empty if the context contains trials, or gives a reason why ratings are
        missing.
    out
        Folder for the files of the report. A folder that does not exist is created; an older report
        in the folder is replaced.
    context
        Words, order and choices of the report.
    on_progress
        Function that is called with the completed share and with what is being done:
        ``on_progress(share_done, what)``.

    Raises
    ------
    RatingsError
        The table has no ratings or cannot be read as ratings.
    OSError
        The folder cannot be written.
    """
    context = context or ReportContext()
    tell = on_progress or (lambda _share, _what: None)
    table = checked_table(ratings, context)
    out = Path(out)
    out.mkdir(0o700, parents=True, exist_ok=True)  # the folder contains participants' comments
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=out))
    stages = stages_of(table, context)
    try:
        results = results_of(
            table, context, lambda share, what: tell(stages.share("analyse", share), what)
        )
        pictures = _write_all(table, results, context, folder, stages, tell)
        move_into(folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tell(1.0, "done")
    return ReportPaths(
        html=out / "report.html",
        results=out / "results.json",
        methods=out / "methods.md",
        figures=out / "figures",
        tables=out / "tables",
        pdf=out / "report.pdf" if pictures and (out / "report.pdf").is_file() else None,
        pictures=pictures,
        latex=out / "latex" if context.latex else None,
    )


def stages_of(ratings: pd.DataFrame, context: ReportContext) -> Stages:
    """Stages of a report on these ratings, with their relative times."""
    n_attributes = ratings["attribute"].nunique() if len(ratings) else 0
    return Stages(len(ratings), n_attributes, context.pictures and chromium_path() is not None)


def _write_all(
    table: pd.DataFrame,
    results: ReportedFindings,
    context: ReportContext,
    folder: Path,
    stages: Stages,
    tell: Progress,
) -> bool:
    """Write all files into ``folder``; return whether there are static pictures."""
    tell(stages.share("prepare"), "preparing the figures")
    attributes = ordered(results.attributes, context.attributes)
    primary = primary_of(attributes, context.primary_attribute)
    names = [name for name in (primary, *attributes) if name is not None]
    names = list(dict.fromkeys(names))
    labels = labels_of(context, results.data.songs)
    printed = labelled_results(results, labels)
    shown = with_our_words(labelled_context(context, labels))
    table = labelled_table(table, labels)
    look = look_at(table, shown, printed.settings.apart)
    language = language_of(context, look)
    page = placed(printed)
    made, of_trials = _figures(table, printed, names, look, shown)
    made = language.figures(made)
    figures, narrow = {figure.name: figure.figure for figure in made}, _narrow(made, primary)
    stages = stages.of_figures(figures, narrow)
    pictures, note = _pictures(figures, narrow, context, stages, tell)
    stems = slugs(names)
    entries = {
        figure.name: figure_entry(figure, pictures.get(figure.name), _label(figure, context))
        for figure in made
    }
    views = [
        attribute_view(
            printed, page, name, stems[name], name == primary, look, shown,
            {figure.kind: entries[figure.name] for figure in made
             if figure.attribute == name and figure.kind not in TRIAL_KINDS},
        )
        for name in names
    ]  # fmt: skip
    tell(stages.share("write"), "writing the report")
    shared = {figure.kind: entries[figure.name] for figure in made if not figure.attribute}
    choices = {place: [entries[name] for name in found] for place, found in of_trials.items()}
    scatters = [entries[figure.name] for figure in made if figure.kind == "scatter"]
    parts = ReportParts(printed, page, views, look, shared, choices, note, scatters)
    _write_page(parts, shown, language, folder)
    if context.latex:
        _write_paper(parts, shown, language, pictures, folder / "latex")
    _write_results(results, folder)
    write_figures(entries.values(), pictures, folder / "figures")
    write_tables(results, folder / "tables", words_of(context))
    browser = chromium_path()
    is_drawn = context.pictures and browser is not None and len(pictures) == len(made)
    if is_drawn and browser is not None:
        tell(stages.share("print"), "printing the report")
        print_pdf(folder / "report.html", folder / "report.pdf", browser)
    return is_drawn


def _label(figure: ReportFigure, context: ReportContext) -> str:
    return context.attribute_labels.get(figure.attribute, figure.attribute)


def _figures(
    table: pd.DataFrame,
    results: ReportedFindings,
    names: list[str],
    look: Look,
    context: ReportContext,
) -> tuple[list[ReportFigure], dict[str, list[str]]]:
    """All figures; for each place in results.json that has trials, the names of its figures."""
    stems = slugs(names)
    kept = without_excluded(table, results)
    rated = set(kept.dropna(subset=["rating"])["attribute"])
    made: list[ReportFigure] = []
    for place, name in enumerate(names):
        if name in rated:
            section = results.attributes[name]
            made += attribute_figures(kept, section, name, look, stems[name], full=place == 0)
    if rated:
        made += participant_figures(kept, results.screening, look, context.planned)
        made += violin_figure(kept, [name for name in names if name in rated], look)
    made += scatter_figures(_measured(results), look)
    of_trials, found = trial_figures(results.trials, look)
    return made + of_trials, found


def _measured(results: ReportedFindings) -> list[tuple[str, Sequence[PredictedPoint]]]:
    """Objective measures, with the stimuli whose ratings they predict."""
    rows = results.report.predictions if results.report is not None else ()
    fits = ((row.measure, estimated(row.fit)) for row in rows if row.level == "stimuli")
    return [(measure, fit.points) for measure, fit in fits if fit is not None]


def _narrow(made: list[ReportFigure], primary: str | None) -> list[str]:
    """Names of the figures that are drawn a second time, in the width of a journal's column."""
    return [
        figure.name
        for figure in made
        if figure.attribute in (primary, "") and figure.min_width_px <= COLUMN_WIDTH_PX
    ]


def _pictures(
    figures: Mapping[str, go.Figure],
    narrow: list[str],
    context: ReportContext,
    stages: Stages,
    tell: Progress,
) -> tuple[dict[str, Picture], str]:
    """Static pictures, each with its name; if there are none, a sentence with the reason."""
    if not context.pictures:
        return {}, ""
    browser = chromium_path()
    if browser is None:
        return {}, NO_CHROMIUM
    if not figures:  # a study without answers has no figures, but its page can be printed
        return {}, ""
    parts = dict[str, float]()
    tell(stages.share("start"), "starting the browser that draws the figures")

    def on_drawn(name: str | None, part: float) -> None:
        if name is not None:
            parts[name] = part
        n_drawn = sum(each == 1.0 for each in parts.values())
        tell(stages.share_drawn(parts), f"drawing the figures ({n_drawn} of {len(figures)})")

    try:
        return draw(figures, browser, on_drawn, columns=narrow, with_pdf=context.latex), ""
    except RuntimeError as error:
        return {}, f"There are no SVG and PNG figures. {error}"


def _write_results(results: ReportedFindings, folder: Path) -> None:
    # This JSON library is ten times as fast as the standard library, which writes indented JSON in
    # Python code.
    text = to_json(json_form(results), indent=1)
    (folder / "results.json").write_bytes(text + b"\n")


def _write_page(
    shown: ReportParts, context: ReportContext, language: ReportLanguage, folder: Path
) -> None:
    page = render_page(shown, context, language)
    (folder / "report.html").write_text(page, encoding="utf-8")
    methods = render_markdown("methods", shown, context, language)
    (folder / "methods.md").write_text(methods.rstrip() + "\n", encoding="utf-8")


def _write_paper(
    shown: ReportParts,
    context: ReportContext,
    language: ReportLanguage,
    pictures: Mapping[str, Picture],
    folder: Path,
) -> None:
    primary = shown.primary
    figures = [
        *(primary.figures.values() if primary else ()),
        *shown.figures.values(),
        *(entry for entries in shown.choices.values() for entry in entries),
        *shown.scatters,
    ]
    write_latex(
        folder,
        context.title,
        render_markdown("methods", shown, context, language),
        render_markdown("paper_tables", shown, context, language),
        figures,
        pictures,
        cited(shown.results, context.source),
        context.paper,
        str(language.catalogue.tables.get("babel", "")),
    )
