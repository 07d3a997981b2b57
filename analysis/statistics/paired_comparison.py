"""Paired comparisons and ABX: who wins against whom, and what is better than guessing.

**Conventions.** Wins are a square table: row beats column; a tie is half a win for each side.
Strengths are on the scale of the link (logit for Bradley-Terry, probit for Thurstone's case V),
with mean zero. The intervals of `bradley_terry` take comparisons as independent; with several per
participant they are too narrow, and `resampled_strengths` resamples whole participants.

References
----------
.. [1] Bradley & Terry (1952), Rank analysis of incomplete block designs.
.. [2] Thurstone (1927), A law of comparative judgment.
.. [3] Clopper & Pearson (1934), The use of confidence or fiducial limits.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.sparse.csgraph import connected_components

from analysis.statistics.estimable import NotEstimableError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Strengths:
    """Fitted strengths with their covariance; `deviance` and `df` test the model's fit."""

    systems: tuple[str, ...]
    values: Floats
    covariance: Floats
    link: str
    deviance: float
    df: int

    def difference(self, a: str, b: str) -> tuple[float, float, float, float]:
        """Strength of a over b: (estimate, 95 % low, 95 % high, two-sided p)."""
        row = np.zeros(len(self.systems))
        row[self.systems.index(a)], row[self.systems.index(b)] = 1.0, -1.0
        estimate, se = float(row @ self.values), float(np.sqrt(row @ self.covariance @ row))
        half = float(stats.norm.ppf(0.975)) * se
        return (
            estimate,
            estimate - half,
            estimate + half,
            float(2 * stats.norm.sf(abs(estimate / se))),
        )


_LINKS = {"logit": stats.logistic, "probit": stats.norm}


def bradley_terry(wins: ArrayLike, systems: tuple[str, ...], link: str = "logit") -> Strengths:
    """Maximum likelihood strengths of systems from paired comparisons.

    Parameters
    ----------
    wins
        Shape (k, k): how often the row's system was preferred to the column's.
    systems
        Their k names.
    link
        "logit" (Bradley-Terry) or "probit" (Thurstone, case V).

    Returns
    -------
    Strengths
        By Fisher scoring.

    Raises
    ------
    NotEstimableError
        When some systems won or lost everything against the others, so that a strength is infinite.
    """
    w = np.asarray(wins, dtype=float)
    n_parts, _ = connected_components(w > 0, directed=True, connection="strong")
    if len(w) < 2 or n_parts > 1:
        raise NotEstimableError("Some system won or lost every comparison with the others.")
    law, k = _LINKS[link], len(w)
    pairs = [(i, j) for i, j in combinations(range(k), 2) if w[i, j] + w[j, i] > 0]
    x = np.zeros((len(pairs), k))
    for row, (i, j) in enumerate(pairs):
        x[row, i], x[row, j] = 1.0, -1.0
    won = np.array([w[i, j] for i, j in pairs])
    played = np.array([w[i, j] + w[j, i] for i, j in pairs])
    beta = np.zeros(k)
    for _ in range(100):
        p, density = law.cdf(x @ beta), law.pdf(x @ beta)
        weight = played * density**2 / (p * (1 - p))
        score = x.T @ ((won - played * p) * density / (p * (1 - p)))
        covariance = np.asarray(np.linalg.pinv(x.T @ (weight[:, None] * x), hermitian=True), float)
        step = covariance @ score
        beta = beta + step
        if np.max(np.abs(step)) < 1e-12:
            break
    deviance = _deviance(won, played, law.cdf(x @ beta))
    return Strengths(tuple(systems), beta, covariance, link, deviance, len(pairs) - k + 1)


def resampled_strengths(
    wins: ArrayLike, systems: tuple[str, ...], seed: int, n_draws: int = 1000, link: str = "logit"
) -> Floats:
    """Strengths fitted to resampled participants: intervals where each compared several times.

    Parameters
    ----------
    wins
        Shape (n_participants, k, k): each participant's table of wins.
    systems
        Their k names.
    seed, n_draws
        Of the resampling of participants.
    link
        As `bradley_terry`.

    Returns
    -------
    array
        One resample a row, shape (n_kept, k); those without finite strengths are left out.

    Raises
    ------
    NotEstimableError
        As `bradley_terry`, or when most resamples have no finite strengths.
    """
    tables = np.asarray(wins, dtype=float)
    bradley_terry(tables.sum(axis=0), systems, link)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(n_draws):
        table = tables[rng.integers(0, len(tables), len(tables))].sum(axis=0)
        try:
            drawn.append(bradley_terry(table, systems, link).values)
        except NotEstimableError:
            continue
    if len(drawn) < n_draws / 2:
        raise NotEstimableError("Too few participants compared these systems for an interval.")
    return np.array(drawn)


def _deviance(won: Floats, played: Floats, p: Floats) -> float:
    lost = played - won
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(won > 0, won * np.log(won / (played * p)), 0.0)
        second = np.where(lost > 0, lost * np.log(lost / (played * (1 - p))), 0.0)
    return float(2 * np.sum(first + second))


@dataclass(frozen=True)
class Binomial:
    """Share of right answers with exact limits and the one-sided p of better than guessing."""

    share: float
    ci_low: float
    ci_high: float
    p: float


def better_than_guessing(right: int, n: int, chance: float = 0.5, level: float = 0.95) -> Binomial:
    """Exact binomial test, for example of an ABX session.

    Parameters
    ----------
    right
        Right answers.
    n
        Answers, at least one.
    chance
        Probability of a right guess.
    level
        Coverage of the two-sided limits of Clopper and Pearson.

    Returns
    -------
    Binomial
        p = P(at least so many right by guessing).

    Raises
    ------
    ValueError
        When `right` does not lie in 0..n or n is 0.
    """
    if not 0 <= right <= n or n == 0:
        raise ValueError("Right answers must lie between 0 and the number of answers.")
    tail = (1 - level) / 2
    low = float(stats.beta.ppf(tail, right, n - right + 1)) if right > 0 else 0.0
    high = float(stats.beta.ppf(1 - tail, right + 1, n - right)) if right < n else 1.0
    return Binomial(right / n, low, high, float(stats.binom.sf(right - 1, n, chance)))
