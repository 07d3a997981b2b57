"""From ratings to a report: one HTML file, its PDF, results.json, figures and tables.

In reading order: :func:`write_report`; what it is told and returns stands in
:mod:`analysis.report_context`. Everything is first written to a temporary folder beside the
destination and moved when complete, so that a reader never meets half a report.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.figures.catalogue import (
    ReportFigure,
    attribute_figures,
    participant_figures,
    slugs,
    violin_figure,
)
from analysis.figures.export import Picture, chromium_path, draw, print_pdf
from analysis.figures.style import Look, is_mark, look_of, ordered
from analysis.ratings import RatingsError, check_ratings
from analysis.report_behaviour import behaviour_of
from analysis.report_context import Progress, ReportContext, ReportPaths
from analysis.report_files import move_into, write_figures, write_tables
from analysis.report_findings import (
    agreement_of,
    answer_of,
    flagged_of,
    missing_of,
    sample_of,
    stability_of,
    stimuli_of,
)
from analysis.report_objective import objective_of
from analysis.report_page import (
    NO_CHROMIUM,
    AttributeView,
    FigureEntry,
    attribute_view,
    figure_entry,
    render_methods,
    render_page,
)
from analysis.report_parameters import parameters_of
from analysis.report_plan import contrasts_of, plan_section, standing_section
from analysis.results import analyse

# Shares of the time at which analysis, drawing and writing end.
_ANALYSED, _DRAWN, _WRITTEN = 0.45, 0.9, 0.94


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
        Columns participant, song, system, attribute, rating; group and others if known.
    out
        Folder of the report; made when absent, an older report in it is replaced.
    context
        Words, order and choices.
    on_progress
        Called as ``on_progress(share_done, what)``.

    Raises
    ------
    RatingsError
        The table has no ratings or cannot be read as ratings.
    OSError
        The folder cannot be written.
    """
    context = context or ReportContext()
    tell = on_progress or (lambda _share, _what: None)
    table = check_ratings(ratings)
    _check_names(table, context)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".report-", dir=out))
    try:
        results = _analysed(table, context, tell)
        pictures = _write_all(table, results, context, folder, tell)
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
    )


def _check_names(table: pd.DataFrame, context: ReportContext) -> None:
    """Raise ``RatingsError`` when the context names an attribute or system nobody rated."""
    wanted = (
        ("attribute", context.primary_attribute),
        *(("attribute", name) for name in context.confirmatory or ()),
        ("system", context.reference),
        ("system", context.mid_anchor),
    )
    for column, name in wanted:
        found = sorted(table[column].unique())
        if name is not None and name not in found:
            raise RatingsError(
                f"There is no {column} {name!r} in the ratings; there are {', '.join(found)}."
            )


def _analysed(table: pd.DataFrame, context: ReportContext, tell: Progress) -> dict[str, Any]:
    """Results of the engine, with the key ``report`` added."""
    results = analyse(
        table,
        margin=context.margin,
        df_method=context.df_method,
        seed=context.seed,
        confirmatory=context.confirmatory,
        reference=context.reference,
        mid_anchor=context.mid_anchor,
        on_progress=lambda share, what: tell(_ANALYSED * share, what),
    )
    return with_report(results, table, context)


def with_report(
    results: Mapping[str, Any], table: pd.DataFrame, context: ReportContext
) -> dict[str, Any]:
    """Return the results with the key ``report``: all that the text says beyond the tests."""
    look = _look(table, context)
    left_out = [system for system in look.systems if _is_left_out(system, context)]
    sections = results["attributes"]
    sample = sample_of(table, look.groups)
    excluded = {row["participant"] for row in results["data"].get("excluded", [])}
    contrasts = context.plan.contrasts if context.plan else ()
    report = {
        "answers": {n: answer_of(part, look.systems, left_out) for n, part in sections.items()},
        "agreement": {n: agreement_of(part, look.systems) for n, part in sections.items()},
        "stability": {n: stability_of(part) for n, part in sections.items()},
        "sample": {**sample, "n_groups": len(look.groups), "n_excluded": len(excluded)},
        "missing": missing_of(table),
        "flagged": flagged_of(results),
        "flow": dict(context.flow) if context.flow else None,
        "stimuli": stimuli_of(context.manifest),
        "parameters": parameters_of(context.manifest),
        "objective": objective_of(context.manifest),
        "design": [{"what": what, "text": text} for what, text in context.design],
        "plan": plan_section(context.plan),
        "contrasts": {n: contrasts_of(part, contrasts) for n, part in sections.items()},
        "n_outliers": len(results["screening"].get("outliers", [])),
        "standing": standing_section(context.standing),
        "behaviour": behaviour_of(_kept(table, results), look.systems),
    }
    return {**results, "report": report}


