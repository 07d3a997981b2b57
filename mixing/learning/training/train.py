"""Training of networks; if a network is not better than a constant, the constant is used.

For each network, the songs are divided into folds, and each song is held out once. For each fold,
the network is fitted to the songs of the other folds. Some songs that are not held out determine
the step at which training stops. The predictions for held-out songs determine which outputs are
used (:mod:`mixing.learning.training.trust`). For the test of each fold, only the other folds
determine which outputs are used, so the reported errors are not biased. Finally, the network that
is written is fitted to all songs. The number of steps for the written network is the median over
the folds.

The given executor runs every training as a separate task
(:mod:`mixing.learning.training.held_out`). Results are stored in ``OUT/.training`` until all
trainings are finished, so that an interrupted command can continue. A network that exists for the
same songs, settings and program is not trained again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from mixing.audio import AudioError
from mixing.learning.data.song_files import listed
from mixing.learning.data.song_sources import LearningSongs, read_songs
from mixing.learning.data.songs import TaughtSong
from mixing.learning.features.features import Float64
from mixing.learning.features.targets import NETWORKS
from mixing.learning.training.fitting import STEPS, FitSettings, check_names
from mixing.learning.training.held_out import (
    Trained,
    Training,
    fingerprint,
    fit_whole,
    folds_of,
    hold_out,
    trainings_of,
)
from mixing.learning.training.model_card import model_card
from mixing.learning.training.trust import Evaluation, evaluate
from mixing.learning.weight_files import (
    DEFAULT_ARCHITECTURE,
    FORMAT_VERSION,
    Tensors,
    WeightsError,
    read_index,
    read_weights,
    write_complete,
    write_weights,
)

FEWEST_SONGS = 4
FEWEST_FOLDS = 3  # one fold for test, one for validation, one for training
_RAW = "a vocal without reverb is raw, nobody has chosen its"
_CANNOT_TEACH = {
    "eq": "they are the test of their dataset",
    "level": f"test songs do not teach; {_RAW} balance",
    "range": f"test songs do not teach; {_RAW} range; a separated one has lost it",
    "reverb": "test songs do not teach; a separated vocal has lost its reverb",
}
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Settings of the training; with ``n_steps`` None, each network has its own number of steps."""

    architecture: str = DEFAULT_ARCHITECTURE
    loss: str = "robust"
    device: str = "cpu"
    n_folds: int = 5
    n_steps: int | None = None
    seed: int = 1

    def fit_settings(self, task: str) -> FitSettings:
        """Training settings for the network ``task``."""
        return FitSettings(
            task, self.n_steps or STEPS[task], self.architecture, self.loss, self.device
        )


