"""A training as a separate task, which runs in any process and whose result is saved.

In each fold, three sets of songs are used: a network is fitted to the first set, the second set
determines when training stops, and the third set tests the network. Before the test, the network
for the equaliser is fitted a second time, with the same number of steps. The second fit of the
equaliser's network also uses the songs that determine when training stops. The shipped network is
also fitted to all training and validation songs. The predictions of a training are saved in a file
that is named after a hash of everything that determines them: features and targets of the songs,
settings, random seed, and the program files in this folder. An interrupted training continues from
its checkpoint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mixing.learning.data.song_sources import read_songs
from mixing.learning.data.songs import TaughtSong
from mixing.learning.features.features import Float64
from mixing.learning.networks.networks import tensors_of
from mixing.learning.training.fitting import (
    Answers,
    Examples,
    Fit,
    FitSettings,
    ask,
    best_constant,
    fit,
)
from mixing.learning.training.rivals import rival_answers
from mixing.learning.training.trust import HeldOutSong
from mixing.learning.weight_files import Tensors, write_complete

# share of the songs that are used for validation; at least one song is used
VALIDATION_SHARE = 0.08
TAUGHT_AGAIN = ("eq",)
"""Networks that a fold fits again, together with its validation songs, before the test."""


@dataclass(frozen=True, slots=True)
class Training:
    """Task of a training: settings, songs to fit and to test; ``keep`` is the folder for its state.

    With ``rivals``, the simple predictors of :mod:`mixing.learning.training.rivals` are also
    tested.
    """

    sources: tuple[Path, ...]
    settings: FitSettings
    seed: int
    training: tuple[str, ...]
    validation: tuple[str, ...]
    held_out: tuple[str, ...]
    keep: Path
    rivals: bool = False

    @property
    def label(self) -> str:
        """Name of the task for a progress bar."""
        about = f" without {self.held_out[0]}" if len(self.held_out) == 1 else ""
        return f"{self.settings.task}{about}"


@dataclass(frozen=True, slots=True)
class Trained:
    """Result of a training: predictions for held-out songs, and the progress of the training.

    ``rivals`` has the scaled predictions of each simple predictor, by song.
    """

    songs: tuple[HeldOutSong, ...]
    rivals: dict[str, dict[str, Float64]]
    best_step: int
    losses: tuple[float, ...]
    validation: dict[int, float]


def folds_of(songs: Sequence[TaughtSong], n_folds: int, seed: int) -> list[tuple[str, ...]]:
    """Names of songs in random folds with nearly equal numbers of groups from each source.

    Songs of one group are in one fold, so there cannot be more folds than groups.
    """
    order = np.random.default_rng(seed).permutation(len(songs))
    groups: dict[str, list[TaughtSong]] = {}
    for i in order:
        groups.setdefault(songs[i].together, []).append(songs[i])
    dealt = sorted(groups.values(), key=lambda group: group[0].source)
    return [
        tuple(song.song for group in dealt[start::n_folds] for song in group)
        for start in range(min(n_folds, len(dealt)))
    ]


def trainings_of(folds: Sequence[tuple[str, ...]], whole: Training) -> list[Training]:
    """One training per fold: the fold's songs are for the test, some other folds validate."""
    n_songs = sum(len(fold) for fold in folds)
    trainings = []
    for i, fold in enumerate(folds):
        others = [*folds[i + 1 :], *folds[:i]]
        n_folds = 1
        while sum(map(len, others[:n_folds])) < VALIDATION_SHARE * n_songs:
            n_folds += 1
        validation = tuple(song for other in others[:n_folds] for song in other)
        training = tuple(sorted(song for other in others[n_folds:] for song in other))
        trainings.append(
            replace(whole, training=training, validation=validation, held_out=tuple(fold))
        )
    return trainings


