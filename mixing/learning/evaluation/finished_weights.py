"""Test of trained networks on songs, in comparison with constants computed from the same songs.

Nothing is trained. For each song, the best constant is the median over the other songs of the same
set. The best constant is therefore adapted to the kind of songs that are tested. The weights can
come from training with another kind of song.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mixing.audio import AudioError
from mixing.learning.data.song_sources import LearningSongs, read_songs
from mixing.learning.data.songs import TaughtSong
from mixing.learning.evaluation.evaluate import CNN, Evaluated, SongAnswers, song_answers
from mixing.learning.features.features import Float32, Float64
from mixing.learning.features.targets import NETWORKS
from mixing.learning.networks.forward import network_answers
from mixing.learning.networks.likeness import unlike
from mixing.learning.training.fitting import Answers, best_constant, cases_of
from mixing.learning.training.train import Progress, teaching
from mixing.learning.training.trust import HeldOutSong
from mixing.learning.weight_files import (
    Tensors,
    WeightsError,
    architecture_of,
    read_index,
    read_weights,
)


def evaluate_weights(
    sources: Sequence[Path],
    folder: Path,
    seed: int,
    on_progress: Callable[[Progress], None] | None = None,
) -> Evaluated:
    """Test each network of a folder on every song that has a target for the network.

    Raises
    ------
    AudioError
        For every network, the folder contains fewer than four songs with a target.
    WeightsError
        The weights are missing or damaged, or come from another version.
    """
    networks = {task: _network(task, folder) for task in read_index(folder)["networks"]}
    songs = read_songs(tuple(sources))
    everyone = LearningSongs(songs.songs, frozenset(), songs.problems)
    answers: dict[str, tuple[SongAnswers, ...]] = {}
    not_taught: dict[str, str] = {}
    for done, (task, (tensors, architecture)) in enumerate(networks.items(), start=1):
        try:
            asked = teaching(everyone, task)
        except AudioError as error:
            not_taught[task] = str(error)
            continue
        answers[task] = tuple(
            _answers_of(song, asked, tensors, architecture, task, seed) for song in asked
        )
        if on_progress is not None:
            on_progress(Progress(done, len(networks), task))
    if not answers:
        raise AudioError(next(iter(not_taught.values())))
    return Evaluated(answers, songs.problems, not_taught)


def heard_in_training(folder: Path) -> frozenset[str]:
    """Names of the songs on which the weights of a folder were trained."""
    entries = read_index(folder)["networks"].values()
    return frozenset(song for entry in entries for song in entry.get("songs", {}))


def _network(task: str, folder: Path) -> tuple[Tensors, str]:
    if task not in NETWORKS:
        raise WeightsError(f"The weights in {folder} hold an unknown network, {task!r}.")
    return read_weights(task, folder), architecture_of(task, folder)


def _answers_of(
    song: TaughtSong,
    songs: Sequence[TaughtSong],
    tensors: Tensors,
    architecture: str,
    task: str,
    seed: int,
) -> SongAnswers:
    """Predictions for a song: shipped network, network without shrinkage, other songs' constant."""
    cases = cases_of(song, task, seed)
    blind = _asked(tensors, cases.inputs, len(cases.truth), architecture)
    trusted = tensors["constant"] + tensors["shrinkage"] * (blind - tensors["constant"])
    n_inputs = len(cases.inputs) // len(cases.truth)
    for case, (_, summary) in enumerate(cases.inputs[::n_inputs]):
        # For a song that is unlike the training songs, the network's constant value is used, as
        # in `mixtrial mix`.
        if unlike(len(song.clips), summary, tensors) is not None:
            trusted[case] = tensors["constant"]
    others = [other for other in songs if other.together != song.together]
    others = others or [other for other in songs if other is not song]
    answers = Answers(song.song, song.source, cases.truth, blind, song.together)
    held_out = HeldOutSong(answers, best_constant(others, task))
    told = song_answers(held_out, np.zeros(blind.shape[1]), task, {})
    return replace(told, predicted={**told.predicted, CNN: trusted})


def _asked(
    tensors: Tensors,
    inputs: Sequence[tuple[Float32, Float32]],
    n_cases: int,
    architecture: str,
) -> Float64:
    """Scaled predictions (n_cases, n_outputs) without shrinkage; mean over each case's clips."""
    blindly = {**tensors, "shrinkage": np.ones_like(tensors["shrinkage"])}
    try:
        answers = [network_answers(blindly, *clip, architecture) for clip in inputs]
    except (KeyError, ValueError) as error:
        raise WeightsError(f"The weights do not fit this version's networks. {error}") from error
    flat = np.asarray(answers, dtype=np.float64)
    return np.asarray(flat.reshape(n_cases, -1, flat.shape[1]).mean(axis=1))
