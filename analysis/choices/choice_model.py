"""Conditional logit model for paired choices, rankings and choices of the best system.

**Conventions.** A *set* contains the alternatives of one choice; each alternative has one row of
features. The probability that an alternative with the features x is chosen is exp(x theta) / (sum
of exp(x theta) over its set). Sets that have the same features are stored only once. An answer
consists of a set, the chosen alternative, the listener, and a count. The numbers of the listeners
begin at 0.

In reading order: `Choices`, `strength_features`, `fitted`, `Fitted`.

References
----------
.. [1] McFadden (1974), Conditional logit analysis of qualitative choice behavior.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.special import softmax

from analysis.statistics.estimable import NotEstimableError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_N_STEPS = 200
_SMALL = 1e-11
"""The first Newton step below this value is the last step."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Answers of listeners to sets of alternatives.

    Attributes
    ----------
    features
        Features of the alternatives, shape (n_sets, n_alternatives, n_coefficients).
    offered
        Whether an alternative exists, shape (n_sets, n_alternatives): false in the empty places of
        a set that is smaller than the largest set.
    asked, chosen, listener
        For each answer, its set, its alternative and its listener, shape (n_answers,).
    count
        How often each answer was given, shape (n_answers,).
    n_listeners
        Number of listeners, including listeners without an answer.
    """

    features: Floats
    offered: NDArray[np.bool_]
    asked: Ints
    chosen: Ints
    listener: Ints
    count: Floats
    n_listeners: int

    @property
    def n_coefficients(self) -> int:
        """Length of theta."""
        return int(self.features.shape[2])

    def counts(self) -> Floats:
        """Number of times that each alternative was chosen, shape (n_sets, n_alternatives)."""
        table = np.zeros(self.offered.shape)
        np.add.at(table, (self.asked, self.chosen), self.count)
        return table

    def without(self, column: int) -> "Choices":
        """The same answers, for a model in which one coefficient is left out."""
        return replace(self, features=np.delete(self.features, column, axis=2))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A conditional logit model at its maximum likelihood.

    Attributes
    ----------
    theta
        Coefficients.
    information
        Fisher information, shape (n_coefficients, n_coefficients).
    scores
        Score of each listener at the maximum, shape (n_listeners, n_coefficients). The scores of
        all listeners sum to 0.
    log_likelihood
        Its maximum.
    deviance, df
        Deviance from a model in which the shares in every set are free, and the number of
        parameters that this model has in addition.
    n_listeners
        Listeners who answered.
    """

    theta: Floats
    information: Floats
    scores: Floats
    log_likelihood: float
    deviance: float
    df: int
    n_listeners: int


def strength_features(k: int) -> Floats:
    """Features for k systems: each system has a strength, and the last system's strength is 0.

    Returns
    -------
    array
        Shape (k, k - 1), a system a row.
    """
    return np.eye(k, k - 1)


def fitted(choices: Choices) -> Fitted:
    """The maximum of the likelihood, found by Newton's method.

    Parameters
    ----------
    choices
        Answers.

    Raises
    ------
    NotEstimableError
        A coefficient has no finite estimate, or the effects of two coefficients cannot be
        separated.
    """
    counts = choices.counts()
    if is_separated(choices, counts):
        raise NotEstimableError(
            "Some choices can be predicted perfectly, so a strength would be infinite."
        )
    theta = np.zeros(choices.n_coefficients)
    shares, value = _shares(choices, theta), -np.inf
    for _ in range(_N_STEPS):
        score, information = _derivatives(choices, counts, shares)
        if np.linalg.matrix_rank(information, hermitian=True) < len(theta):
            raise NotEstimableError("The comparisons are not enough to estimate all strengths.")
        step = np.asarray(np.linalg.solve(information, score), dtype=float)
        theta, shares, new = _climbed(choices, counts, theta, step, value)
        if np.max(np.abs(step), initial=0.0) < _SMALL:
            break
        value = new
    _, information = _derivatives(choices, counts, shares)
    full = _log_likelihood(counts, _own_shares(counts))
    best = _log_likelihood(counts, shares)
    met = choices.offered[counts.sum(axis=1) > 0]
    df = int(met.sum() - len(met)) - len(theta)
    n_listeners = len(np.unique(choices.listener))
    scores = _scores(choices, shares)
    return Fitted(theta, information, scores, best, 2 * (full - best), df, n_listeners)


def is_separated(choices: Choices, counts: Floats | None = None) -> bool:
    """Whether there is a direction of theta in which the likelihood increases without end.

    Notes
    -----
    A direction d separates when (x_chosen - x_other) d >= 0 for every answer and alternative, and
    above 0 for one of them; a linear programme looks for it [1]_.

    References
    ----------
    .. [1] Albert & Anderson (1984), On the existence of maximum likelihood estimates in logistic
       regression models.
    """
    table = choices.counts() if counts is None else counts
    rows = [
        x[chosen] - x[other]
        for x, offered, chosen_often in zip(choices.features, choices.offered, table, strict=True)
        for chosen in np.flatnonzero(chosen_often > 0)
        for other in np.flatnonzero(offered)
        if other != chosen
    ]
    if not rows:
        return False
    gaps = np.unique(np.array(rows), axis=0)
    found = linprog(
        -gaps.sum(axis=0), A_ub=-gaps, b_ub=np.zeros(len(gaps)), bounds=(-1, 1), method="highs"
    )
    return found.status == 0 and float(gaps.sum(axis=0) @ found.x) > 1e-9


def _climbed(
    choices: Choices, counts: Floats, theta: Floats, step: Floats, value: float
) -> tuple[Floats, Floats, float]:
    """New theta and its probabilities; the likelihood is at least as high as with the old theta."""
    for _ in range(30):
        shares = _shares(choices, theta + step)
        new = _log_likelihood(counts, shares)
        if new >= value - 1e-9 * (1 + abs(new)):
            break
        step = step / 2
    return theta + step, shares, new


def _shares(choices: Choices, theta: Floats) -> Floats:
    """Probability of each alternative, shape (n_sets, n_alternatives)."""
    worth = np.where(choices.offered, choices.features @ theta, -np.inf)
    return np.asarray(softmax(worth, axis=1))


def _own_shares(counts: Floats) -> Floats:
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def _log_likelihood(counts: Floats, shares: Floats) -> float:
    chosen = counts > 0
    return float(np.sum(counts[chosen] * np.log(shares[chosen])))


def _derivatives(choices: Choices, counts: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Score and Fisher information of all answers."""
    n, x = counts.sum(axis=1), choices.features
    mean = np.einsum("sa,saq->sq", shares, x)
    score = np.einsum("sa,saq->q", counts, x) - n @ mean
    second = np.einsum("s,sa,saq,sar->qr", n, shares, x, x, optimize=True)
    return score, second - np.einsum("s,sq,sr->qr", n, mean, mean, optimize=True)


def _scores(choices: Choices, shares: Floats) -> Floats:
    """Score of each listener, shape (n_listeners, n_coefficients)."""
    mean = np.einsum("sa,saq->sq", shares, choices.features)
    each = choices.features[choices.asked, choices.chosen] - mean[choices.asked]
    scores = np.zeros((choices.n_listeners, choices.n_coefficients))
    np.add.at(scores, choices.listener, choices.count[:, None] * each)
    return scores
