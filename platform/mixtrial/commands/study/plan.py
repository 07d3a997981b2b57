"""``mixtrial plan``: how many listeners and songs a study needs before it can answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from plotly.offline import get_plotlyjs
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.defaults import DEFAULT_DIFFERENCE, DEFAULT_MARGIN
from analysis.figures.export import chromium_path, draw
from analysis.figures.planning import power_map
from analysis.findings.json_form import json_form
from analysis.mixed_model.power import ALPHA, DEFAULT_VARIANCE
from analysis.planning.advice import Advice, advice, sentences
from analysis.planning.grid import Chances, Size, at_size, fitted_variance, planning_grid
from analysis.ratings.margin import primary_of
from analysis.ratings.table import RatingsError
from analysis.report.sections.plan import PlannedSize
from analysis.scale import SCALE, Scale
from analysis.wording import Wording
from db.reading.ratings import iso_time
from db.whole_files import written_whole
from mixtrial.reporting.design_text import wording_of
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.planning import (
    DEFAULTS,
    cautions,
    compared_pairs,
    compared_systems,
    default_folder,
    duration,
    planned_size,
)
from mixtrial.terminal.cluster import cluster_at
from mixtrial.terminal.options import Scheduler, check_out_folder
from mixtrial.terminal.progress_bar import progress
from stimuli.loading.load import load_study
from stimuli.page_types.base import Part
from stimuli.study.study import Study, StudyError

GRID_SHOWN = (10, 20, 30, 60, 120)


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """What was computed when, of which study, by which settings: the head of the record."""

    study: str
    study_fingerprint: str
    computed_at: str
    part: str
    difference: float
    margin: float
    seed: int
    n_draws: int
    source: str
    variance: Mapping[str, float]
    n_systems: int
    alpha: float
    n_tests: int
    are_declared: bool
    planned: PlannedSize | None


def plan(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    difference: Annotated[
        float | None,
        typer.Option(
            help="Difference to be found, in points of the scale; default: "
            f"{100 * DEFAULT_DIFFERENCE:g} % of the range.",
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            help="Equivalence margin in points of the scale; default: the plan's, or "
            f"{100 * DEFAULT_MARGIN:g} % of the range.",
        ),
    ] = None,
    results: Annotated[
        Path | None, typer.Option(help="results.json of a pilot, whose variances count.")
    ] = None,
    attribute: Annotated[
        str | None, typer.Option(help="Attribute of the pilot; default: the plan's, or overall.")
    ] = None,
    part: Annotated[
        str | None, typer.Option(help="Part that is planned; default: the first with a scale.")
    ] = None,
    with_roles: Annotated[
        bool, typer.Option("--with-roles", help="Count reference and anchors among the systems.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the simulated studies.", min=0)] = 1,
    draws: Annotated[
        int, typer.Option(help="Simulated studies of each size.", min=100, max=200_000)
    ] = 4000,
    participants: Annotated[
        int | None,
        typer.Option(help="How many listeners are planned; their chances are kept.", min=3),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for table and heat map; default: plan/ beside the study."),
    ] = None,
    scheduler: Scheduler = None,
) -> None:
    """Say how many listeners and songs find a difference or show equivalence, by simulation."""
    loaded = load_study(study)
    folder = out or default_folder(study)
    check_out_folder(folder)
    declared = loaded.analysis
    planned = _planned(loaded, part)
    scale = _scale_of(planned, declared.primary if declared else None)
    difference = _within(difference, DEFAULT_DIFFERENCE, scale, "difference")
    settled = ReportOptions(margin=margin).settled(declared)
    margin = _within(settled.margin, DEFAULT_MARGIN, scale, "margin")
    wanted = attribute or (declared.primary if declared else None)
    source, variance = _variance(results, wanted, scale)
    compared, n_songs = compared_systems(loaded, planned, with_roles), len(planned.songs)
    k = len(compared)
    if n_songs < 2:
        raise _study_error(wording_of(loaded).of("a plan needs two rated songs at least"))
    n_own = min(loaded.pages.songs_per_participant or n_songs, n_songs)
    own = None if n_own == n_songs else n_own
    n_tests, are_declared = compared_pairs(loaded, compared)
    alpha = ALPHA / n_tests
    with ExitStack() as stack:
        cluster = stack.enter_context(cluster_at(scheduler)) if scheduler else None
        show = stack.enter_context(progress("plan", 1.0))
        grid = planning_grid(
            variance, k, own, difference, margin, seed, (n_songs,), draws, show, alpha,
            cluster.executor if cluster else None,
        )  # fmt: skip
    found = advice(variance, k, n_songs, n_own, difference, margin, alpha)
    row = None
    if participants is not None:
        size = Size(participants, n_songs, n_own, k)
        row = _planned_size(at_size(size, variance, difference, margin, seed, draws, alpha))
    words = wording_of(loaded)
    ours = (
        *sentences(found),
        *planned_size(row, difference, margin),
        *duration(loaded, study),
        *cautions(n_tests, are_declared, own, source),
    )
    told = [words.of(sentence) for sentence in ours]
    settings = PlanSettings(
        study=loaded.identifier, study_fingerprint=loaded.fingerprint,
        computed_at=iso_time(datetime.now(UTC)), part=planned.name, difference=difference,
        margin=margin, seed=seed, n_draws=draws, source=source, variance=variance, n_systems=k,
        alpha=alpha, n_tests=n_tests, are_declared=are_declared, planned=row,
    )  # fmt: skip
    _write(folder, grid, settings, found, told, words)
    title = " · ".join(filter(None, (loaded.title, planned.name)))
    head = f"{title}: {k} systems, {n_songs} {words.many}"
    _show(head, grid, settings, n_songs, told, words, folder)


def _planned_size(found: Chances) -> PlannedSize:
    """Return what was found with None in place of NaN, which JSON lacks."""
    return TypeAdapter(PlannedSize).validate_python(json_form(found))


def _planned(study: Study, name: str | None) -> Part:
    """The part of that name, else the first whose answers are values of a scale.

    Raises
    ------
    StudyError
        There is none, or the part asks for choices.
    """
    parts = study.page_parts if name is None else (study.part(name),)
    scaled = [part for part in parts if part.has_ratings]
    if not scaled:
        raise _study_error("only ratings can be planned; choices between two cannot")
    return scaled[0]


def _scale_of(part: Part, primary: str | None) -> Scale:
    """Scale of the attribute that answers."""
    rated = part.scales[str(primary_of(part.attributes, primary))]
    return Scale(rated.minimum, rated.maximum, rated.step)


def _study_error(text: str) -> Exception:
    return StudyError(text)


def _within(points: float | None, share: float, scale: Scale, what: str) -> float:
    """Points that were given, else the share of the range.

    Raises
    ------
    StudyError
        They are none of the scale.
    """
    if points is None:
        return scale.points(share)
    if not 0 < points <= scale.range:
        raise _study_error(
            f"the {what} must lie above 0 points and be {scale.range:g} at most, because the scale "
            f"goes {scale.ends_in_words}; not {points:g}"
        )
    return points


def _variance(
    results: Path | None, attribute: str | None, scale: Scale
) -> tuple[str, dict[str, float]]:
    if results is None:
        square = (scale.range / SCALE.range) ** 2
        return DEFAULTS, {name: square * value for name, value in DEFAULT_VARIANCE.items()}
    try:
        content = json.loads(results.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise RatingsError(f"{results} is no results.json of mixtrial") from None
    if not isinstance(content, dict):
        raise RatingsError(f"{results} is no results.json of mixtrial")
    name, variance = fitted_variance(content, attribute)
    return f"fitted to {name} in {results.name}", variance


def _write(
    out: Path,
    grid: pd.DataFrame,
    settings: PlanSettings,
    found: Advice,
    told: list[str],
    words: Wording,
) -> None:
    out.mkdir(0o700, parents=True, exist_ok=True)
    chosen = (settings.difference, settings.margin, found.n_songs, settings.alpha)
    figure = power_map(grid, *chosen, words)
    rows = json.loads(grid.to_json(orient="records", double_precision=15))
    content = {**asdict(settings), "advice": asdict(found), "sentences": told, "grid": rows}
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
    for sentence in told:
        style = "yellow" if sentence.startswith("More listeners") else ""
        console.print(Text(f"- {sentence}", style=style))
    console.print(Text(str(out / "plan.html")), soft_wrap=True)
