"""Training, from folders of songs to weights that never do worse than a constant.

``python -m mixing.learning.train --songs DIR… --out mixing/learning/weights``

For each of the four networks: every song is held out once (folds of songs, never of clips), the
network is fitted to the others, some of which choose the step to stop at. From the held-out
predictions follows how far the network may be trusted: the shrinkage per output, chosen for each
fold on the other folds only, so that the reported errors stay honest. Where the shrunk network does
not beat the best constant of the training songs, or loses to it on one source of songs, its
shrinkage is 0 and the constant is shipped.
The shipped network is then fitted to all songs, for as many steps as the folds needed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mixing.audio import AudioError
from mixing.learning.architectures import SomeNetwork
from mixing.learning.features import Float64
from mixing.learning.fitting import Answers, Examples, FitSettings, ask, best_constant, fit
from mixing.learning.model_card import model_card
from mixing.learning.networks import tensors_of
from mixing.learning.songs import TaughtSong, find_stems, teach
from mixing.learning.targets import NETWORKS
from mixing.learning.weight_files import FORMAT_VERSION, write_complete, write_weights

STEPS = {"eq": 1500, "level": 300, "range": 300, "reverb": 300}
FEWEST_SONGS = 4
NEEDED_GAIN = 0.97  # a network must err at most this times what the constant does
SHRINKAGES = np.linspace(0, 1, 21)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Answers on the songs of one fold, and the best constant of the songs it was fitted to."""

    answers: tuple[Answers, ...]
    constant: Float64
    best_step: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Held-out errors of one task, in the outputs' units, and the shrinkage that is shipped.

    ``errors`` has a row for ``network`` (as fitted), ``shrunk`` (honestly shrunk) and ``constant``;
    each holds the mean absolute error of every output; ``by_source`` has the same for each source.
    """

    errors: dict[str, Float64]
    by_source: dict[str, dict[str, Float64]]
    shrinkage: Float64
    n_songs: int
    n_steps: int


def folds_of(songs: Sequence[TaughtSong], n_folds: int, seed: int) -> list[list[TaughtSong]]:
    """Songs in shuffled folds of nearly equal size, sources dealt evenly."""
    order = np.random.default_rng(seed).permutation(len(songs))
    by_source = sorted((songs[i] for i in order), key=lambda song: song.source)
    return [by_source[start::n_folds] for start in range(n_folds)]


def hold_out(
    folds: Sequence[Sequence[TaughtSong]], task: str, n_steps: int, seed: int
) -> list[HeldOut]:
    """Fit without each fold in turn and ask about it; the fold after it validates."""
    results = []
    for i, fold in enumerate(folds):
        validation = folds[(i + 1) % len(folds)]
        training = [song for f in folds if f is not fold and f is not validation for song in f]
        fitted = fit(Examples(training, validation), FitSettings(task, n_steps), seed)
        answers = tuple(ask(fitted.network, song, task, seed) for song in fold)
        constant = best_constant([*training, *validation], task)
        results.append(HeldOut(answers, constant, fitted.best_step))
        sys.stderr.write(f"{task}: fold {i + 1} of {len(folds)}, step {fitted.best_step}\n")
    return results


def evaluate(results: Sequence[HeldOut], task: str) -> Evaluation:
    """Errors of network, shrunk network and constant on songs that none of them has seen."""
    errors: dict[str, dict[str, list[Float64]]] = {}
    for i, result in enumerate(results):
        trust = best_shrinkage([r for j, r in enumerate(results) if j != i], task)
        for answers in result.answers:
            shrunk = result.constant + trust * (answers.predicted - result.constant)
            kinds = {"network": answers.predicted, "shrunk": shrunk, "constant": result.constant}
            table = errors.setdefault(answers.source, {kind: [] for kind in kinds})
            for kind, predicted in kinds.items():
                table[kind].append(natural_error(predicted, answers.truth, task))
    by_source = {
        source: {kind: np.mean(rows, axis=0) for kind, rows in table.items()}
        for source, table in errors.items()
    }
    means = {
        kind: np.mean([row for table in errors.values() for row in table[kind]], axis=0)
        for kind in ("network", "shrunk", "constant")
    }
    kept = means["shrunk"] <= NEEDED_GAIN * means["constant"]
    for table_means in by_source.values():  # a gain on one kind of song may not cost another
        kept &= table_means["shrunk"] <= table_means["constant"]
    return Evaluation(
        errors=means,
        by_source=by_source,
        shrinkage=np.where(kept, best_shrinkage(results, task), 0.0),
        n_songs=sum(len(result.answers) for result in results),
        n_steps=int(np.median([result.best_step for result in results])),
    )


def best_shrinkage(results: Sequence[HeldOut], task: str) -> Float64:
    """Factor per output, 0–1, with the least held-out error; the smallest of equals."""
    table = []
    for factor in SHRINKAGES:
        rows = [
            natural_error(r.constant + factor * (a.predicted - r.constant), a.truth, task)
            for r in results
            for a in r.answers
        ]
        table.append(np.mean(rows, axis=0))
    return np.asarray(SHRINKAGES[np.argmin(np.array(table), axis=0)])


def natural_error(predicted: Float64, truth: Float64, task: str) -> Float64:
    """Mean absolute error of each output over a song's cases, in the output's unit."""
    network = NETWORKS[task]
    difference = network.to_natural(predicted) - network.to_natural(truth)
    return np.asarray(np.abs(difference).mean(axis=0))


def train_task(
    songs: Sequence[TaughtSong], task: str, n_steps: int, n_folds: int, seed: int
) -> tuple[SomeNetwork, Evaluation]:
    """Network for ``task`` fitted to all songs that teach it, and its held-out evaluation.

    Raises
    ------
    AudioError
        Fewer than four songs teach the task: no split by song is possible.
    """
    teaching = [song for song in songs if song.clips and (task == "eq" or task in song.targets)]
    if len(teaching) < FEWEST_SONGS:
        raise AudioError(
            f"{len(teaching)} songs teach the {task} network; at least {FEWEST_SONGS} are needed "
            "to hold some out"
        )
    folds = folds_of(teaching, min(n_folds, len(teaching)), seed)
    evaluation = evaluate(hold_out(folds, task, n_steps, seed), task)
    network = fit(Examples(teaching), FitSettings(task, evaluation.n_steps), seed).network
    network.shrinkage.copy_(torch.from_numpy(evaluation.shrinkage))
    return network, evaluation


def index_entry(evaluation: Evaluation, task: str, sha256: str) -> dict[str, Any]:
    """What ``weights.json`` says of one network."""
    names = [output.name for output in NETWORKS[task].outputs]

    def named(errors: dict[str, Float64]) -> dict[str, dict[str, float]]:
        return {
            kind: dict(zip(names, error.round(4).tolist(), strict=True))
            for kind, error in errors.items()
        }

    return {
        "sha256": sha256,
        "n_songs": evaluation.n_songs,
        "n_steps": evaluation.n_steps,
        "shrinkage": dict(zip(names, evaluation.shrinkage.round(2).tolist(), strict=True)),
        "held_out_error": named(evaluation.errors),
        "held_out_error_by_source": {
            source: named(table) for source, table in evaluation.by_source.items()
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is asked for; return 0, or 2 with one sentence when the songs will not do."""
    parser = argparse.ArgumentParser(prog="python -m mixing.learning.train", description=__doc__)
    parser.add_argument("--songs", type=Path, nargs="+", required=True, help="folders of songs")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--steps", type=int, help="training steps of each network")
    parser.add_argument("--date", default="unknown", help="date for the model card")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)  # the networks are too small to share
    try:
        songs = [teach(pair) for pair in find_stems(options.songs)]
        options.out.mkdir(parents=True, exist_ok=True)
        networks: dict[str, Any] = {}
        for task in NETWORKS:
            steps = options.steps or STEPS[task]
            network, evaluation = train_task(songs, task, steps, options.folds, options.seed)
            sha256 = write_weights(tensors_of(network), options.out / f"{task}.safetensors")
            networks[task] = index_entry(evaluation, task, sha256)
            sys.stdout.write(f"{task}: {json.dumps(networks[task]['held_out_error'])}\n")
            sys.stdout.flush()
    except AudioError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    index = {
        "format_version": FORMAT_VERSION,
        "date": options.date,
        "seed": options.seed,
        "folds": options.folds,
        "songs": {song.song: song.source for song in songs if song.clips},
        "networks": networks,
    }
    write_complete(options.out / "weights.json", (json.dumps(index, indent=1) + "\n").encode())
    write_complete(options.out / "model_card.md", model_card(index).encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
