"""``mixtrial separate``: separate finished mixes into vocal and backing."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from pathlib import Path
from typing import Annotated

import typer

from mixing.learning.separation.base import Separator
from mixing.learning.separation.demucs import MODEL
from mixing.learning.separation.registry import OpenedWhereUsed, open_separator
from mixing.learning.separation.stem_files import Separation, find_mixes, separate_files
from mixtrial.server.settings import SettingsError
from mixtrial.terminal.cluster import cluster_at
from mixtrial.terminal.options import Scheduler, check_out_folder
from mixtrial.terminal.progress_bar import progress


def separate(
    mixes: Annotated[
        list[Path], typer.Argument(metavar="MIX...", help="Audio files, or folders of them.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for SONG/vocal.flac and SONG/backing.flac.")],
    backend: Annotated[
        str, typer.Option(help="Model: spleeter, demucs, or auto (Demucs if it is installed).")
    ] = "auto",
    model: Annotated[
        str, typer.Option(help="Name of demucs's model, such as htdemucs or mdx_extra.")
    ] = MODEL,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="Folder with the files of demucs's model, so that nothing is downloaded."
        ),
    ] = None,
    scheduler: Scheduler = None,
) -> None:
    """Separate finished mixes into vocal and backing; their sum is the mix."""
    check_out_folder(out)
    found = find_mixes(mixes)
    weights = None if weights is None else weights.resolve()
    separator = open_separator(backend, model, weights)
    started = time.monotonic()
    if scheduler is None:
        results = _separate_with_bar(found, out, separator)
    else:
        found = {song: mix.resolve() for song, mix in found.items()}
        there = OpenedWhereUsed(backend, separator.name, model, weights)
        with cluster_at(scheduler, [*found.values()], out) as cluster:
            results = _separate_with_bar(found, out.resolve(), there, cluster.executor)
    failed = [result for result in results if result.problem is not None]
    for result in failed:
        typer.echo(f"skipped {result.mix}: {result.problem}", err=True)
    for result in results:
        if result.gain_db < 0:
            typer.echo(f"note: {result.song} is {-result.gain_db:.2f} dB lower", err=True)
    if len(failed) == len(results):
        raise SettingsError("None of the mixes could be separated.")
    made = sum(result.made for result in results)
    seconds = time.monotonic() - started
    typer.echo(
        f"{made} separated by {separator.name}, {len(results) - made - len(failed)} unchanged, "
        f"{len(failed)} skipped, in {out} ({seconds:.0f} s)"
    )


def _separate_with_bar(
    mixes: dict[str, Path], out: Path, separator: Separator, executor: Executor | None = None
) -> list[Separation]:
    """Separate the mixes, with the progress on stderr."""
    with progress("separate", len(mixes)) as show:
        return separate_files(
            mixes, out, separator, lambda done, song: show(done, text=song), executor
        )