def _is_left_out(system: str, context: ReportContext) -> bool:
    return is_mark(system) or system in (context.reference, context.mid_anchor)


def _look(table: pd.DataFrame, context: ReportContext) -> Look:
    return look_of(
        table,
        context.systems,
        context.groups,
        context.scale_labels,
        {**context.attribute_labels, **context.group_labels},
    )


def _write_all(
    table: pd.DataFrame,
    results: dict[str, Any],
    context: ReportContext,
    folder: Path,
    tell: Progress,
) -> bool:
    """Write everything into ``folder``; return whether there are static pictures."""
    attributes = ordered(results["attributes"], context.attributes)
    primary = _primary(attributes, context)
    names = [primary, *(name for name in attributes if name != primary)]
    look = _look(table, context)
    made = _figures(_kept(table, results), results, names, look)
    pictures, note = _pictures(made, context, tell)
    stems = slugs(names)
    entries = {
        figure.name: figure_entry(figure, pictures.get(figure.name), _label(figure, context))
        for figure in made
    }
    views = [
        attribute_view(
            results, name, stems[name], name == primary, look, context,
            {figure.kind: entries[figure.name] for figure in made if figure.attribute == name},
        )
        for name in names
    ]  # fmt: skip
    tell(_DRAWN, "writing the report")
    shared = {figure.kind: entries[figure.name] for figure in made if not figure.attribute}
    _write_page(results, views, look, context, shared, note, folder)
    write_figures(made, pictures, folder / "figures")
    write_tables(results, folder / "tables")
    browser = chromium_path()
    if pictures and browser is not None:
        tell(_WRITTEN, "printing the report")
        print_pdf(folder / "report.html", folder / "report.pdf", browser)
    return bool(pictures)


def _primary(attributes: tuple[str, ...], context: ReportContext) -> str:
    if context.primary_attribute in attributes:
        return str(context.primary_attribute)
    return next((name for name in attributes if name.lower() == "overall"), attributes[0])


def _label(figure: ReportFigure, context: ReportContext) -> str:
    return context.attribute_labels.get(figure.attribute, figure.attribute)


def _kept(table: pd.DataFrame, results: Mapping[str, Any]) -> pd.DataFrame:
    """Return the ratings without those of excluded participants, as the analysis saw them."""
    excluded = {row["participant"] for row in results["data"].get("excluded", [])}
    return table[~table["participant"].isin(excluded)]


def _figures(
    table: pd.DataFrame, results: Mapping[str, Any], names: list[str], look: Look
) -> list[ReportFigure]:
    stems = slugs(names)
    rated = set(table.dropna(subset=["rating"])["attribute"])
    margin = float(results["settings"]["margin"])
    made: list[ReportFigure] = []
    for place, name in enumerate(names):
        if name in rated:
            section = results["attributes"][name]
            made += attribute_figures(
                table, section, name, look, stems[name], full=place == 0, margin=margin
            )
    made += participant_figures(table, results["screening"], look)
    return made + violin_figure(table, [name for name in names if name in rated], look)


def _pictures(
    made: list[ReportFigure], context: ReportContext, tell: Progress
) -> tuple[dict[str, Picture], str]:
    """Static pictures by name, and the sentence for the reader when there are none."""
    if not context.pictures:
        return {}, ""
    browser = chromium_path()
    if browser is None:
        return {}, NO_CHROMIUM
    tell(_ANALYSED, "drawing the figures")

    def on_drawn(done: int, total: int) -> None:
        share = _ANALYSED + (_DRAWN - _ANALYSED) * done / total
        tell(share, f"drawing the figures ({done} of {total})")

    try:
        return draw({figure.name: figure.figure for figure in made}, browser, on_drawn), ""
    except RuntimeError as error:
        return {}, f"There are no SVG and PNG figures. {error}."


def _write_page(
    results: dict[str, Any],
    views: list[AttributeView],
    look: Look,
    context: ReportContext,
    shared: Mapping[str, FigureEntry],
    note: str,
    folder: Path,
) -> None:
    text = json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / "results.json").write_text(text + "\n", encoding="utf-8")
    page = render_page(results, views, look, context, shared, note)
    (folder / "report.html").write_text(page, encoding="utf-8")
    methods = render_methods(results, views, look, context)
    (folder / "methods.md").write_text(methods.rstrip() + "\n", encoding="utf-8")