def hold_out(training: Training) -> Trained:
    """Fit, test on the held-out songs, and save the answers. Raises the errors of :func:`fit`."""
    place = training.keep / f"{fingerprint(training)}.json"
    kept = _read(place)
    if kept is not None:
        return kept
    songs = {song.song: song for song in read_songs(training.sources).songs}
    examples = Examples(
        [songs[name] for name in training.training], [songs[name] for name in training.validation]
    )
    held_out = [songs[name] for name in training.held_out]
    task, seed = training.settings.task, training.seed
    fitted = _fit(examples, training, place)
    asked_network = fitted.network
    if task in TAUGHT_AGAIN:
        asked_network = _fit_again(examples, training, fitted.best_step, place).network
    constant = best_constant([*examples.training, *examples.validation], task)
    with threadpool_limits(1):
        asked = [ask(asked_network, song, task, seed) for song in held_out]
        rivals = rival_answers(examples, held_out, task, seed) if training.rivals else {}
    answers = [HeldOutSong(of_song, constant) for of_song in asked]
    trained = Trained(
        tuple(answers), rivals, fitted.best_step, fitted.losses, dict(fitted.validation)
    )
    write_complete(place, _as_json(trained).encode())
    for checkpoint in place.parent.glob(f"{place.stem}*.checkpoint"):
        checkpoint.unlink()
    return trained


def fit_whole(training: Training) -> tuple[Tensors, tuple[float, ...]]:
    """Tensors of the network that is fitted to all songs of a training, and its training losses."""
    songs = {song.song: song for song in read_songs(training.sources).songs}
    examples = Examples([songs[name] for name in training.training])
    fitted = _fit(examples, training, training.keep / f"{fingerprint(training)}.json")
    return tensors_of(fitted.network), fitted.losses


def _fit_again(examples: Examples, training: Training, n_steps: int, place: Path) -> Fit:
    """Fit again, also to the validation songs, with ``n_steps`` steps, like the shipped network."""
    everyone = sorted([*examples.training, *examples.validation], key=lambda song: song.song)
    again = replace(training, settings=replace(training.settings, n_steps=n_steps))
    return _fit(Examples(everyone), again, place.with_name(f"{place.stem}-again.json"))


def _fit(examples: Examples, training: Training, place: Path) -> Fit:
    training.keep.mkdir(parents=True, exist_ok=True)
    checkpoint = place.with_suffix(".checkpoint")
    with threadpool_limits(1):
        return fit(examples, training.settings, training.seed, checkpoint)


def fingerprint(training: Training) -> str:
    """Hash of 16 digits over everything that determines the result of a training."""
    decides = {
        "songs": read_songs(training.sources).fingerprint(),
        "program": _program(),
        "settings": asdict(training.settings),
        "seed": training.seed,
        "names": [training.training, training.validation, training.held_out],
        "rivals": training.rivals,
    }
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:16]


@cache
def _program() -> str:
    """Hash of all modules that take part in training, because other code can give other results."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _as_json(trained: Trained) -> str:
    """Text form of a training's result, from which all numbers can be restored exactly."""
    return json.dumps(
        {
            "songs": [
                {
                    "song": song.answers.song,
                    "source": song.answers.source,
                    "group": song.answers.together,
                    "truth": song.answers.truth.tolist(),
                    "predicted": song.answers.predicted.tolist(),
                    "constant": song.constant.tolist(),
                }
                for song in trained.songs
            ],
            "rivals": {
                rival: {song: answers.tolist() for song, answers in by_song.items()}
                for rival, by_song in trained.rivals.items()
            },
            "best_step": trained.best_step,
            "losses": trained.losses,
            "validation": trained.validation,
        }
    )


def _read(place: Path) -> Trained | None:
    """Return the result that :func:`hold_out` saved; None if it is missing or damaged."""
    try:
        content: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        songs = tuple(
            HeldOutSong(
                Answers(
                    song["song"],
                    song["source"],
                    np.array(song["truth"], dtype=np.float64),
                    np.array(song["predicted"], dtype=np.float64),
                    song["group"],
                ),
                np.array(song["constant"], dtype=np.float64),
            )
            for song in content["songs"]
        )
        rivals = {
            rival: {song: np.array(answers, dtype=np.float64) for song, answers in by_song.items()}
            for rival, by_song in content["rivals"].items()
        }
        validation = {int(step): error for step, error in content["validation"].items()}
        losses = tuple(content["losses"])
        return Trained(songs, rivals, content["best_step"], losses, validation)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
