"""Bias and inconsistency of listeners; quality of stimuli without these two (ITU-T P.913).

**Conventions.** In the model of Li et al., a vote of listener i on stimulus j is quality plus bias
plus noise: x = q_j + b_i + v_i e. The standard deviation v_i of the noise is the listener's
inconsistency. The maximum of the likelihood is found by alternating projection. Inconsistency is
the standard deviation of the residuals. Quality is the weighted mean of votes minus biases, with
the weights 1/v^2. Bias is the mean difference between a listener's votes and the quality. The steps
of the fit are repeated until the qualities stay the same. The mean bias of all listeners is 0. The
results of the model are valid only for the stimuli that were rated. The intervals treat the
estimated inconsistencies as if they were known.

References
----------
.. [1] ITU-T P.913 (06/2021), clause 12.6: recovery of quality, subject bias and inconsistency.
.. [2] Li, Bampis, Krasula, Janowski & Katsavounidis (2020), A simple model for subject behavior in
   subjective experiments, Human Vision and Electronic Imaging.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.findings.described import (
    ListenerHabit,
    StimulusQuality,
    SubjectModel,
    SystemQuality,
)
from analysis.statistics.estimable import NotEstimableError

MOST_ROUNDS = 1000
STANDSTILL = 1e-8
"""The rounds end if the qualities change by less than this (Euclidean length of all changes)."""
LEAST_VARIANCE = 1e-8
"""Added to a listener's variance, so that no listener has an infinite weight."""
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Recovered:
    """Results: ``quality`` of each stimulus, ``bias`` and ``inconsistency`` of each listener."""

    quality: NDArray[np.float64]
    bias: NDArray[np.float64]
    inconsistency: NDArray[np.float64]
    n_rounds: int
    converged: bool


def recover(
    votes: NDArray[np.float64], stimulus: NDArray[np.intp], listener: NDArray[np.intp]
) -> Recovered:
    """Quality, bias and inconsistency by maximum likelihood.

    Parameters
    ----------
    votes
        Votes, shape (n,); a listener can have no vote or several votes on a stimulus.
    stimulus, listener
        Number of the stimulus and of the listener of each vote, from 0, shape (n,).

    Raises
    ------
    NotEstimableError
        Fewer than two listeners voted, or fewer than two stimuli have votes.
    """
    if stimulus.max() < 1 or listener.max() < 1:
        raise NotEstimableError(
            "The biases cannot be estimated: two listeners and two stimuli are needed."
        )
    n_of, n_by = np.bincount(stimulus), np.bincount(listener)
    quality: NDArray[np.float64] = np.bincount(stimulus, weights=votes) / n_of
    bias = np.bincount(listener, weights=votes - quality[stimulus]) / n_by
    inconsistency = np.zeros(len(bias))
    n_rounds, converged = 0, False
    while n_rounds < MOST_ROUNDS and not converged:
        n_rounds, before = n_rounds + 1, quality
        rest = votes - quality[stimulus] - bias[listener]
        inconsistency = _spread(rest, listener, n_by)
        weight = (1.0 / (inconsistency**2 + LEAST_VARIANCE))[listener]
        weighted = np.bincount(stimulus, weights=weight * (votes - bias[listener]))
        quality = weighted / np.bincount(stimulus, weights=weight)
        bias = np.bincount(listener, weights=votes - quality[stimulus]) / n_by
        converged = bool(np.linalg.norm(before - quality) < STANDSTILL)
    middle = float(bias.mean())
    return Recovered(quality + middle, bias - middle, inconsistency, n_rounds, converged)


def _spread(
    rest: NDArray[np.float64], listener: NDArray[np.intp], n_by: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Standard deviation (ddof 0) of each listener's residuals."""
    own = rest - (np.bincount(listener, weights=rest) / n_by)[listener]
    return np.asarray(np.sqrt(np.bincount(listener, weights=own**2) / n_by))


def subject_model(rows: pd.DataFrame) -> SubjectModel:
    """Section `subject_model` of the findings (see docs/results.md).

    Parameters
    ----------
    rows
        Rows with ratings of one attribute; a stimulus is a song in the mix of one system.

    Raises
    ------
    NotEstimableError
        As :func:`recover`.
    """
    keys = pd.MultiIndex.from_frame(rows[["system", "song"]])
    stimulus, stimuli = pd.factorize(keys, sort=True)
    listener, people = pd.factorize(rows["participant"], sort=True)
    votes = rows["rating"].to_numpy(dtype=float)
    found = recover(votes, stimulus, listener)
    n_of, n_by = np.bincount(stimulus), np.bincount(listener)
    plain = np.bincount(stimulus, weights=votes) / n_of
    z = float(stats.norm.ppf(0.5 + LEVEL / 2))
    with np.errstate(divide="ignore"):
        precision = np.bincount(stimulus, weights=1.0 / found.inconsistency[listener] ** 2)
    half_quality = z / np.sqrt(precision)
    half_bias = z * found.inconsistency / np.sqrt(n_by)
    low, high = (
        found.inconsistency * np.sqrt(n_by / stats.chi2.ppf(share, n_by))
        for share in (0.5 + LEVEL / 2, 0.5 - LEVEL / 2)
    )
    qualities = [
        StimulusQuality(
            str(system), str(song), int(n_of[j]), float(plain[j]), q := float(found.quality[j]),
            q - float(half_quality[j]), q + float(half_quality[j]),
        )
        for j, (system, song) in enumerate(stimuli)
    ]  # fmt: skip
    habits = [
        ListenerHabit(
            str(who), int(n_by[i]), b := float(found.bias[i]), b - float(half_bias[i]),
            b + float(half_bias[i]), float(found.inconsistency[i]), float(low[i]), float(high[i]),
        )
        for i, who in enumerate(people)
    ]  # fmt: skip
    return SubjectModel(
        n_rounds=found.n_rounds,
        converged=found.converged,
        systems=_by_system(qualities),
        stimuli=qualities,
        listeners=habits,
    )


def _by_system(qualities: list[StimulusQuality]) -> list[SystemQuality]:
    """Mean quality of a system over its songs; all songs have the same weight."""
    names = dict.fromkeys(each.system for each in qualities)
    found = []
    for name in names:
        own = [each.quality for each in qualities if each.system == name]
        found.append(SystemQuality(name, len(own), float(np.mean(own))))
    return found
