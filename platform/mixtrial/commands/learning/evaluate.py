"""``mixtrial evaluate``: errors of the networks on held-out songs."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from pathlib import Path
from typing import Annotated

import typer

from mixing.learning.evaluation import unheard
from mixing.learning.evaluation.evaluate import Evaluated, evaluate_songs
from mixing.learning.evaluation.finished_weights import evaluate_weights, heard_in_training
from mixing.learning.evaluation.page import evaluation_page
from mixing.learning.evaluation.table import answers_table, group_table, in_words, table_of
from mixing.learning.training.train import TrainSettings, check_folds
from mixing.learning.weight_files import (
    DEFAULT_ARCHITECTURE,
    WEIGHTS_FOLDER,
    read_index,
    write_complete,
)
from mixtrial.server.settings import SettingsError
from mixtrial.terminal.executor import executor_for, shown
from mixtrial.terminal.options import Scheduler, check_out_folder


def evaluate(
    songs: Annotated[
        list[Path],
        typer.Argument(metavar="SONGS...", help="Prepared datasets, or folders of stems."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for evaluation.html and its tables.")],
    weights: Annotated[
        str | None,
        typer.Option(
            help="Folder of the networks to evaluate, or 'shipped' for the networks of mixtrial. "
            "Without this option, networks are trained for the evaluation."
        ),
    ] = None,
    switch_off: Annotated[
        bool,
        typer.Option(
            "--switch-off",
            help="With --weights FOLDER: switch off each output whose error on the given songs is "
            "larger than that of a constant value. The singers of the given songs must not be in "
            "the training data. Outputs that are switched off always return a constant.",
        ),
    ] = False,
    judge: Annotated[
        Path | None,
        typer.Option(
            help="Folder of networks trained with the settings of this evaluation. An output "
            "whose error on held-out groups is larger than that of a constant is switched off: the "
            "output always returns this constant. The figures of this evaluation are written into "
            "the model card."
        ),
    ] = None,
    architecture: Annotated[
        str, typer.Option(help="Architecture: dense, or li2022 as in Li (2022).")
    ] = DEFAULT_ARCHITECTURE,
    loss: Annotated[
        str, typer.Option(help="Loss function: robust, or li2022 as in Li (2022).")
    ] = "robust",
    seed: Annotated[
        int, typer.Option(help="Random seed for weights, batches, folds and draws.", min=0)
    ] = 1,
    folds: Annotated[
        int,
        typer.Option(
            help="Number of folds of held-out songs; with 0, each group of songs is one fold.",
            min=0,
        ),
    ] = 0,
    steps: Annotated[
        int | None,
        typer.Option(help="Largest number of training steps, for a short trial run.", min=1),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Number of processes; default: one per core.", min=1)
    ] = None,
    scheduler: Scheduler = None,
) -> None:
    """Test networks on held-out songs, beside constants, ridge regression and Li (2022)."""
    check_out_folder(out)
    check_folds(folds)
    if switch_off and weights in (None, "shipped"):
        raise SettingsError(
            "--switch-off needs the folder of networks to change; name it by --weights."
        )
    if judge is not None:
        if weights is not None:
            raise SettingsError("--judge trains its own networks; leave --weights out.")
        read_index(judge)  # a faulty index is refused before the training, which may take an hour
    settings = TrainSettings(architecture, loss, "cpu", folds, steps, seed)
    sources = [folder.resolve() for folder in songs]
    started = time.monotonic()
    if weights is None:
        with executor_for(jobs, scheduler, sources, out) as executor:
            evaluated = _train_and_ask(sources, out.resolve(), settings, executor)
        notes = ["Each song was held out once; networks were trained on the others."]
    else:
        evaluated, notes = _ask_weights(sources, weights, settings)
    _write_and_tell(out, evaluated, notes, seed)
    if switch_off:
        _tell_what_is_off(unheard.switch_off(Path(weights or ""), evaluated.answers))
    if judge is not None:
        _tell_what_is_off(unheard.follow(judge, evaluated.answers))
    typer.echo(f"{out / 'evaluation.html'} ({time.monotonic() - started:.0f} s)")


def _tell_what_is_off(off: dict[str, dict[str, float]]) -> None:
    """Print the outputs that were switched off."""
    for task, ratios in off.items():
        told = ", ".join(f"{output} ({ratio:.2f})" for output, ratio in ratios.items())
        typer.echo(f"switched off, error over the constant's, {task}: {told}")


def _train_and_ask(
    sources: list[Path], out: Path, settings: TrainSettings, executor: Executor
) -> Evaluated:
    """Train one network per fold, with the progress on stderr.

    Folds of the cross-validation that are already finished are kept in ``OUT/folds``.
    """
    with shown("evaluate") as show:
        return evaluate_songs(sources, out / "folds", executor, settings, show)


def _ask_weights(
    sources: list[Path], weights: str, settings: TrainSettings
) -> tuple[Evaluated, list[str]]:
    """Test trained weights, and print the songs on which the weights were trained."""
    folder = WEIGHTS_FOLDER if weights == "shipped" else Path(weights)
    with shown("ask") as show:
        evaluated = evaluate_weights(sources, folder, settings.seed, show)
    asked = {song.song for songs in evaluated.answers.values() for song in songs}
    known = sorted(asked & heard_in_training(folder))
    notes = [f"Networks of {weights}; the best constant is that of the other songs at hand."]
    if known:
        notes.append(f"NOT held out, the networks were taught by them: {', '.join(known)}.")
    return evaluated, notes


def _write_and_tell(out: Path, evaluated: Evaluated, notes: list[str], seed: int) -> None:
    """Write the page and the tables; print the results and the songs that were left out."""
    table = table_of(evaluated.answers, seed)
    answers = answers_table(evaluated.answers)
    words = in_words(table)
    notes += [f"Left out {song}: {problem}" for song, problem in sorted(evaluated.problems.items())]
    notes += [
        f"{'Constants alone answer' if task in evaluated.answers else 'Not evaluated'}: {why}"
        for task, why in evaluated.not_taught.items()
    ]
    out.mkdir(parents=True, exist_ok=True)
    by_group = group_table(evaluated.answers)
    for name, frame in (
        ("evaluation.csv", table), ("answers.csv", answers), ("by_group.csv", by_group)
    ):  # fmt: skip
        write_complete(out / name, frame.to_csv(index=False, float_format="%.6g").encode())
    page = evaluation_page(table, answers, words, notes)
    write_complete(out / "evaluation.html", page.encode())
    for sentence in words:
        typer.echo(sentence)
    for note in notes[1:]:
        typer.echo(note, err=True)
