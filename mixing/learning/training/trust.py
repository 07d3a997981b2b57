"""Selection of a network's outputs by means of held-out songs.

For each output, a factor from 0 to 1 shrinks the network's output towards the best constant. Each
factor is chosen so that the error on held-out songs is as small as possible. The factor is 0 if the
error would be reduced by less than 3 %. Every group of songs (:mod:`mixing.learning.data.groups`)
has the same weight, even if groups have different numbers of songs. With fewer than three groups,
all factors are 0. After the factors have been chosen, each column of the evaluation's table is
tested as a whole. The nine bands of the equaliser form one column. All factors of a column are set
to 0 in two cases. In the first case, the improvement of the column over the constant can be due to
chance. A one-sided t-test over groups decides whether it can be chance. The significance level is
10 % divided by the number of the network's columns. In the second case, the column is worse than
the constant for one source of songs, by more than the standard error of the difference. If the
result of the test is not clear, the constant is used as the safe choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t

from mixing.learning.features.features import Float64
from mixing.learning.features.targets import NETWORKS
from mixing.learning.training.fitting import Answers

# a network is used only if its error is at most this share of the constant predictor's error
NEEDED_GAIN = 0.97
CHANCE = 0.1  # highest probability that at least one output of a useless network is used
FEWEST_SONGS = 3  # fewest songs or groups for a decision, in total and also from one source
SHRINKAGES = np.linspace(0, 1, 21)


@dataclass(frozen=True, slots=True)
class HeldOutSong:
    """Predictions for a song, and the best constant (scaled) of the songs used for the fit."""

    answers: Answers
    constant: Float64

    def shrunk(self, shrinkage: float | Float64) -> Float64:
        """Scaled predictions (n_cases, n_outputs), shrunk towards the constant."""
        return np.asarray(self.constant + shrinkage * (self.answers.predicted - self.constant))

    def error(self, shrinkage: float | Float64, task: str) -> Float64:
        """Mean absolute error of each output in its unit, (n_outputs,)."""
        return natural_error(self.shrunk(shrinkage), self.answers.truth, task)


def natural_error(predicted: Float64, truth: Float64, task: str) -> Float64:
    """Mean absolute error of each output over the cases of a song, in the unit of the output."""
    network = NETWORKS[task]
    difference = network.to_natural(predicted) - network.to_natural(truth)
    return np.asarray(np.abs(difference).mean(axis=0))


def trusted_shrinkage(songs: Sequence[HeldOutSong], task: str) -> Float64:
    """Factor of each output, (n_outputs,), with the smallest error; 0 if improvement is uncertain.

    With fewer than three songs or groups, all factors are 0, because there is not enough data for a
    decision.
    """
    n_outputs = len(NETWORKS[task].outputs)
    if len(songs) < FEWEST_SONGS:
        return np.zeros(n_outputs)
    by_song = np.array([[song.error(factor, task) for song in songs] for factor in SHRINKAGES])
    groups = np.array([song.answers.together for song in songs])
    errors = np.stack([by_song[:, groups == name].mean(axis=1) for name in np.unique(groups)], 1)
    best = np.argmin(errors.mean(axis=1), axis=0)
    shrunk = np.take_along_axis(errors, best[None, None, :], axis=0)[0]  # (n_groups, n_outputs)
    worth = shrunk.mean(axis=0) <= NEEDED_GAIN * errors[0].mean(axis=0)
    gain = np.where(worth, errors[0] - shrunk, 0.0)
    columns = columns_of(task)
    source_of = {song.answers.together: song.answers.source for song in songs}
    of_group = np.array([source_of[name] for name in np.unique(groups)])
    chance = CHANCE / len(columns)
    if of_group.size < FEWEST_SONGS:
        return np.zeros(n_outputs)
    for column in columns:
        if not _is_sure(gain[:, column].mean(axis=1), of_group, chance):
            worth[column] = False
    return np.where(worth, SHRINKAGES[best], 0.0)


def columns_of(task: str) -> list[list[int]]:
    """Outputs that are tested together: all bands of the equaliser, or each output separately."""
    n_outputs = len(NETWORKS[task].outputs)
    return [list(range(n_outputs))] if task == "eq" else [[i] for i in range(n_outputs)]


def _is_sure(gain: Float64, sources: npt.NDArray[np.str_], chance: float) -> bool:
    """Whether improvements (n_groups,) are significant and no source of songs becomes worse."""
    if gain.mean() <= max(0.0, t.ppf(1 - chance, gain.size - 1) * _standard_error(gain)):
        return False
    by_source = [gain[sources == source] for source in set(sources.tolist())]
    return all(own.mean() >= -_standard_error(own) for own in by_source if own.size >= FEWEST_SONGS)


def _standard_error(gain: Float64) -> float:
    return float(gain.std(ddof=1) / np.sqrt(gain.size))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Held-out errors of a task in the outputs' units, and the shrinkage of the shipped network.

    ``errors`` has four rows, one for each kind of prediction. ``network`` is the network without
    shrinkage. For ``ships``, the outputs were selected on all held-out songs, so the error of
    ``ships`` is slightly too small. For ``shrunk``, the outputs were selected on the songs of the
    other folds. ``constant`` is the constant predictor that is best for the songs used for the fit.
    Each row has the mean absolute error of every output; all groups have equal weights.
    ``by_source`` has the same four rows for each source of songs; every song has the same weight.
    """

    errors: dict[str, Float64]
    by_source: dict[str, dict[str, Float64]]
    shrinkage: Float64
    n_songs: int


def evaluate(folds: Sequence[Sequence[HeldOutSong]], task: str) -> Evaluation:
    """Errors of the network, the shrunk network and the constant, all on held-out songs."""
    everyone = [song for fold in folds for song in fold]
    ships = trusted_shrinkage(everyone, task)
    rows: dict[str, dict[str, list[Float64]]] = {}
    of_groups: dict[str, dict[str, list[Float64]]] = {}
    for fold, trust in zip(folds, shrinkage_by_fold(folds, task), strict=True):
        factors: dict[str, float | Float64] = {
            "network": 1.0, "ships": ships, "shrunk": trust, "constant": 0.0,
        }  # fmt: skip
        for song in fold:
            of_source = rows.setdefault(song.answers.source, {kind: [] for kind in factors})
            group = of_groups.setdefault(song.answers.together, {kind: [] for kind in factors})
            for kind, factor in factors.items():
                error = song.error(factor, task)
                of_source[kind].append(error)
                group[kind].append(error)
    by_source = {
        source: {kind: np.mean(errors, axis=0) for kind, errors in table.items()}
        for source, table in rows.items()
    }
    means = {
        kind: np.mean([np.mean(group[kind], axis=0) for group in of_groups.values()], axis=0)
        for kind in ("network", "ships", "shrunk", "constant")
    }
    return Evaluation(means, by_source, ships, len(everyone))


def shrinkage_by_fold(folds: Sequence[Sequence[HeldOutSong]], task: str) -> list[Float64]:
    """For each fold, the shrinkage determined by all other folds."""
    return [
        trusted_shrinkage([s for j, fold in enumerate(folds) if j != i for s in fold], task)
        for i in range(len(folds))
    ]
