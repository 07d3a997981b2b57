"""Strengths of systems in a fitted choice model: standard errors, omnibus test, groups.

**Conventions.** Strengths are log odds; the mean of all strengths is zero. The answers of a
listener are not independent. The standard errors are therefore computed from the scores of the
listeners, with the sandwich estimator times G / (G - 1) for G listeners. The t tests have G - 1
degrees of freedom. The omnibus test is Hotelling's form of the clustered Wald test. The statistic
is F = W (G - q) / ((G - 1) q), with q and G - q degrees of freedom; W is Wald's statistic, and q is
the number of free strengths. All results hold only for the songs of the study and for listeners
like those of the study.

In reading order: `ModelStrengths`, `estimate`, `is_any_different`, `between_groups`.

References
----------
.. [1] Liang & Zeger (1986), Longitudinal data analysis using generalized linear models.
.. [2] Hotelling (1931), The generalization of Student's ratio.
.. [3] Ernst (2004), Permutation methods: a basis for exact inference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.choices.choice_model import Fitted, Floats, Ints
from analysis.statistics.estimable import NotEstimableError

LEVEL = 0.95
N_PERMUTATIONS = 9999
ALIKE = 1e-6
"""Scores below this number of choices count as zero, because the fit is not more precise."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its standard error and interval; p is the two-sided test against zero."""

    value: float
    se: float
    ci_low: float
    ci_high: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class Omnibus:
    """Test of the hypothesis that all strengths are equal."""

    f: float
    df: int
    df_error: int
    p: float


@dataclass(frozen=True, slots=True)
class GroupTest:
    """Permutation test of the hypothesis that all groups have the same strengths."""

    statistic: float
    p: float
    n_permutations: int


@dataclass(frozen=True, slots=True)
class ModelStrengths:
    """Fitted strengths of systems; the first coefficients belong to all systems except the last.

    ``contrasts`` is the matrix that computes strengths from coefficients, shape (n_systems,
    n_coefficients). ``covariance`` is the covariance matrix of the coefficients; it allows answers
    of the same listener to be correlated.
    """

    systems: tuple[str, ...]
    model: Fitted
    contrasts: Floats
    covariance: Floats

    @property
    def values(self) -> Floats:
        """Strengths with mean zero, in the order of the systems."""
        return np.asarray(self.contrasts @ self.model.theta)

    def strength(self, system: str) -> Estimate:
        """Strength of a system minus the mean strength of all systems."""
        return self.of(self.contrasts[self.systems.index(system)])

    def difference(self, a: str, b: str) -> Estimate:
        """Strength of a minus strength of b: the log odds that a is chosen over b."""
        return self.of(
            self.contrasts[self.systems.index(a)] - self.contrasts[self.systems.index(b)]
        )

    def of(self, row: Floats) -> Estimate:
        """Estimate of a linear combination of the coefficients."""
        return estimate(row, self.model, self.covariance)


def model_strengths(systems: Sequence[str], model: Fitted) -> ModelStrengths:
    """Strengths from a model whose first coefficients belong to all systems except the last.

    Raises
    ------
    NotEstimableError
        The model has only one listener.
    """
    k, q = len(systems), len(model.theta)
    contrasts = np.zeros((k, q))
    contrasts[: k - 1, : k - 1] = np.eye(k - 1)
    contrasts -= contrasts.mean(axis=0)
    return ModelStrengths(tuple(systems), model, contrasts, clustered_covariance(model))


def clustered_covariance(model: Fitted) -> Floats:
    """Covariance of the coefficients, if answers of the same listener can be correlated.

    Raises
    ------
    NotEstimableError
        The model has only one listener, or all listeners have the same scores.
    """
    n = model.n_listeners
    if n < 2:
        raise NotEstimableError("There is only one participant, so there is no interval.")
    # if all scores are near zero, the standard errors are only rounding errors
    if np.abs(model.scores).max() < ALIKE:
        raise NotEstimableError("All participants answered alike, so there is no interval.")
    bread = np.linalg.inv(model.information)
    return np.asarray(n / (n - 1) * bread @ (model.scores.T @ model.scores) @ bread)


