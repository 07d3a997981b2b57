"""Linear mixed model in which every system has its own residual spread.

**Conventions.** As `analysis.mixed_model.fit`, but ratings of system j have residual variance
phi_j. Newton's method on the logarithms of all variances, from the model with one residual
variance, with the derivatives of `analysis.mixed_model.equations`. A random factor whose variance
runs to zero is dropped, and taken back where a small variance would raise the likelihood.

Near an end of the scale ratings cannot spread, in its middle they can: one common residual variance
is then too large for some pairs of systems and too small for others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.mixed_model.design import Design
from analysis.mixed_model.equations import (
    Equations,
    Slopes,
    Solved,
    equations,
    slopes,
    solve,
)
from analysis.mixed_model.fit import MixedModel
from analysis.mixed_model.satterthwaite import Satterthwaite
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.threads import one_blas_thread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

VANISHING = 1e-6
"""Share of the mean residual variance below which a variance that still falls counts as zero."""
REVIVED = 1e-2
MOST_STEPS = 100
MOST_ROUNDS = 6
LONGEST_STEP = 2.0
CLOSE_ENOUGH = 1e-8


@dataclass(frozen=True)
class UnequalModel:
    """The fitted model.

    `variance` follows `design.components`, zeros included; `residual_variance` the strata.
    """

    design: Design
    variance: Floats
    residual_variance: Floats
    coefficients: Floats
    deviance: float
    active: tuple[int, ...]
    solved: Solved
    slopes: Slopes
    converged: bool

    @property
    def covariance(self) -> Floats:
        """Of the coefficients, shape (p, p)."""
        p = self.design.p
        return self.solved.g[-p:, -p:]

    def tests(self) -> Satterthwaite:
        """Tests of the model's contrasts."""
        return Satterthwaite(
            self.design,
            self.coefficients,
            self.covariance,
            list(self.slopes.covariance),
            np.asarray(2 * np.linalg.pinv(self.slopes.observed, hermitian=True)),
        )

    def predicted_effects(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Best linear unbiased predictions on slots and common levels, then their SDs."""
        at, d = self.solved, self.design
        common_n, pattern = len(d.common_of), at.of.pattern
        own_n = np.einsum("umm->um", at.b) + np.einsum("umf,umf->um", at.f @ at.g, at.f)
        alive = np.array([k in self.active for k in range(len(self.variance))])
        sd_n = np.sqrt(own_n)[pattern] * alive[d.nested_of]
        sd_c = np.sqrt(np.diag(at.g)[:common_n]) * alive[d.common_of]
        return at.nested, at.common[:common_n], sd_n, sd_c


def fit_unequal(design: Design, stratum: Integers, start: MixedModel) -> UnequalModel:
    """Restricted maximum likelihood with one residual variance a stratum.

    Parameters
    ----------
    design
        The model's design, all ratings with equal weights.
    stratum
        Of each rating, counted from 0: its system.
    start
        The same design with one residual variance.

    Raises
    ------
    NotEstimableError
        When the ratings of a stratum follow exactly from the random factors.
    """
    with one_blas_thread():
        return _fit(equations(design, stratum), start)


def _fit(of: Equations, start: MixedModel) -> UnequalModel:
    q = of.n_random
    residual = np.full(len(of.size) - q, start.residual_variance)
    log_variance = np.log(
        np.concatenate([np.maximum(start.variance, REVIVED * start.residual_variance), residual])
    )
    active = np.array(start.active, dtype=np.int64)
    for _ in range(MOST_ROUNDS):
        log_variance, active, converged = _climbed(of, log_variance, active)
        missed = _missed(of, log_variance, active)
        if not len(missed):
            break
        log_variance[missed] = np.log(REVIVED * np.exp(log_variance[q:]).mean())
        active = np.sort(np.concatenate([active, missed]))
    variance = np.exp(log_variance)
    variance[np.setdiff1d(np.arange(q), active)] = 0.0
    at = solve(of, np.exp(-log_variance), active)
    d = of.design
    coefficients = at.common[-d.p :].copy()
    coefficients[0] += d.y_mean
    return UnequalModel(
        d, variance[:q], variance[q:], coefficients, at.deviance, tuple(int(k) for k in active),
        at, slopes(at), converged and not len(missed),
    )  # fmt: skip


def _climbed(
    of: Equations, log_variance: Floats, active: Integers
) -> tuple[Floats, Integers, bool]:
    """Newton steps in the logarithms; factors that vanish leave `active`."""
    q, now = of.n_random, log_variance.copy()
    at = solve(of, np.exp(-now), active)
    for _ in range(MOST_STEPS):
        use = np.concatenate([active, np.arange(q, len(now))])
        shape, t = slopes(at), at.precision[use]
        gradient = -t * shape.gradient
        hessian = t[:, None] * shape.observed * t + np.diag(t * shape.gradient)
        floor = np.log(VANISHING) + np.log(np.exp(now[q:]).mean())
        if np.any(now[q:] < floor):
            raise NotEstimableError("The ratings of a system leave no residual spread of its own.")
        gone = active[(now[active] < floor) & (gradient[: len(active)] > -1e-9)]
        if len(gone):
            active = np.setdiff1d(active, gone)
            at = solve(of, at.precision, active)
            continue
        step = _step(gradient, hessian)
        if np.max(np.abs(step)) < CLOSE_ENOUGH:
            return now, active, True
        size = min(1.0, LONGEST_STEP / float(np.max(np.abs(step))))
        for _ in range(30):
            trial = now.copy()
            trial[use] -= size * step
            new = solve(of, np.exp(-trial), active)
            if new.deviance <= at.deviance + 1e-9:
                break
            size /= 2
        now, at = trial, new
    return now, active, False


def _step(gradient: Floats, hessian: Floats) -> Floats:
    """Newton's step where the deviance curves upwards, along its steepest fall elsewhere."""
    values, vectors = np.linalg.eigh(hessian)
    return np.asarray(vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), 1e-3)))


def _missed(of: Equations, log_variance: Floats, active: Integers) -> Integers:
    """Dropped factors with which the deviance would be lower."""
    q = of.n_random
    small = np.log(1e-3 * np.exp(log_variance[q:]).mean())
    found = []
    for k in np.setdiff1d(np.arange(q), active):
        trial = log_variance.copy()
        trial[k] = small
        with_it = np.sort(np.append(active, k))
        at = solve(of, np.exp(-trial), with_it)
        place = int(np.searchsorted(with_it, k))
        if slopes(at).gradient[place] > 1e-9 / at.precision[k]:  # falls as the variance grows
            found.append(k)
    return np.array(found, dtype=np.int64)
