"""``mixtrial train``: train networks on songs; a constant predictor replaces a worse network."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypedDict

import typer

from analysis.counts import counted
from mixing.learning.features.targets import NETWORKS
from mixing.learning.networks.precision import precision_for
from mixing.learning.training.curves import curves_page
from mixing.learning.training.train import Outcome, TrainSettings
from mixing.learning.training.train import train as train_networks
from mixing.learning.weight_files import DEFAULT_ARCHITECTURE, write_complete
from mixing.program import commit_of_the_program
from mixtrial.server.settings import SettingsError
from mixtrial.terminal.executor import executor_for, shown
from mixtrial.terminal.options import Scheduler, check_out_folder


def train(
    network: Annotated[
        str, typer.Argument(help="Network to train: level, range, eq, reverb, or all.")
    ],
    songs: Annotated[
        list[Path],
        typer.Argument(metavar="SONGS...", help="Prepared datasets, or folders of stems."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for weights, model card and curves.")],
    architecture: Annotated[
        str, typer.Option(help="Architecture: dense, or li2022 as in Li (2022).")
    ] = DEFAULT_ARCHITECTURE,
    loss: Annotated[
        str, typer.Option(help="Loss function: robust, or li2022 as in Li (2022).")
    ] = "robust",
    seed: Annotated[
        int, typer.Option(help="Random seed for weights, batches and folds.", min=0)
    ] = 1,
    folds: Annotated[
        int,
        typer.Option(
            help="Number of folds of held-out songs; with 0, each group of songs is one fold.",
            min=0,
        ),
    ] = 5,
    steps: Annotated[
        int | None,
        typer.Option(help="Largest number of training steps, for a short trial run.", min=1),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Number of processes; default: one per core.", min=1)
    ] = None,
    scheduler: Scheduler = None,
    device: Annotated[str, typer.Option(help="Device: auto, cpu or cuda.")] = "auto",
    licence: Annotated[
        str, typer.Option(help="Licence of the songs, for the model card.")
    ] = "not stated",
) -> None:
    """Train networks on songs; weight each network by its advantage over a constant value."""
    if network != "all" and network not in NETWORKS:
        raise SettingsError(f"There is no network {network!r}; choose {', '.join(NETWORKS)}.")
    check_out_folder(out)
    device = precision_for(device).device
    settings = TrainSettings(architecture, loss, device, folds, steps, seed)
    tasks = tuple(NETWORKS) if network == "all" else (network,)
    started = time.monotonic()
    sources = [folder.resolve() for folder in songs]
    n_jobs = jobs or (1 if device == "cuda" else None)
    with executor_for(n_jobs, scheduler, sources, out) as executor:
        outcome = _train_with_bar(sources, tasks, out.resolve(), settings, licence, executor)
    if outcome.courses:
        _write_curves(out, outcome)
    for song, problem in sorted(outcome.problems.items()):
        typer.echo(f"skipped {song}: {problem}", err=True)
    for task in tasks:
        again = "" if task in outcome.courses else "; there already, of these songs and settings"
        typer.echo(_sentence(task, outcome.index["networks"][task]) + again)
    typer.echo(
        f"{counted(len(tasks), 'network')} in {out}, with model_card.md and "
        f"curves.html ({time.monotonic() - started:.0f} s)"
    )


def _train_with_bar(
    sources: list[Path],
    tasks: tuple[str, ...],
    out: Path,
    settings: TrainSettings,
    licence: str,
    executor: Executor,
) -> Outcome:
    """Train the networks, with the progress on stderr."""
    facts = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit_of_the_program(),
        "licence": licence,
    }
    with shown("train") as show:
        return train_networks(sources, tasks, out, executor, settings, facts, show)


def _write_curves(out: Path, outcome: Outcome) -> None:
    write_complete(out / "curves.html", curves_page(outcome.courses).encode())


class NetworkEntry(TypedDict):
    """Fields of a network that are read from its entry in the index of all networks."""

    n_songs: int
    shrinkage: dict[str, float]
    held_out_error: dict[str, dict[str, float]]


def _sentence(task: str, entry: NetworkEntry) -> str:
    """Description of one network in one line of the model card."""
    shrinkage, errors = entry["shrinkage"], entry["held_out_error"]
    used = [name for name, factor in shrinkage.items() if factor]
    if not used:
        return f"{task}: {entry['n_songs']} songs; no output clearly beats a constant: constants"
    means = [sum(errors[kind].values()) / len(shrinkage) for kind in ("ships", "constant")]
    share = f"{len(used)} of {len(shrinkage)} outputs by the network"
    if task == "reverb":  # a mean of ten outputs with different units would be meaningless
        return f"{task}: {entry['n_songs']} songs; {share}: {', '.join(used)}"
    return (
        f"{task}: {entry['n_songs']} songs; held-out error {means[0]:.2f}, "
        f"constant {means[1]:.2f}; {share}"
    )
