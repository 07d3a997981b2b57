"""``mixtrial plan``: numbers of listeners and songs that a study needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import plotly.graph_objects as go
import typer
from plotly.offline import get_plotlyjs
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.defaults import DEFAULT_DIFFERENCE, DEFAULT_MARGIN, PrimaryModel
from analysis.figures.export import chromium_path, draw
from analysis.figures.planning import power_curves, power_map
from analysis.findings.json_form import json_form
from analysis.methods.planned import RatingsToCome
from analysis.mixed_model.power import ALPHA
from analysis.planning.advice import Advice, advice, sentences
from analysis.planning.grid import Chances, Size, at_size, planning_grid
from analysis.report.sections.plan import PlannedSize
from analysis.statistics.one_sided import Claim
from analysis.wording import Wording
from db.reading.columns import iso_time
from db.whole_files import written_whole
from mixtrial.planning.choices import plan_choices, refuse_options
from mixtrial.planning.question import (
    believed_variance,
    claims_to_show,
    compared_arms,
    compared_pairs,
    compared_systems,
    inside_scale,
    of_model,
    planned_part,
    scale_of_part,
    within_scale,
)
from mixtrial.planning.record import PlanSettings, default_folder
from mixtrial.planning.told import cautions, duration, one_sided_chances, planned_size
from mixtrial.reporting.design_text import wording_of
from mixtrial.reporting.options import ReportOptions
from mixtrial.terminal.cluster import cluster_at
from mixtrial.terminal.options import Scheduler, check_out_folder
from mixtrial.terminal.progress_bar import progress
from stimuli.loading.load import load_study
from stimuli.page_types.base import Part
from stimuli.study.study import Study, StudyError

GRID_SHOWN = (10, 20, 30, 60, 120)


def plan(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    difference: Annotated[
        float | None,
        typer.Option(
            help="Difference to detect, in points of the scale; default: "
            f"{100 * DEFAULT_DIFFERENCE:g} % of the range.",
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            help="Equivalence margin in points of the scale; default: as in the plan, or "
            f"{100 * DEFAULT_MARGIN:g} % of the range.",
        ),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(help="results.json of a pilot study, whose variances the simulation uses."),
    ] = None,
    attribute: Annotated[
        str | None,
        typer.Option(
            help="Attribute of the pilot study; default: as in the plan, otherwise 'overall', "
            "otherwise the first one."
        ),
    ] = None,
    model: Annotated[
        PrimaryModel | None,
        typer.Option(help="Model of the primary analysis; default: as in the plan, or lmm."),
    ] = None,
    level: Annotated[
        float | None,
        typer.Option(
            help="Mean rating of the systems, for the ordinal model; default: the middle of the "
            "scale.",
        ),
    ] = None,
    non_inferiority: Annotated[
        float | None,
        typer.Option(
            help="Margin of a test of non-inferiority, in addition to the plan's margins.",
        ),
    ] = None,
    superiority: Annotated[
        float | None,
        typer.Option(help="Margin of a test of superiority, in addition to the plan's margins."),
    ] = None,
    part: Annotated[
        str | None, typer.Option(help="Part to plan; default: the first part with a rating scale.")
    ] = None,
    believe: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Assumption about a part with choices, such as share=0.6. Repeat the option "
            "for more assumptions.",
        ),
    ] = None,
    with_roles: Annotated[
        bool, typer.Option("--with-roles", help="Count reference and anchors as systems.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the simulated studies.", min=0)] = 1,
    draws: Annotated[
        int, typer.Option(help="Number of simulated studies per sample size.", min=100, max=200_000)
    ] = 4000,
    participants: Annotated[
        int | None,
        typer.Option(help="Planned number of listeners, for which the power is stored.", min=3),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the table and the heat map; default: plan/ beside the study."
        ),
    ] = None,
    scheduler: Scheduler = None,
) -> None:
    """Simulate how many listeners and songs are needed to find a difference or show equivalence."""
    loaded = load_study(study)
    folder = out or default_folder(study)
    check_out_folder(folder)
    declared = loaded.analysis
    planned = planned_part(loaded, part)
    if not planned.has_ratings:
        of_ratings = {
            "--difference": difference, "--margin": margin, "--results": results,
            "--attribute": attribute, "--model": model, "--level": level,
            "--non-inferiority": non_inferiority, "--superiority": superiority,
            "--with-roles": with_roles or None, "--scheduler": scheduler,
        }  # fmt: skip
        refuse_options(planned, [name for name, value in of_ratings.items() if value is not None])
        _plan_choices(loaded, study, planned, believe or (), participants, seed, folder)
        return
    if believe:
        raise StudyError(
            "--believe is only for parts with choices; a part with ratings is planned by --results."
        )
    scale = scale_of_part(planned, declared.primary if declared else None)
    difference = within_scale(difference, DEFAULT_DIFFERENCE, scale, "difference")
    settled = ReportOptions(margin=margin, model=model).settled(declared)
    margin = within_scale(settled.margin, DEFAULT_MARGIN, scale, "margin")
    wanted = attribute or (declared.primary if declared else None)
    source, variance, spreads = believed_variance(results, wanted, scale)
    compared, n_songs = compared_systems(loaded, planned, with_roles), len(planned.songs)
    k = len(compared)
    if n_songs < 2:
        raise StudyError(wording_of(loaded).of("a plan needs two rated songs at least"))
    n_own = min(loaded.pages.songs_per_participant or n_songs, n_songs)
    own = None if n_own == n_songs else n_own
    n_tests, are_declared = compared_pairs(loaded, compared)
    may_look = declared is not None and (declared.looks is not None or declared.anytime)
    alpha = ALPHA / n_tests
    by_model = of_model(
        settled.model,
        RatingsToCome(variance, k, scale, inside_scale(level, scale), spreads),
        margin,
    )
    asked = {Claim.NON_INFERIORITY: non_inferiority, Claim.SUPERIORITY: superiority}
    claims = claims_to_show(loaded, asked, difference, scale)
    with ExitStack() as stack:
        cluster = stack.enter_context(cluster_at(scheduler)) if scheduler else None
        show = stack.enter_context(progress("plan", 1.0))
        grid = planning_grid(
            by_model, own, difference, margin, seed, (n_songs,), draws, show, alpha,
            cluster.executor if cluster else None,
        )  # fmt: skip
    arms = compared_arms(loaded, variance, k, n_own, difference)
    found = advice(by_model, n_songs, n_own, difference, margin, alpha, claims, arms)
    row, size = None, None
    if participants is not None:
        size = Size(participants, n_songs, n_own, by_model.n_systems)
        row = _planned_size(at_size(size, by_model, difference, margin, seed, draws, alpha))
    words = wording_of(loaded)
    ours = (
        *sentences(found),
        *planned_size(row, difference, margin),
        *one_sided_chances(size, by_model, claims),
        *duration(loaded, study),
        *cautions(n_tests, are_declared, own, source, settled.model, bool(spreads), may_look),
    )
    told = [words.of(sentence) for sentence in ours]
    settings = PlanSettings(
        study=loaded.identifier, study_fingerprint=loaded.fingerprint,
        computed_at=iso_time(datetime.now(UTC)), part=planned.name, difference=difference,
        margin=margin, seed=seed, n_draws=draws, source=source, model=settled.model,
        level=level, variance=variance, n_systems=k,
        alpha=alpha, n_tests=n_tests, are_declared=are_declared, planned=row,
    )  # fmt: skip
    _write(folder, grid, settings, found, told, words)
    title = " · ".join(filter(None, (loaded.title, planned.name)))
    head = f"{title}: {k} systems, {n_songs} {words.many}"
    _show(head, grid, settings, n_songs, told, words, folder)


def _plan_choices(
    study: Study, path: Path, part: Part, believe: Sequence[str], participants: int | None,
    seed: int, folder: Path,
) -> None:  # fmt: skip
    """Plan a part with choices as answers."""
    with progress("plan", 1.0) as show:
        found = plan_choices(study, part, believe, participants, seed)
        show(1.0)
    words = wording_of(study)
    told = [words.of(sentence) for sentence in (*found.sentences, *duration(study, path))]
    figure = power_curves(found.grid, found.n_songs_each)
    _write_files(folder, {**found.record, "sentences": told}, found.grid, figure)
    console = Console()
    table = Table(title="Chance by number of listeners")
    table.add_column("")
    for people in GRID_SHOWN:
        table.add_column(str(people), justify="right", no_wrap=True)
    rows = found.grid[found.grid["n_songs"] == found.n_songs_each]
    for number, claim in enumerate(found.plan.claims, 1):
        own = rows[rows["claim"] == claim.in_words].set_index("n_participants")["power"]
        table.add_row(f"({number})", *[f"{100 * own[people]:.0f} %" for people in GRID_SHOWN])
    title = " · ".join(filter(None, (study.title, part.name)))
    console.print(Text(f"{title}: {found.record['n_systems']} systems, "
                       f"{found.n_songs_each} {words.many}"))  # fmt: skip
    console.print(table)
    for number, claim in enumerate(found.plan.claims, 1):
        console.print(Text(words.of(f"({number}) {claim.in_words}")))
    _show_told(told, folder)


def _planned_size(found: Chances) -> PlannedSize:
    """Return the findings with None instead of NaN, because JSON has no NaN."""
    return TypeAdapter(PlannedSize).validate_python(json_form(found))


def _write(
    out: Path,
    grid: pd.DataFrame,
    settings: PlanSettings,
    found: Advice,
    told: list[str],
    words: Wording,
) -> None:
    chosen = (settings.difference, settings.margin, found.n_songs, settings.alpha)
    figure = power_map(grid, *chosen, words)
    rows = json.loads(grid.to_json(orient="records", double_precision=15))
    content = {**asdict(settings), "advice": asdict(found), "sentences": told, "grid": rows}
    _write_files(out, content, grid, figure)


def _write_files(
    out: Path, content: Mapping[str, object], grid: pd.DataFrame, figure: go.Figure
) -> None:
    out.mkdir(0o700, parents=True, exist_ok=True)
    files: dict[str, bytes] = {
        "plan.json": (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode(),
        "plan.csv": grid.to_csv(index=False, lineterminator="\n").encode(),
        "plan.html": figure.to_html(
            include_plotlyjs=get_plotlyjs(), config={"displaylogo": False, "responsive": True}
        ).encode(),
    }
    browser = chromium_path()
    if browser is not None:
        try:
            files["plan.png"] = draw({"plan": figure}, browser, tabs=1)["plan"].png
        except RuntimeError as error:
            typer.echo(f"mixtrial: no picture of the heat map: {error}", err=True)
    for name, data in files.items():
        with written_whole(out / name) as part:
            part.write_bytes(data)


def _show(
    head: str,
    grid: pd.DataFrame,
    settings: PlanSettings,
    n_songs: int,
    told: list[str],
    words: Wording,
    out: Path,
) -> None:
    console = Console()
    table = Table(
        title=f"Chance to find {settings.difference:g} points at "
        f"{settings.alpha:.3f} (and to show equivalence within ±{settings.margin:g}) "
        f"by number of listeners; variances: {settings.source}"
    )
    table.add_column(words.of("Songs"), justify="right")
    for people in GRID_SHOWN:
        table.add_column(str(people), justify="right", no_wrap=True)
    for songs, rows in grid.groupby("n_songs"):
        shown = rows[rows["n_participants"].isin(GRID_SHOWN)].sort_values("n_participants")
        shares = shown[["power", "power_equivalence"]].to_numpy(dtype=float)
        cells = [f"{100 * finds:.0f} % ({100 * equals:.0f} %)" for finds, equals in shares]
        style = "bold" if songs == n_songs else ""
        table.add_row(
            str(songs),
            *[cell.replace("nan %", "–").replace("(–)", "") for cell in cells],
            style=style,
        )
    console.print(Text(head))
    console.print(table)
    _show_told(told, out)


def _show_told(told: list[str], out: Path) -> None:
    console = Console()
    for sentence in told:
        style = "yellow" if sentence.startswith("More listeners") else ""
        console.print(Text(f"- {sentence}", style=style))
    console.print(Text(str(out / "plan.html")), soft_wrap=True)
