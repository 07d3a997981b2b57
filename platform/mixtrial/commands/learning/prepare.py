"""``mixtrial prepare``: a folder of songs becomes a dataset to learn from."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from mixing.learning.data.prepare import Prepared, Step
from mixing.learning.data.prepare import prepare as prepare_songs
from mixtrial.server.settings import SettingsError
from mixtrial.terminal.executor import executor_for
from mixtrial.terminal.progress_bar import progress


def prepare(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with songs.")],
    out: Annotated[Path, typer.Option(help="Folder of the dataset.")],
    workers: Annotated[
        int | None, typer.Option(help="Processes to measure in; default: one a core.", min=1)
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler to measure on instead.")
    ] = None,
    backend: Annotated[
        str, typer.Option(help="Separates finished mixes: spleeter, demucs or auto.")
    ] = "auto",
    seed: Annotated[int, typer.Option(help="Which songs are held out.", min=0)] = 0,
) -> None:
    """Measure songs and cut them into clips: stems, MUSDB18-HQ, or finished mixes."""
    if out.exists() and not out.is_dir():
        raise SettingsError(f"{out} is a file; --out takes a folder")
    started = time.monotonic()
    with _executor(workers, scheduler) as executor:
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


@contextmanager
def _executor(workers: int | None, scheduler: str | None) -> Iterator[Executor]:
    """Where songs are measured: a Dask cluster, processes of this machine, or here."""
    place = executor_for(workers) if scheduler is None else _dask_executor(scheduler)
    with place as executor:
        yield executor


@contextmanager
def _dask_executor(address: str) -> Iterator[Executor]:
    """Executor on a Dask scheduler's cluster; ``SettingsError`` where there is none, or it dies."""
    try:
        from distributed import Client
        from distributed.comm import CommClosedError
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise SettingsError(
            "--scheduler needs the package distributed: pip install 'mixtrial[dask]'"
        ) from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # it logs its tracebacks
    try:
        client = Client(address, timeout=20)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"no Dask scheduler answers at {address}") from error
    try:
        with client:
            executor: Executor = client.get_executor(pure=False)
            yield executor
    except ImportError as error:
        raise SettingsError(
            f"the workers at {address} cannot import {error.name}: install mixtrial there"
        ) from error
    except (CancelledError, CommClosedError, KilledWorker) as error:
        raise SettingsError(
            f"the Dask cluster at {address} was lost, or a worker died again and again (was memory "
            "short?); what is done is kept: prepare again"
        ) from error


def _prepare_with_bar(
    folder: Path, out: Path, executor: Executor, backend: str, seed: int
) -> Prepared:
    """Prepare, and say on stderr how far it is."""
    with progress("prepare") as show:

        def on_progress(step: Step) -> None:
            show(step.done, step.total, step.song)

        return prepare_songs(
            folder, out, executor, backend=backend, seed=seed, on_progress=on_progress
        )
