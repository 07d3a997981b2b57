"""``mixtrial report``: make a report of ratings from a file, a study or an archive."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from analysis.defaults import (
    DEFAULT_DF_METHOD,
    DEFAULT_LANGUAGE,
    DEFAULT_MARGIN,
    DEFAULT_MODEL,
    DfMethod,
    PrimaryModel,
)
from analysis.methods import pooled_mann_whitney
from analysis.prediction.mapping import DEFAULT_MAPPING, MappingName
from analysis.ratings.table import RatingsError
from analysis.report.context import DEFAULT_PAPER, Paper
from analysis.report.language.catalogue import languages
from analysis.report.write import write_report
from db.store.store import open_store
from mixtrial.imports.measures import read_measures
from mixtrial.imports.results.options import reading_options
from mixtrial.reporting.archive_reader import is_archive, read_archive
from mixtrial.reporting.collected.reader import read_collected
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.report_context import report_context
from mixtrial.reporting.study_data import StudyData
from mixtrial.reporting.study_reader import read_study
from mixtrial.reporting.table_reader import read_table
from mixtrial.terminal.databases import database_named, installation_for_command
from mixtrial.terminal.options import is_study_file, scale_option
from mixtrial.terminal.progress_bar import progress
from mixtrial.terminal.table_options import (
    Best,
    Decimal,
    Labels,
    Map,
    ScaleText,
    Trials,
    Wide,
)


def report(
    source: Annotated[
        Path,
        typer.Argument(
            help="A table of ratings, results of another tool, a study.yaml, an archive, or the "
            "database of mixtrial collect."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("report"),
    df: Annotated[
        DfMethod | None,
        typer.Option(
            "--df",
            help="Method for the degrees of freedom; default: as in the plan, or "
            f"{DEFAULT_DF_METHOD}.",
        ),
    ] = None,
    model: Annotated[
        PrimaryModel | None,
        typer.Option(
            help=f"Model of the primary analysis; default: as in the plan, or {DEFAULT_MODEL}."
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            help="Equivalence margin in points of the scale; default: as in the plan, or "
            f"{100 * DEFAULT_MARGIN:g} % of the range.",
        ),
    ] = None,
    scale: ScaleText = None,
    columns: Map = None,
    wide: Wide = None,
    labels: Labels = None,
    decimal: Decimal = None,
    best: Best = None,
    trials: Trials = None,
    primary: Annotated[
        str | None,
        typer.Option(
            help="Attribute of the primary analysis; default: as in the plan, otherwise 'overall', "
            "otherwise the first one."
        ),
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="Name of the system that is the hidden reference.")
    ] = None,
    mid_anchor: Annotated[
        str | None, typer.Option(help="Name of the system that is the mid anchor.")
    ] = None,
    low_anchor: Annotated[
        str | None, typer.Option(help="Name of the system that is the low anchor.")
    ] = None,
    with_roles: Annotated[
        bool | None,
        typer.Option(
            "--with-roles/--without-roles",
            help="Compare reference and anchors like all other systems; default: as in "
            "the plan, otherwise compared only in a declared contrast.",
        ),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(
            help="Part whose ratings are analysed; default: the first part with a rating scale."
        ),
    ] = None,
    invited: Annotated[
        int | None, typer.Option(help="Number of people invited, for the report.", min=0)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the resampling; default: 1.", min=0)
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(help="Title of the report; default: title of the study, or name of the file."),
    ] = None,
    unfinished: Annotated[
        bool | None,
        typer.Option(
            "--unfinished/--finished",
            help="For a study: include participants who have not finished.",
        ),
    ] = None,
    without_simulated: Annotated[
        bool | None,
        typer.Option(
            "--without-simulated/--with-simulated",
            help="Exclude simulated participants.",
        ),
    ] = None,
    pooled: Annotated[
        bool | None,
        typer.Option(
            "--pooled/--not-pooled",
            help="Also show the pooled Mann-Whitney test of Li (2022). Default: as in "
            "the plan; without a plan, the test is not shown.",
        ),
    ] = None,
    measures: Annotated[
        Path | None,
        typer.Option(
            help="Table with the columns song and system, and one column per objective measure."
        ),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(
            help="Measure to compare with the mean ratings: a column of the build's manifest or "
            "of --measures. Repeat the option for more measures; default: all measures of "
            "--measures.",
        ),
    ] = None,
    mapping: Annotated[
        MappingName | None,
        typer.Option(
            help="Mapping from a measure to the ratings (ITU-T P.1401); default: "
            f"{DEFAULT_MAPPING}."
        ),
    ] = None,
    opinion_score: Annotated[
        str | None,
        typer.Option(
            help="Name of the mean, such as MOS, if the ratings are votes on an opinion scale.",
        ),
    ] = None,
    pictures: Annotated[
        bool,
        typer.Option(
            "--pictures/--no-pictures",
            help="Also draw the figures as SVG, PNG and PDF (needs Chromium).",
        ),
    ] = True,
    latex: Annotated[
        bool,
        typer.Option(
            "--latex", help="Also write a folder latex/ with text, tables, figures and references."
        ),
    ] = False,
    paper: Annotated[Paper, typer.Option(help="Size of the printed page.")] = DEFAULT_PAPER,
    language: Annotated[
        str, typer.Option(help=f"Language of the report: {', '.join(languages())}.")
    ] = DEFAULT_LANGUAGE,
    test: Annotated[
        str | None,
        typer.Option(help="Test to report, if the collected sessions are from several tests."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="webMUSHRA's configuration, which collected sessions with Likert pages need."
        ),
    ] = None,
    stimuli: Annotated[
        Path | None,
        typer.Option(help="For a study: folder that `mixtrial build` wrote; default: build/."),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            help="For a study: database URL; default: mixtrial.sqlite beside the study file.",
            envvar="MIXTRIAL_DATABASE_URL",
        ),
    ] = None,
) -> None:
    """Analyse a study: report.html and .pdf, methods.md, results.json, figures/ and tables/."""
    options = ReportOptions(
        df_method=df,
        model=model,
        margin=margin,
        primary=primary,
        reference=reference,
        mid_anchor=mid_anchor,
        seed=seed,
        unfinished=unfinished,
        without_simulated=without_simulated,
        low_anchor=low_anchor,
        with_roles=with_roles,
        part=part,
        invited=invited,
        opinion_score=opinion_score,
        measures=None if against is None else tuple(against),
        mapping=mapping,
        also=None if pooled is None else (pooled_mann_whitney.NAME,) * pooled,
    )
    if language not in languages():
        raise RatingsError(f"--language must be one of {', '.join(languages())}.")
    is_study = is_study_file(source)
    if scale is not None and (is_study or is_archive(source)):
        raise RatingsError(
            "--scale is only for tables that do not state their scale, and a study "
            "states it; leave --scale out."
        )
    reading = reading_options(columns, wide, decimal, labels, best=best, trials=trials)
    collected = None if is_study else database_named(source)
    if test is not None and collected is None:
        raise RatingsError(
            "--test is only for collected sessions; name their database as the source."
        )
    if config is not None and collected is None:
        raise RatingsError(
            "--config is only for collected sessions; name their database as the source."
        )
    if is_archive(source):
        data = read_archive(source)
    elif collected is not None:
        with closing(open_store(collected)) as store:
            data = read_collected(store, source.name, test, scale_option(scale), config)
        _say_how_read(data)
    elif is_study:
        with (
            installation_for_command(source, stimuli, database) as installation,
            progress("report") as show,
        ):
            options = options.among(installation.store.participants(installation.study.identifier))
            data = read_study(
                installation, lambda step: show(step.done, step.total, step.text), options
            )
    else:
        data = read_table(source, scale_option(scale), reading)
        _say_how_read(data)
    if measures is not None:
        data = replace(data, measures=read_measures(measures))
    ratings, context = report_context(data, options)
    context = replace(
        context,
        title=title or context.title,
        pictures=pictures,
        latex=latex,
        paper=paper,
        language=language,
    )
    with progress("report", 1.0) as show:
        written = write_report(ratings, out, context, lambda share, what: show(share, text=what))
    if pictures and not written.pictures:
        typer.echo("mixtrial: no SVG, PNG and PDF; the report says why", err=True)
    if written.latex is None and (out / "latex").is_dir():
        typer.echo(
            f"mixtrial: {out / 'latex'} is of an earlier report; --latex writes it anew", err=True
        )
    typer.echo(str(written.html))


def _say_how_read(data: StudyData) -> None:
    """Print the formats in which result files were read, unless these formats are obvious."""
    for file in data.facts.files:
        if not file.is_usual:
            typer.echo(f"mixtrial: {file.read_as}.", err=True)
