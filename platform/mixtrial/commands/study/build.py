"""``mixtrial build``: make blind, equally loud files and their manifest from a study file."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from pathlib import Path
from typing import Annotated

import typer

from analysis.wording import Wording
from mixtrial.reporting.design_text import wording_of
from mixtrial.server.settings import default_stimuli_folder
from mixtrial.terminal.cluster import cluster_at
from mixtrial.terminal.options import Scheduler
from mixtrial.terminal.progress_bar import progress
from stimuli.design.page_memory import check_page_memory, costliest_page
from stimuli.loading.load import load_study
from stimuli.rendering.heard_files import heard_in
from stimuli.rendering.render import Progress
from stimuli.rendering.render import build as build_stimuli
from stimuli.standards.check import check_study, departures_in_sound, summary
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study


def build(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to build into; default: build/ beside the file.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Number of processes; default: one per core.")
    ] = None,
    scheduler: Scheduler = None,
) -> None:
    """Render a study's stimuli: each song by each system, equally loud, under random names."""
    loaded = load_study(study)
    typer.echo(f"mixtrial: {summary(check_study(loaded))} (mixtrial check lists them)", err=True)
    check_page_memory(loaded)
    folder = out or default_stimuli_folder(study)
    started = time.monotonic()
    if scheduler is None:
        manifest, n_steps = _build_and_tell(loaded, folder, workers)
    else:
        with cluster_at(scheduler, [study], folder) as cluster:
            manifest, n_steps = _build_and_tell(loaded, folder, cluster.n_at_once, cluster.executor)
    said = _summary(manifest, wording_of(loaded))
    if n_steps:
        typer.echo(f"{said} ({time.monotonic() - started:.0f} s)")
    else:
        typer.echo(f"{said} (nothing has changed)")
    page = costliest_page(loaded, manifest)
    if page is not None:
        typer.echo(f"The largest page: {page.in_words} ({page.song})")
    for departure in departures_in_sound(loaded, heard_in(manifest)):
        typer.echo(f"mixtrial: {departure.severity}: {departure.found}", err=True)


def _build_and_tell(
    study: Study, folder: Path, workers: int | None, executor: Executor | None = None
) -> tuple[Manifest, int]:
    """Build the study, with the progress on stderr; return the manifest and the number of steps."""
    n_steps = 0
    with progress("build") as show:

        def on_progress(step: Progress) -> None:
            nonlocal n_steps
            n_steps = step.done
            show(step.done, step.total, step.text)

        show(0, text=f"checking the {wording_of(study).many}")
        return build_stimuli(study, folder, workers, on_progress, executor), n_steps


def _summary(manifest: Manifest, words: Wording) -> str:
    """One line that describes the content of a build."""
    songs = {stimulus.song for stimulus in manifest.stimuli}
    levels = [stimulus.page_target_lufs for stimulus in manifest.stimuli]
    loudness = f"{max(levels):.1f} LUFS"
    if min(levels) < max(levels) - 0.05:
        loudness = f"{min(levels):.1f} to {loudness}, each page at one level"
    n_stimuli, n_songs = len(manifest.stimuli), len(songs)
    stimuli = f"{n_stimuli} stimul{'us' if n_stimuli == 1 else 'i'}"
    of_songs = f"{n_songs} {words.one if n_songs == 1 else words.many}"
    return f"{stimuli} of {of_songs} at {loudness} in {manifest.folder}"
