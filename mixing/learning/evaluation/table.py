"""The table of Li (2022) for held-out songs, in numbers and in words.

Errors are mean absolute errors for each song; every group of songs has the same weight. Confidence
intervals (95 %) are bootstrapped over groups of songs. A song that shares its singer and artist
with no other song is a group of its own. The difference from the best constant is computed for each
song, before the bootstrap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mixing.learning.evaluation.evaluate import CAUTIOUS, CNN, CONSTANT, NETWORK, SongAnswers
from mixing.learning.evaluation.published_table import COLUMNS, Column
from mixing.learning.features.features import Float64
from mixing.learning.features.targets import NETWORKS
from mixing.learning.training.trust import natural_error

N_DRAWS = 2000
INTERVAL = (2.5, 97.5)
_NOTHING = 1e-5
# Differences below this share of the constant predictor's error count as 0, because weights are
# rounded to float32.
_EQUAL = 1e-4

AllAnswers = Mapping[str, Sequence[SongAnswers]]


def table_of(answers: AllAnswers, seed: int) -> pd.DataFrame:
    """Errors of all predictors in all columns with targets; one row per error.

    The columns are ``column, unit, predictor, n_songs, n_groups, mae, mae_low, mae_high``, the
    ratio to the best constant (``ratio``), the difference from the best constant and its interval
    (``difference, difference_low, difference_high``; negative values are better), and the
    ``target`` ratio.
    """
    rows = []
    for column in COLUMNS:
        if column.task not in answers:
            continue
        errors = song_errors(answers[column.task], column)
        constant = errors[CONSTANT]
        draw = _Draws([song.together for song in answers[column.task]], seed)
        constant_mae = draw.mean(constant)
        for predictor, by_song in errors.items():
            mae = draw.mean(by_song)
            low, high = np.percentile(draw.means(by_song), INTERVAL)
            difference = by_song - constant
            differences = np.percentile(draw.means(difference), INTERVAL)
            rows.append(
                {
                    "column": column.name,
                    "unit": column.unit,
                    "predictor": predictor,
                    "n_songs": by_song.size,
                    "n_groups": draw.n_groups,
                    "mae": mae,
                    "mae_low": low,
                    "mae_high": high,
                    "ratio": mae / constant_mae if constant.any() else np.nan,
                    "difference": draw.mean(difference),
                    "difference_low": differences[0],
                    "difference_high": differences[1],
                    "target": np.nan if column.target is None else column.target,
                }
            )
    return pd.DataFrame(rows)


class _Draws:
    """Bootstrap samples of groups with equal weights; a song without a group is its own group."""

    def __init__(self, groups: Sequence[str], seed: int) -> None:
        names, self._group = np.unique(np.array(groups), return_inverse=True)
        # groups are numbered in the order of their first songs, so that their names do not change
        # the random draws
        first = np.array([list(self._group).index(i) for i in range(names.size)])
        self._group = np.argsort(np.argsort(first))[self._group]
        self.n_groups = names.size
        rng = np.random.default_rng([seed, names.size])
        self._drawn = rng.integers(names.size, size=(N_DRAWS, names.size))

    def means(self, by_song: Float64) -> Float64:
        """Mean over the groups in each bootstrap sample, shape (N_DRAWS,)."""
        return np.asarray(self._by_group(by_song)[self._drawn].mean(axis=1))

    def mean(self, by_song: Float64) -> float:
        """Mean over all groups of songs."""
        return float(self._by_group(by_song).mean())

    def _by_group(self, by_song: Float64) -> Float64:
        return np.bincount(self._group, weights=by_song) / np.bincount(self._group)


def group_table(answers: AllAnswers) -> pd.DataFrame:
    """Errors of shipped networks and best constant in each column, one row per group of songs.

    The columns are ``column, unit, group, n_songs, mae, constant_mae`` and ``ratio``. A ratio above
    1 means that the network is worse than the constant for this group. ``fitted_mae`` is the error
    of the network as fitted, if a network was fitted.
    """
    rows = []
    for column in COLUMNS:
        songs = answers.get(column.task, ())
        if not songs:
            continue
        errors = song_errors(songs, column)
        groups = np.array([song.together for song in songs])
        for name in sorted(set(groups.tolist())):
            ours, constant = (errors[kind][groups == name].mean() for kind in (CNN, CONSTANT))
            rows.append(
                {
                    "column": column.name,
                    "unit": column.unit,
                    "group": name,
                    "n_songs": int((groups == name).sum()),
                    "mae": ours,
                    "constant_mae": constant,
                    "ratio": ours / constant if constant else np.nan,
                    "fitted_mae": errors.get(NETWORK, np.full(groups.size, np.nan))[
                        groups == name
                    ].mean(),
                }
            )
    return pd.DataFrame(rows)


def song_errors(answers: Sequence[SongAnswers], column: Column) -> dict[str, Float64]:
    """Error of each predictor for each song, shape (n_songs,), in the column's unit."""
    return {
        name: np.array(
            [
                column.error(natural_error(song.predicted[name], song.truth, column.task))
                for song in answers
            ]
        )
        for name in answers[0].predicted
    }


