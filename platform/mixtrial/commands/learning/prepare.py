"""``mixtrial prepare``: a folder of songs becomes a dataset for training."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from pathlib import Path
from typing import Annotated

import typer

from mixing.learning.data.prepare import Prepared, Step
from mixing.learning.data.prepare import prepare as prepare_songs
from mixtrial.terminal.executor import executor_for
from mixtrial.terminal.options import Scheduler, check_out_folder
from mixtrial.terminal.progress_bar import progress


def prepare(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with songs.")],
    out: Annotated[Path, typer.Option(help="Folder for the dataset.")],
    workers: Annotated[
        int | None, typer.Option(help="Number of processes; default: one per core.", min=1)
    ] = None,
    scheduler: Scheduler = None,
    backend: Annotated[
        str, typer.Option(help="Model that separates finished mixes: spleeter, demucs or auto.")
    ] = "auto",
    seed: Annotated[
        int, typer.Option(help="Seed that decides which songs are held out.", min=0)
    ] = 0,
) -> None:
    """Make a data set for training from stems, MUSDB18-HQ or finished mixes."""
    check_out_folder(out)
    started = time.monotonic()
    with executor_for(workers, scheduler, [folder]) as executor:
        prepared = _prepare_with_bar(folder.resolve(), out, executor, backend, seed)
    for song, problem in sorted(prepared.skipped.items()):
        typer.echo(f"skipped {song}: {problem}", err=True)
    dataset = prepared.dataset
    songs_in = dataset.songs["split"].value_counts()
    splits = ", ".join(f"{songs_in[split]} {split}" for split in ("train", "validation", "test"))
    typer.echo(
        f"{len(dataset.songs)} songs ({splits}), {len(dataset.clips)} clips in {out}; "
        f"{prepared.n_measured} newly measured, {len(prepared.skipped)} skipped "
        f"({time.monotonic() - started:.0f} s)"
    )


def _prepare_with_bar(
    folder: Path, out: Path, executor: Executor, backend: str, seed: int
) -> Prepared:
    """Prepare the dataset, with the progress on stderr."""
    with progress("prepare") as show:

        def on_progress(step: Step) -> None:
            show(step.done, step.total, step.song)

        return prepare_songs(
            folder, out, executor, backend=backend, seed=seed, on_progress=on_progress
        )