@dataclass(frozen=True, slots=True)
class Course:
    """Progress of a network's training: losses of the last fit, and errors of each fold."""

    losses: tuple[float, ...]
    folds: tuple[Trained, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of a training; ``courses`` has the progress of all networks trained in this run."""

    index: dict[str, Any]
    problems: dict[str, str]
    courses: dict[str, Course] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress: number of finished trainings, number of all trainings, last finished training."""

    done: int
    total: int
    label: str


def check_folds(n_folds: int) -> None:
    """Raise ``AudioError`` if there are too few folds for training, validation and test."""
    if 0 < n_folds < FEWEST_FOLDS:
        raise AudioError(
            "--folds must be 0 or at least 3, because some songs are needed for validation."
        )


def teaching(songs: LearningSongs, task: str) -> list[TaughtSong]:
    """Songs that can be used to train a task; the test songs of a dataset are never used.

    Raises
    ------
    AudioError
        There are fewer than four songs or fewer than three groups, so the songs cannot be split.
    """
    found = [song for song in songs.songs if song.song not in songs.test and song.teaches(task)]
    if len(found) < FEWEST_SONGS:
        raise AudioError(
            f"Only {len(found)} song{'' if len(found) == 1 else 's'} can train the {task} network; "
            f"at least {FEWEST_SONGS} are needed, so that some can be held out."
            + _left_out(songs, task, len(songs.songs) - len(found))
        )
    n_groups = len({song.together for song in found})
    if n_groups < FEWEST_FOLDS:
        raise AudioError(
            f"The {len(found)} songs that can train the {task} network come from {n_groups} "
            f"artist{'' if n_groups == 1 else 's'} only. Songs of one artist are held out "
            f"together, so at least {FEWEST_FOLDS} artists are needed."
        )
    return found


def _left_out(songs: LearningSongs, task: str, n_others: int) -> str:
    """Reasons why songs are not used to train the network, and errors of unusable songs."""
    words = f" {n_others} more cannot: {_CANNOT_TEACH[task]}." if n_others else ""
    return words + (
        f" These songs were left out:{listed(songs.problems)}" if songs.problems else ""
    )


def train(
    sources: Sequence[Path],
    tasks: Sequence[str],
    out: Path,
    executor: Executor,
    settings: TrainSettings,
    facts: dict[str, str],
    on_progress: Callable[[Progress], None] | None = None,
) -> Outcome:
    """Train networks and write their weights, index and model card into ``out``.

    Parameters
    ----------
    sources
        Folders of prepared datasets and folders of stems.
    facts
        ``date``, ``commit`` and ``licence``, which are printed in the model card.

    Raises
    ------
    AudioError
        There are not enough songs, the architecture or the loss does not exist, or a process died.
        The results of finished trainings are kept.
    WeightsError
        ``out`` contains weights of another version.
    """
    # the settings are checked before anything is read or written
    check_names(settings.architecture, settings.loss)
    check_folds(settings.n_folds)
    songs = read_songs(tuple(sources))
    kept = {} if not (out / "weights.json").exists() else read_index(out)["networks"]
    keep = out / ".training"
    folds: dict[str, list[Training]] = {}
    for task in tasks:
        teachers = teaching(songs, task)
        # there cannot be more folds than groups of songs
        n_folds = settings.n_folds or len(teachers)
        names = folds_of(teachers, min(n_folds, len(teachers)), settings.seed)
        whole = Training(
            tuple(sources), settings.fit_settings(task), settings.seed, (), (), (), keep
        )
        folds[task] = trainings_of(names, whole)
    made_from = {task: _made_from(folds[task], facts) for task in tasks}
    folds = {task: folds[task] for task in tasks if not _is_there(out, task, made_from[task])}
    if not folds:
        return Outcome(read_index(out), songs.problems)
    keep.mkdir(parents=True, exist_ok=True)
    evaluations, courses = _all_networks(folds, songs, executor, on_progress)
    networks = dict(kept)
    for task, (evaluation, tensors) in evaluations.items():
        facts = {**facts, "made_from": made_from[task]}
        sha256 = write_weights(tensors, out / f"{task}.safetensors")
        sources_of = {s.song: s.source for s in teaching(songs, task)}
        n_steps = len(courses[task].losses)
        networks[task] = _entry(task, evaluation, n_steps, sha256, settings, sources_of, facts)
    index = {"format_version": FORMAT_VERSION, "networks": networks}
    write_complete(out / "weights.json", (json.dumps(index, indent=1) + "\n").encode())
    write_complete(out / "model_card.md", model_card(index).encode())
    shutil.rmtree(keep, ignore_errors=True)
    return Outcome(index, songs.problems, courses)


def _made_from(folds: Sequence[Training], facts: dict[str, str]) -> str:
    """Hash of everything that determines a network: songs, program, settings, folds, licence."""
    decides = [*map(fingerprint, folds), facts["licence"]]
    return hashlib.sha256("\n".join(decides).encode()).hexdigest()


def _is_there(out: Path, task: str, made_from: str) -> bool:
    """Whether the folder has an undamaged network that a new training would only repeat."""
    try:
        entry = read_index(out)["networks"].get(task, {})
        return entry.get("made_from") == made_from and bool(read_weights(task, out))
    except WeightsError:
        return False


def in_turn(
    executor: Executor, work: Callable[[Training], Result], trainings: Sequence[Training]
) -> Iterator[tuple[Training, Result]]:
    """Each training with its result, in the order in which the trainings finish.

    Raises
    ------
    AudioError
        A process died; ``work`` can also raise other errors.
    """
    waiting: dict[Future[Result], Training] = {}
    coming = iter(trainings)
    try:
        while True:
            for training in coming:
                future = executor.submit(work, training)
                waiting[future] = training
                # if the trainings run in this process, the result of each is reported before the
                # next training begins
                if future.done():
                    break
            if not waiting:
                return
            done = next(as_completed(waiting))
            yield waiting.pop(done), done.result()
    except BrokenProcessPool as error:
        raise AudioError(
            "A process died while training, perhaps for lack of memory. Finished work is kept; "
            "train again, perhaps with fewer jobs."
        ) from error
    finally:
        for future in waiting:
            future.cancel()


def _all_networks(
    folds: dict[str, list[Training]],
    songs: LearningSongs,
    executor: Executor,
    on_progress: Callable[[Progress], None] | None,
) -> tuple[dict[str, tuple[Evaluation, Tensors]], dict[str, Course]]:
    """Hold out every fold of every task, select outputs, and fit each network to all its songs."""
    total = sum(map(len, folds.values())) + len(folds)
    n_done = 0

    def note(label: str, n_more: int = 1) -> None:
        nonlocal n_done
        n_done += n_more
        if on_progress is not None:
            on_progress(Progress(n_done, total, label))

    note("", n_more=0)
    results: dict[str, dict[int, Trained]] = {task: {} for task in folds}
    for training, trained in in_turn(executor, hold_out, [t for ts in folds.values() for t in ts]):
        task = training.settings.task
        results[task][folds[task].index(training)] = trained
        note(training.label)
    ordered = {task: [results[task][i] for i in range(len(folds[task]))] for task in folds}
    evaluations = {task: evaluate([f.songs for f in ordered[task]], task) for task in folds}
    last = []
    for task in folds:
        settings = replace(folds[task][0].settings, n_steps=_usual_step(ordered[task]))
        names = tuple(song.song for song in teaching(songs, task))
        whole = replace(folds[task][0], settings=settings, training=names)
        last.append(replace(whole, validation=(), held_out=()))
    networks: dict[str, tuple[Evaluation, Tensors]] = {}
    courses: dict[str, Course] = {}
    for training, (tensors, losses) in in_turn(executor, fit_whole, last):
        task = training.settings.task
        tensors["shrinkage"] = evaluations[task].shrinkage.astype(np.float32)
        networks[task] = evaluations[task], tensors
        courses[task] = Course(losses, tuple(ordered[task]))
        note(training.label)
    return {task: networks[task] for task in folds}, courses


def _usual_step(folds: Sequence[Trained]) -> int:
    """Number of steps for the last fit: the median of the numbers of steps in the folds."""
    return int(np.median([fold.best_step for fold in folds]))


def _entry(
    task: str,
    evaluation: Evaluation,
    n_steps: int,
    sha256: str,
    settings: TrainSettings,
    sources: dict[str, str],
    facts: dict[str, str],
) -> dict[str, Any]:
    """Content of ``weights.json`` about one network."""
    names = [output.name for output in NETWORKS[task].outputs]

    def named(errors: dict[str, Float64]) -> dict[str, dict[str, float]]:
        return {
            kind: dict(zip(names, error.round(4).tolist(), strict=True))
            for kind, error in errors.items()
        }

    return {
        "sha256": sha256,
        "architecture": settings.architecture,
        "loss": settings.loss,
        "seed": settings.seed,
        "folds": settings.n_folds,
        "n_steps": n_steps,
        **facts,
        "n_songs": evaluation.n_songs,
        "songs": dict(sorted(sources.items())),
        "shrinkage": dict(zip(names, evaluation.shrinkage.round(2).tolist(), strict=True)),
        "held_out_error": named(evaluation.errors),
        "held_out_error_by_source": {
            source: named(table) for source, table in evaluation.by_source.items()
        },
    }
