"""Evaluation of networks and of simple predictors.

Each song is held out once, together with the other songs of its group.

Predictors
----------
``cnn``: with the outputs that all available songs would select; one or two of these decisions
depend on the reported songs, so that the error is slightly too small. ``cnn, decided without the
song``: the other songs decide which outputs of the networks are used. ``cnn as fitted``: all
outputs are used. ``best constant``: the median over the songs used for fitting (for the equaliser,
0 dB). ``zero``: no equaliser. ``li2022's constants``: the values that the baseline of Li (2022)
always uses. ``ridge``, ``mlp``: :mod:`mixing.learning.training.rivals`. Their errors:
:mod:`mixing.learning.evaluation.table`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mixing.audio import AudioError
from mixing.learning.data.song_sources import LearningSongs, read_songs
from mixing.learning.evaluation.published_table import li2022_constants
from mixing.learning.features.features import Float64
from mixing.learning.features.targets import NETWORKS
from mixing.learning.training.fitting import Answers, best_constant, truths_of
from mixing.learning.training.held_out import Trained, Training, folds_of, hold_out, trainings_of
from mixing.learning.training.rivals import RIVALS
from mixing.learning.training.train import Progress, TrainSettings, in_turn, teaching
from mixing.learning.training.trust import HeldOutSong, shrinkage_by_fold, trusted_shrinkage

CNN, CAUTIOUS, NETWORK, CONSTANT, ZERO, LI2022 = (
    "cnn", "cnn, decided without the song", "cnn as fitted", "best constant", "zero",
    "li2022's constants",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SongAnswers:
    """True values for a song, and all predictors' scaled predictions, each (n_cases, n_outputs)."""

    song: str
    source: str
    truth: Float64
    predicted: dict[str, Float64]
    group: str = ""

    @property
    def together(self) -> str:
        """Name of the song's group; a song without a group name is a group of its own."""
        return self.group or self.song


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Results of an evaluation: predictions by task, faults of songs, and tasks without a network.

    ``not_taught`` gives the reason for each task for which no network could be fitted. For a task
    in ``not_taught``, only constants are tested, and only if the songs form at least two groups.
    """

    answers: dict[str, tuple[SongAnswers, ...]]
    problems: dict[str, str]
    not_taught: dict[str, str]


def evaluate_songs(
    sources: Sequence[Path],
    keep: Path,
    executor: Executor,
    settings: TrainSettings,
    on_progress: Callable[[Progress], None] | None = None,
) -> Evaluated:
    """Hold out each song (or fold of songs) once, and test all predictors on the held-out songs.

    Parameters
    ----------
    keep
        Folder in which the predictions of each fold are stored; stored predictions are not computed
        again.
    settings
        With ``n_folds`` 0, each group of songs is held out separately.

    Raises
    ------
    AudioError
        No network has four or more songs for training, or a process died. The predictions of
        finished folds are kept.
    """
    songs = read_songs(tuple(sources))
    everyone = LearningSongs(songs.songs, frozenset(), songs.problems)
    folds: dict[str, list[Training]] = {}
    not_taught: dict[str, str] = {}
    constants: dict[str, tuple[SongAnswers, ...]] = {}
    for task in NETWORKS:
        try:
            teachers = teaching(everyone, task)
        except AudioError as error:
            not_taught[task] = str(error)
            constants[task] = _by_constants(everyone, task, settings.seed)
            continue
        n_groups = len({song.together for song in teachers})
        n_folds = min(settings.n_folds or n_groups, n_groups)
        whole = Training(
            tuple(sources),
            settings.fit_settings(task),
            settings.seed,
            (),
            (),
            (),
            keep,
            rivals=True,
        )
        folds[task] = trainings_of(folds_of(teachers, n_folds, settings.seed), whole)
    if not folds:
        raise AudioError(not_taught["eq"])
    results = _run(executor, folds, on_progress)
    fitted = {task: _answers(results[task], task) for task in folds}
    both = {**fitted, **constants}
    answers = {task: both[task] for task in NETWORKS if both.get(task)}
    return Evaluated(answers, songs.problems, not_taught)


def _run(
    executor: Executor,
    folds: dict[str, list[Training]],
    on_progress: Callable[[Progress], None] | None,
) -> dict[str, list[Trained]]:
    """Results of every fold by task, in the order of the folds."""
    trainings = [training for of_task in folds.values() for training in of_task]
    done: dict[Training, Trained] = {}
    if on_progress is not None:
        on_progress(Progress(0, len(trainings), ""))
    for training, trained in in_turn(executor, hold_out, trainings):
        done[training] = trained
        if on_progress is not None:
            on_progress(Progress(len(done), len(trainings), training.label))
    return {task: [done[training] for training in of_task] for task, of_task in folds.items()}


def _answers(folds: Sequence[Trained], task: str) -> tuple[SongAnswers, ...]:
    """Predictions of all predictors for each song; the songs are sorted by name."""
    by_fold = shrinkage_by_fold([fold.songs for fold in folds], task)
    trust = trusted_shrinkage([song for fold in folds for song in fold.songs], task)
    found = []
    for fold, without in zip(folds, by_fold, strict=True):
        for song in fold.songs:
            others = {name: fold.rivals[name][song.answers.song] for name in RIVALS}
            others[CAUTIOUS] = song.shrunk(without)
            found.append(song_answers(song, trust, task, others))
    return tuple(sorted(found, key=lambda answers: answers.song))


def _by_constants(songs: LearningSongs, task: str, seed: int) -> tuple[SongAnswers, ...]:
    """For each song, the constant that fits the other groups best; empty without other groups.

    If no network was fitted, the constant counts as the prediction of the shipped network.
    """
    teachers = [song for song in songs.songs if song.teaches(task)]
    found = []
    for song in teachers:
        others = [other for other in teachers if other.together != song.together]
        if not others:
            return ()
        constant = best_constant(others, task)
        truth = NETWORKS[task].to_scaled(truths_of(song, task, seed))
        said = np.broadcast_to(constant, truth.shape)
        held = HeldOutSong(Answers(song.song, song.source, truth, said, song.together), constant)
        told = song_answers(held, np.zeros(constant.size), task, {CAUTIOUS: said})
        predicted = {name: answer for name, answer in told.predicted.items() if name != NETWORK}
        found.append(replace(told, predicted=predicted))
    return tuple(sorted(found, key=lambda answers: answers.song))


def song_answers(
    song: HeldOutSong, shrinkage: Float64, task: str, others: dict[str, Float64]
) -> SongAnswers:
    """Predictions for a song: by the network (as shipped), by constants and by other predictors."""
    predicted = {
        CNN: song.shrunk(shrinkage),
        CONSTANT: song.shrunk(0.0),
        **others,
        NETWORK: song.answers.predicted,
        LI2022: np.broadcast_to(li2022_constants(task), song.answers.truth.shape),
    }
    if task == "eq":
        zero = NETWORKS[task].to_scaled(np.zeros(song.answers.truth.shape[1]))
        predicted[ZERO] = np.broadcast_to(zero, song.answers.truth.shape)
    answers = song.answers
    return SongAnswers(answers.song, answers.source, answers.truth, predicted, answers.together)