def estimate(row: Floats, model: Fitted, covariance: Floats) -> Estimate:
    """Estimate of a linear combination of coefficients; its error is clustered by listener.

    Parameters
    ----------
    row
        Weight of each coefficient in the combination.
    model, covariance
        As `clustered_covariance` has them.
    """
    value, se = float(row @ model.theta), float(np.sqrt(max(0.0, float(row @ covariance @ row))))
    df = model.n_listeners - 1
    half = float(stats.t.ppf((1 + LEVEL) / 2, df)) * se
    p = float(2 * stats.t.sf(abs(value) / se, df)) if se > 0 else float("nan")
    return Estimate(value, se, value - half, value + half, df, p)


def is_any_different(found: ModelStrengths) -> Omnibus:
    """Test of the hypothesis that all strengths are equal.

    Raises
    ------
    NotEstimableError
        There are not more listeners than free strengths.
    """
    q, n = len(found.systems) - 1, found.model.n_listeners
    covariance = found.covariance[:q, :q]
    if n <= q or np.linalg.matrix_rank(covariance, hermitian=True) < q:
        raise NotEstimableError(
            f"A test of {q + 1} systems together needs more than {q} participants whose answers "
            f"differ."
        )
    theta = found.model.theta[:q]
    wald = float(theta @ np.linalg.solve(covariance, theta))
    f = wald * (n - q) / ((n - 1) * q)
    return Omnibus(f, q, n - q, float(stats.f.sf(f, q, n - q)))


def between_groups(found: ModelStrengths, groups: Sequence[str], seed: int) -> GroupTest:
    """Permutation test of the hypothesis that listener groups have the same strengths.

    Parameters
    ----------
    found
        Strengths of all listeners together.
    groups
        Group of each listener, in the order of the listeners.
    seed
        Of the permutations.

    Returns
    -------
    GroupTest
        ``statistic`` is the sum over groups of S' V^-1 S / n. S is the sum of the efficient scores
        (for the strengths, at the common estimate) of the group's n listeners. V is the covariance
        of these scores over all listeners. The groups are not used to estimate the strengths.
        The permutation test, which permutes the listeners, is therefore exact.

    Raises
    ------
    NotEstimableError
        There are fewer than two groups that have at least two listeners each.
    """
    names, who = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    if len(names) < 2 or np.bincount(who).min() < 2:
        raise NotEstimableError("There are fewer than two groups with two participants or more.")
    scores = _efficient_scores(found)
    white = scores @ _root_of_inverse(scores.T @ scores / len(scores))
    rng, here = np.random.default_rng(seed), np.arange(len(white))
    observed = float(_apart(white[None], who)[0])
    as_far = 0
    for n in _blocks(N_PERMUTATIONS):
        drawn = rng.permuted(np.tile(here, (n, 1)), axis=1)
        as_far += int(np.sum(_apart(white[drawn], who) >= observed * (1 - 1e-9)))
    return GroupTest(observed, (as_far + 1) / (N_PERMUTATIONS + 1), N_PERMUTATIONS)


def _blocks(n: int, block: int = 500) -> Iterator[int]:
    """Sizes of the blocks into which n elements are divided."""
    yield from (min(block, n - start) for start in range(0, n, block))


def _apart(rows: Floats, who: Ints) -> Floats:
    """Sum over the groups of (squared sum / group size), for each permutation of the rows."""
    found = [
        np.sum(rows[:, who == group].sum(axis=1) ** 2, axis=1) / np.sum(who == group)
        for group in range(int(who.max()) + 1)
    ]
    return np.asarray(np.sum(found, axis=0))


def _efficient_scores(found: ModelStrengths) -> Floats:
    """Scores for the strengths; the effect of the other coefficients is removed."""
    q, model = len(found.systems) - 1, found.model
    own, rest = model.scores[:, :q], model.scores[:, q:]
    if not rest.shape[1]:
        return own
    return np.asarray(
        own - rest @ np.linalg.solve(model.information[q:, q:], model.information[q:, :q])
    )


def _root_of_inverse(matrix: Floats) -> Floats:
    """Square root of the inverse covariance; directions without variance are left out."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > 1e-10 * max(float(values.max()), 1e-300)
    return np.asarray(vectors[:, kept] / np.sqrt(values[kept]))
