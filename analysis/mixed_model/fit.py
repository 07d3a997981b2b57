"""Linear mixed model with crossed random factors, fitted by restricted maximum likelihood.

**Conventions.** theta_k = sqrt(phi_k / phi_0). The variances phi, in points^2, are those of the
random factors (phi_k) and of the residual (phi_0). The matrices for the profiled deviance and its
gradient have a row for each random level, not for each rating. With A = Lambda Z'Z Lambda + I:

    dev(theta) = log|A| + log|X'HX| + N (1 + log(2 pi rss / N)),   N = n_ratings - p.

The nested blocks of A are inverted and eliminated one after the other. Equal blocks are inverted
only once. After the blocks are eliminated, only a matrix over the common levels remains. L-BFGS-B
finds the optimum. Newton's method then makes it more precise. If the variance of a factor becomes
zero, the factor is dropped after a check that a larger variance is not better.

References
----------
.. [1] Bates, Maechler, Bolker & Walker (2015), Fitting linear mixed-effects models using lme4.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize

from analysis.mixed_model.design import Design
from analysis.mixed_model.projection import Curvature, curvature, project
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.threads import one_blas_thread

Floats = NDArray[np.float64]

START = 0.7
NEARLY_ZERO = 1e-4
RESTART = 0.1
MOST_ROUNDS = 12
"""Largest number of rounds; each round restarts factors that were wrongly at zero."""
LARGEST = 1e4
"""Upper bound of theta; beyond this bound, the residual is only rounding noise."""


@dataclass(frozen=True)
class MixedModel:
    """A fitted model: variances, fixed effects, and values that the tests need.

    `variance` is in the order of `design.components` and can contain zeros. `active` lists the
    indices of the variances above zero. `coefficients` belong to the columns of X, in points.
    `curvature` contains derivatives of the deviance with respect to the active variances; the
    residual variance is in the last place.
    """

    design: Design
    variance: Floats
    residual_variance: float
    coefficients: Floats
    deviance: float
    active: tuple[int, ...]
    curvature: Curvature
    converged: bool

    @property
    def dropped(self) -> tuple[str, ...]:
        """Names of the random factors whose variance is estimated as zero."""
        names = self.design.components
        return tuple(name for k, name in enumerate(names) if k not in self.active)

    @property
    def singular(self) -> bool:
        """Whether at least one variance is estimated as zero."""
        return len(self.active) < len(self.design.components)


class _Profile:
    """Profiled REML deviance of a design; blocks that are equal are computed only once."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.pattern, first = design.patterns
        self.count = np.bincount(self.pattern).astype(float)
        self.m_nn, self.m_nc = design.m_nn[first], design.m_nc[first]
        self.r_sum = np.zeros((len(first), *design.r_n.shape[1:]))
        np.add.at(self.r_sum, self.pattern, design.r_n)

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Deviance and its gradient at theta."""
        d = self.design
        lam_n, lam_c = theta[d.nested_of], theta[d.common_of]
        inverse, log_a = self._inverted(lam_n)
        t_b = inverse @ (self.m_nc * (lam_n[:, None] * lam_c))
        weighted = t_b * self.count[:, None, None]
        c, size = len(lam_c), t_b.shape[0] * t_b.shape[1]
        b_flat = (self.m_nc * (lam_n[:, None] * lam_c)).reshape(size, c)
        schur = np.eye(c) + d.m_cc * np.outer(lam_c, lam_c) - b_flat.T @ weighted.reshape(size, c)
        r_n = d.r_n * lam_n[:, None]
        t_r = inverse[self.pattern] @ r_n
        r_sum = (self.r_sum * lam_n[:, None]).reshape(size, d.p + 1)
        r_c = d.r_c * lam_c[:, None] - t_b.reshape(size, c).T @ r_sum
        chol = np.linalg.cholesky(schur)
        shared = _inverse(chol)
        lower = shared @ r_c
        flat = (len(r_n) * len(lam_n), d.p + 1)
        q = r_n.reshape(flat).T @ t_r.reshape(flat) + r_c.T @ lower
        log_a += 2 * float(np.sum(np.log(np.diag(chol))))
        upper = t_r - (t_b @ lower)[self.pattern]
        diagonal = np.einsum("umm->um", inverse) + np.sum((t_b @ shared) * t_b, axis=2)
        shrink_n = self.count @ (1 - diagonal)
        shrink_c = 1 - np.diag(shared)
        return self._deviance(theta, d.rr - q, log_a, (upper, shrink_n), (lower, shrink_c))

    def _inverted(self, lam: Floats) -> tuple[Floats, float]:
        a = self.m_nn * np.outer(lam, lam) + np.eye(len(lam))
        return np.asarray(np.linalg.inv(a), dtype=float), float(
            self.count @ np.linalg.slogdet(a)[1]
        )

    def _deviance(
        self,
        theta: Floats,
        h: Floats,
        log_a: float,
        nested: tuple[Floats, Floats],
        common: tuple[Floats, Floats],
    ) -> tuple[float, Floats]:
        d, p = self.design, self.design.p
        chol = np.linalg.cholesky(h[:p, :p])
        z = solve_triangular(chol, h[:p, p], lower=True)
        rss = max(float(h[p, p] - z @ z), 1e-300)
        n = d.n_ratings - p
        log_x = 2 * float(np.sum(np.log(np.diag(chol))))
        deviance = log_a + log_x + n * (1 + np.log(2 * np.pi * rss / n))
        b = solve_triangular(chol.T, z)
        gradient = np.zeros(len(theta))
        for (solved, shrink), owner in ((nested, d.nested_of), (common, d.common_of)):
            flat = solved if solved.ndim == 3 else solved[None]
            w = flat[..., :p] @ np.linalg.inv(chol).T
            v = flat[..., p] - flat[..., :p] @ b
            inner = np.sum(w**2, axis=(0, 2)) + np.sum(v**2, axis=0) * n / rss
            np.add.at(gradient, owner, shrink - inner)
        safe = theta > 1e-7  # at a theta of zero the slope of the deviance is zero
        gradient[safe] *= 2 / theta[safe]
        gradient[~safe] = 0.0
        return float(deviance), gradient


def _inverse(chol: Floats) -> Floats:
    """Inverse of a matrix, from its lower Cholesky factor."""
    lower = np.tril(dpotri(chol, lower=1)[0]) if len(chol) else chol
    return np.asarray(lower + np.tril(lower, -1).T)


def fit(design: Design, start: Floats | None = None) -> MixedModel:
    """Restricted maximum likelihood estimate of a design.

    Parameters
    ----------
    design
        Design from `analysis.mixed_model.build.build_design`; it has at least one random factor.
    start
        Start value of theta, for example from a similar fit; None: each value is 0.7.

    Returns
    -------
    MixedModel
        The fit at the optimum; `converged` is true if all derivatives are zero there.

    Raises
    ------
    NotEstimableError
        No random factor is left, the fixed effects predict every rating exactly, or the design
        cannot separate the variances.
    """
    if not design.components:
        raise NotEstimableError("No random factor can be estimated from these ratings.")
    with one_blas_thread():
        return _fit(design, np.full(len(design.components), START) if start is None else start)


def deviance_at(design: Design, theta: Floats) -> float:
    """REML deviance of a design; theta times the residual SD is the SD of a factor.

    Parameters
    ----------
    design
        From `analysis.mixed_model.build.build_design`.
    theta
        Values of theta, at least 0, shape (n_factors,), in the order of the design's `components`.
    """
    with one_blas_thread():
        return _Profile(design)(theta)[0]


def _fit(design: Design, theta: Floats) -> MixedModel:
    profile = _Profile(design)
    theta = _minimised(profile, theta)
    if np.max(theta) > 0.1 * LARGEST:
        raise NotEstimableError(
            "Every rating follows exactly from the random factors; nothing is left as residual."
        )
    phi, residual = _variances(profile, theta)
    for _ in range(MOST_ROUNDS):
        phi, residual, converged = _polished(design, phi, residual)
        wrong = _pulled_from_zero(design, phi, residual)
        if not wrong:
            break
        # After a restart, variances are fitted only by Newton's method. Near zero the deviance is
        # so flat in theta that L-BFGS-B would miss a small variance and return zero.
        phi[wrong] = RESTART**2 * residual
    active = tuple(int(k) for k in np.flatnonzero(phi > 0))
    shape = curvature(project(design, phi, residual), active)
    _require_identified(design, shape, active)
    coefficients = shape.projection.coefficients.copy()
    coefficients[0] += design.y_mean
    deviance = profile(np.sqrt(phi / residual))[0]
    return MixedModel(
        design, phi, residual, coefficients, deviance, active, shape, converged and not wrong
    )


def _minimised(profile: _Profile, theta: Floats) -> Floats:
    bounds = [(0.0, LARGEST)] * len(theta)
    options: Any = {"ftol": 1e-13, "gtol": 1e-7, "maxiter": 500}
    found = minimize(
        profile.__call__, theta, jac=True, method="L-BFGS-B", bounds=bounds, options=options
    )
    best = np.asarray(found.x, dtype=float)
    best[best < NEARLY_ZERO] = 0.0
    return best


def _variances(profile: _Profile, theta: Floats) -> tuple[Floats, float]:
    """Variances for a theta; phi_0 = rss / N is computed from parts of the deviance."""
    d = profile.design
    one = project(d, theta**2, 1.0)
    residual = one.y_p_y / (d.n_ratings - d.p)
    return theta**2 * residual, float(residual)


def _polished(design: Design, phi: Floats, residual: float) -> tuple[Floats, float, bool]:
    """Newton steps for the variances; a very small variance is set to zero."""
    phi = phi.copy()
    for _ in range(40):
        active = tuple(int(k) for k in np.flatnonzero(phi > 0))
        shape = curvature(project(design, phi, residual), active)
        step = _newton_step(shape)
        now = np.append(phi[list(active)], residual)
        beyond = step >= now
        if np.any(beyond):  # a step that would reach zero is shortened to nine tenths of the way
            step = step * float(np.min(0.9 * now[beyond] / step[beyond]))
        new = now - step
        phi[list(active)], residual = new[:-1], float(new[-1])
        vanished = phi < NEARLY_ZERO**2 * residual
        if np.any(vanished & (phi > 0)):
            phi[vanished] = 0.0
            continue
        if np.max(np.abs(step / now)) < 1e-10:
            return phi, residual, True
    return phi, residual, False


def _newton_step(shape: Curvature) -> Floats:
    try:
        np.linalg.cholesky(shape.observed)
        matrix = shape.observed
    except np.linalg.LinAlgError:
        matrix = shape.expected
    return np.asarray(np.linalg.lstsq(matrix, shape.gradient, rcond=None)[0])


def _pulled_from_zero(design: Design, phi: Floats, residual: float) -> list[int]:
    """Factors with zero variance; a larger variance would make the deviance smaller."""
    zero = [int(k) for k in np.flatnonzero(phi == 0)]
    if not zero:
        return []
    every = tuple(range(len(phi)))
    gradient = curvature(project(design, phi, residual), every).gradient
    return [k for k in zero if gradient[k] < -1e-9]


def _require_identified(design: Design, shape: Curvature, active: tuple[int, ...]) -> None:
    information = np.diag(shape.expected)
    scale = np.sqrt(np.maximum(information, 1e-300))
    if (
        np.min(information) <= 0
        or np.min(np.linalg.eigvalsh(shape.expected / np.outer(scale, scale))) < 1e-9
    ):
        names = ", ".join(design.components[k] for k in active)
        raise NotEstimableError(f"With this design the variances of {names} cannot be separated.")