def answers_table(answers: AllAnswers) -> pd.DataFrame:
    """One row per output and case: ``network, output, song, source, case, truth``, predictors."""
    parts = []
    for task, songs in answers.items():
        network = NETWORKS[task]
        for song in songs:
            truth = network.to_natural(song.truth)
            predicted = {name: network.to_natural(p) for name, p in song.predicted.items()}
            for i, output in enumerate(network.outputs):
                facts = {"network": task, "output": output.name, "song": song.song}
                part = {
                    **facts,
                    "source": song.source,
                    "case": np.arange(1, len(truth) + 1),
                    "truth": truth[:, i],
                    **{f"{name}": values[:, i] for name, values in predicted.items()},
                }
                parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def in_words(table: pd.DataFrame) -> list[str]:
    """One sentence per column: the network is better than the best constant, worse, or not used."""
    sentences = []
    for name in table["column"].unique():
        own = table[table["column"] == name]
        sentences.append(_verdict(name, {row["predictor"]: row for _, row in own.iterrows()}))
    return sentences


def _verdict(name: str, rows: Mapping[str, pd.Series[Any]]) -> str:
    """Sentence about one column, from the rows of this column, which are indexed by predictor."""
    cnn, constant = rows[CNN], rows[CONSTANT]
    network = rows.get(NETWORK, constant)
    unit = f" {cnn['unit']}" if cnn["unit"] else ""
    against = f"{number(cnn['mae'])} against {number(constant['mae'])}{unit}"
    nothing = _EQUAL * max(constant["mae"], 0.01)
    if abs(cnn["difference"]) < nothing:
        answer = f"{number(constant['mae'])}{unit}"
        sentence = f"{name}: switched off, answers with the best constant ({answer})"
        if network["difference"] > nothing:
            sentence += f"; as fitted, the network LOSES to it ({number(network['mae'])})"
    elif cnn["difference"] > 0:
        sentence = f"{name}: LOSES to the best constant, {against}{_sureness(cnn)}"
    else:
        sentence = f"{name}: beats the best constant, {against}{_sureness(cnn)}"
        if CAUTIOUS in rows and rows[CAUTIOUS]["difference"] > nothing:
            cautious = number(rows[CAUTIOUS]["mae"])
            sentence += f", but LOSES to it where trust is decided without the song ({cautious})"
    if np.isfinite(cnn["target"]) and np.isfinite(cnn["ratio"]):
        reached = "reached" if cnn["ratio"] <= cnn["target"] else "NOT reached"
        sentence += f"; wanted {cnn['target']:.2f} of it, {reached}: {cnn['ratio']:.3f}"
    return sentence


def _sureness(row: pd.Series[Any]) -> str:
    """Confidence interval of the difference, and whether the difference can be due to chance."""
    chance = "" if row["difference_low"] * row["difference_high"] > 0 else ": may be chance"
    return (
        f" (difference {row['difference']:+.2g}, 95 % interval {row['difference_low']:+.2g} to "
        f"{row['difference_high']:+.2g}{chance})"
    )


def number(value: float) -> str:
    """Number with three significant digits, never with an exponent."""
    if abs(value) < _NOTHING:
        return "0"
    return f"{value:.0f}" if abs(value) >= 100 else f"{float(f'{value:.3g}'):g}"
