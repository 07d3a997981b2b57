"""A logit model with random listeners and items, fitted by Laplace's approximation (R: ``glmer``).

**Conventions.** logit P(y = 1) = x'b + sum of the intercepts of the row's levels. Each random
factor has normally distributed intercepts, and its own standard deviation; u are the intercepts
divided by this standard deviation. The modes u* minimise f(u) = -log L(y | u) + u'u / 2, and H is L
Z'WZ L + I at u*. At the modes u*, minus the log-likelihood is f(u*) + log|H| / 2. The standard
errors come from the second derivatives of the likelihood with respect to b and the standard
deviations. If the estimate of a standard deviation is at its lower limit 0, it is held at 0 when
the standard errors are computed.

References
----------
.. [1] Bates, Maechler, Bolker & Walker (2015), Fitting linear mixed-effects models using lme4, J.
   Statistical Software 67; ``glmer`` with ``nAGQ = 1``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats
from scipy.special import expit

from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.threads import one_blas_thread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

START_SD = 0.5
"""Standard deviation of every random factor from which the optimum is sought."""
ZERO_SD = 1e-4
"""A smaller standard deviation counts as zero."""
NO_LIMIT = 12.0
"""Coefficients beyond this number of logits count as infinite."""


@dataclass(frozen=True, slots=True)
class MixedLogit:
    """The fitted model; `sd` has one value per random factor."""

    columns: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    sd: dict[str, float]
    log_likelihood: float

    def at(self, row: Floats, against: float = 0.0) -> tuple[float, float, float]:
        """Estimate in logits, its standard error, and the one-sided p against a given value."""
        estimate, se = float(row @ self.coefficients), float(np.sqrt(row @ self.covariance @ row))
        return estimate, se, float(stats.norm.sf((estimate - against) / se))


def fit_mixed_logit(
    y: Floats, x: Floats, columns: Sequence[str], factors: pd.DataFrame
) -> MixedLogit:
    """Maximum likelihood fit of binary answers.

    Parameters
    ----------
    y
        1 or 0, shape (n,).
    x
        Fixed effects, shape (n, p).
    columns
        Names of the columns of x.
    factors
        One column for each random factor; it contains the factor's level in each row.

    Raises
    ------
    NotEstimableError
        All answers are equal, a coefficient has no finite estimate, or the likelihood has no
        optimum.
    """
    if y.min() == y.max():
        raise NotEstimableError("All answers are alike, so odds cannot be estimated.")
    used = [name for name in factors if len(set(factors[name])) > 1]
    levels = [pd.factorize(factors[name], sort=True)[0].astype(np.int64) for name in used]
    model = _Likelihood(y, x, levels)
    with one_blas_thread():
        found = model.optimum(START_SD)
        at = np.asarray(found.x, dtype=float)
        covariance = model.covariance(at)
    b = at[: x.shape[1]]
    if covariance is None or float(np.max(np.abs(x @ b))) > NO_LIMIT:
        raise NotEstimableError(
            "The mixed logit has no finite optimum: the odds of some answers would be infinite."
        )
    sd = {str(name): float(value) for name, value in zip(used, at[len(b) :], strict=True)}
    everything = {str(name): sd.get(str(name), 0.0) for name in factors}
    return MixedLogit(tuple(columns), b, covariance, everything, -float(found.fun))


class _Likelihood:
    """Minus the log-likelihood as a function of coefficients and standard deviations."""

    def __init__(self, y: Floats, x: Floats, levels: Sequence[Integers]) -> None:
        self.y, self.x = y, x
        self.sign = 2 * y - 1
        sizes = [int(each.max()) + 1 for each in levels]
        self.owner = np.repeat(np.arange(len(sizes)), sizes)
        offsets = np.cumsum([0, *sizes[:-1]]) if sizes else np.zeros(0, dtype=int)
        self.z = np.zeros((len(y), int(sum(sizes))))
        for each, offset in zip(levels, offsets, strict=True):
            self.z[np.arange(len(y)), each + offset] = 1.0
        self.u = np.zeros(self.z.shape[1])

    def __call__(self, at: Floats) -> float:
        p = self.x.shape[1]
        lam = at[p:][self.owner]
        zl, fixed = self.z * lam, self.x @ at[:p]
        u, value = self.u, np.inf
        for _ in range(100):
            mu, h = _curved(zl, fixed + zl @ u)
            gradient = u - zl.T @ (self.y - mu)
            value = self._joint(fixed, zl, u)
            step, size = np.linalg.solve(h, gradient), 1.0
            while self._joint(fixed, zl, u - size * step) > value + 1e-13 and size > 1e-8:
                size /= 2
            u = u - size * step
            if np.max(np.abs(size * step), initial=0.0) < 1e-9:
                break
        self.u = u
        _, h = _curved(zl, fixed + zl @ u)
        return self._joint(fixed, zl, u) + float(np.linalg.slogdet(h)[1]) / 2

    def _joint(self, fixed: Floats, zl: Floats, u: Floats) -> float:
        eta = self.sign * (fixed + zl @ u)
        return float(np.logaddexp(0.0, -eta).sum() + u @ u / 2)

    def optimum(self, sd: float) -> optimize.OptimizeResult:
        """Optimum; the search starts with zero effects and positive standard deviations."""
        p, q = self.x.shape[1], int(self.owner.max()) + 1 if len(self.owner) else 0
        start = np.concatenate([np.zeros(p), np.full(q, sd)])
        bounds = [(-30.0, 30.0)] * p + [(0.0, 20.0)] * q
        return optimize.minimize(
            self, start, method="L-BFGS-B", bounds=bounds, jac=self._gradient,
            options={"ftol": 1e-14, "gtol": 1e-7, "maxiter": 300},
        )  # fmt: skip

    def _gradient(self, at: Floats) -> Floats:
        """Gradient by central differences; by forward differences if a standard deviation is 0."""
        p, step = self.x.shape[1], 1e-5
        slopes = []
        for place in range(len(at)):
            up, down = at.copy(), at.copy()
            up[place] += step
            down[place] -= step if place < p or at[place] >= step else 0.0
            slopes.append((self(up) - self(down)) / (up[place] - down[place]))
        return np.array(slopes)

    def covariance(self, at: Floats) -> Floats | None:
        """Covariance of the coefficients; None if the curvature is not valid."""
        p, step = self.x.shape[1], 1e-3
        free = [place for place in range(len(at)) if place < p or at[place] > ZERO_SD]
        shifts = {place: step * np.eye(len(at))[place] for place in free}
        hessian = np.array([
            [self._curvature(at, shifts[i], shifts[j], step) for j in free] for i in free
        ])  # fmt: skip
        roots = np.linalg.eigvalsh((hessian + hessian.T) / 2)
        if not np.all(np.isfinite(roots)) or roots[0] <= 1e-10 * roots[-1]:
            return None
        return np.asarray(np.linalg.inv(hessian)[:p, :p])

    def _curvature(self, at: Floats, one: Floats, other: Floats, step: float) -> float:
        return (
            self(at + one + other) - self(at + one - other)
            - self(at - one + other) + self(at - one - other)
        ) / (4 * step**2)  # fmt: skip


def _curved(zl: Floats, eta: Floats) -> tuple[Floats, Floats]:
    """Probabilities of y = 1, and the matrix H of the conventions."""
    mu = expit(eta)
    return mu, (zl * (mu * (1 - mu))[:, None]).T @ zl + np.eye(zl.shape[1])
