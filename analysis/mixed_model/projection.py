"""Derivatives of the restricted likelihood with respect to variances; no large matrix is needed.

**Conventions.** P = V^-1 - V^-1 X C X'V^-1 with C = (X'V^-1 X)^-1, G_k = Z_k Z_k' and G_0 = I. For
the slots of the blocks, Z'PZ is a matrix of blocks minus U U', where U has few columns. Traces and
squares therefore need no array that is larger than those of the design. Shapes as in
`analysis.mixed_model.design`.

References
----------
.. [1] Kenward & Roger (1997), Small sample inference for fixed effects from restricted maximum
   likelihood.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from analysis.mixed_model.design import Design

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Projection:
    """Cross-products that contain V^-1, for given variances.

    `blocks` (u, m, m) is Z'V_0^-1 Z of each block; V_0 is V without the common factors. `u_c` (u,
    m, c) is the low-rank correction of `blocks`. `zx_*` is Z'V^-1 X, `zz_*` is Z'V^-1 Z, and `r_*`
    is Z'P y. A value that depends only on the pattern of a block is stored once for each of the u
    patterns.
    """

    design: Design
    phi: Floats
    residual: float
    c: Floats
    xvx: Floats
    coefficients: Floats
    y_p_y: float
    blocks: Floats
    u_c: Floats
    zx_n: Floats
    zx_c: Floats
    zz_nc: Floats
    zz_cc: Floats
    r_n: Floats
    r_c: Floats


@dataclass(frozen=True)
class Curvature:
    """Gradient and second derivatives of -2 log L_R; rows: active variances, residual variance."""

    projection: Projection
    active: tuple[int, ...]
    gradient: Floats
    expected: Floats
    observed: Floats


def project(design: Design, phi: Floats, residual: float) -> Projection:
    """Cross-products through V^-1.

    Parameters
    ----------
    design
        The model's design.
    phi
        Variance of each random factor, in points^2; zeros are allowed.
    residual
        Residual variance, above 0.

    Returns
    -------
    Projection
        All values from which the derivatives are computed.
    """
    gamma_n, gamma_c = (phi / residual)[design.nested_of], (phi / residual)[design.common_of]
    m, c, p = len(gamma_n), len(gamma_c), design.p
    pattern, first = design.patterns
    m_nn, m_nc = design.m_nn[first], design.m_nc[first]
    left = np.linalg.inv(np.eye(m) + m_nn * gamma_n)
    blocks, g = left @ m_nn, left @ m_nc
    h = left[pattern] @ design.r_n
    scaled_c = (gamma_n * np.bincount(pattern)[:, None])[..., None] * m_nc
    scaled_r = _flat(gamma_n[:, None] * design.r_n)
    gram: Floats = np.empty((c + p + 1, c + p + 1))
    gram[:c, :c] = _flat(scaled_c).T @ _flat(g)
    gram[c:, c:] = scaled_r.T @ _flat(h)
    summed = np.zeros((len(first), *h.shape[1:]))
    np.add.at(summed, pattern, h)
    gram[:c, c:] = _flat(gamma_n[:, None] * m_nc).T @ _flat(summed)
    k_cc: Floats = np.subtract(design.m_cc, gram[:c, :c])
    k_cr: Floats = np.subtract(design.r_c, gram[:c, c:])
    k_rr: Floats = np.subtract(design.rr, gram[c:, c:])
    inner = np.asarray(
        np.linalg.solve(np.eye(c) + k_cc * gamma_c, np.hstack([k_cc, k_cr])), dtype=float
    )
    zz_cc, z_r = inner[:, :c], inner[:, c:]
    zr_n = h - (g @ (gamma_c[:, None] * z_r))[pattern]
    zz_nc = g - g @ (gamma_c[:, None] * zz_cc)
    v_rr = k_rr - k_cr.T @ (gamma_c[:, None] * z_r)
    v_rr = (v_rr + v_rr.T) / 2
    b = np.asarray(np.linalg.solve(v_rr[:p, :p], v_rr[:p, p]), dtype=float)
    root = np.sqrt(gamma_c)
    chol = np.linalg.cholesky(np.eye(c) + root[:, None] * (k_cc + k_cc.T) / 2 * root)
    u_c = solve_triangular(chol, _flat(g * root).T, lower=True).T.reshape(g.shape)
    return Projection(
        design=design,
        phi=phi,
        residual=residual,
        c=np.asarray(np.linalg.inv(v_rr[:p, :p]) * residual, dtype=float),
        xvx=v_rr[:p, :p] / residual,
        coefficients=b,
        y_p_y=float(v_rr[p, p] - v_rr[:p, p] @ b) / residual,
        blocks=(blocks + blocks.transpose(0, 2, 1)) / 2 / residual,
        u_c=u_c / np.sqrt(residual),
        zx_n=zr_n[..., :p] / residual,
        zx_c=z_r[:, :p] / residual,
        zz_nc=zz_nc / residual,
        zz_cc=(zz_cc + zz_cc.T) / 2 / residual,
        r_n=(zr_n[..., p] - zr_n[..., :p] @ b) / residual,
        r_c=(z_r[:, p] - z_r[:, :p] @ b) / residual,
    )


class _Components:
    """Traces and forms of two random factors: both nested, both common, or one of each.

    Equal blocks (`Design.kinds`) are computed once, and counted `count` times.
    """

    def __init__(self, at: Projection, through_p: bool) -> None:
        self.at = at
        d = at.design
        self.nested = {k: np.flatnonzero(d.nested_of == k) for k in set(d.nested_of.tolist())}
        self.common = {k: np.flatnonzero(d.common_of == k) for k in set(d.common_of.tolist())}
        self.of, first = d.kinds
        self.count = np.bincount(self.of).astype(float)
        self.pattern = d.patterns[0]
        kind = self.pattern[first]
        self.blocks, self.u, self.nc = at.blocks[kind], at.u_c[kind], at.zz_nc[kind]
        self.cc = at.zz_cc
        if through_p:
            half, zx_n = np.linalg.cholesky(at.c), at.zx_n[first]
            self.u = np.concatenate([self.u, zx_n @ half], axis=2)
            self.nc = self.nc - zx_n @ at.c @ at.zx_c.T
            self.cc = at.zz_cc - at.zx_c @ at.c @ at.zx_c.T
        self.grams = {k: self._gram(self.u[:, s]) for k, s in self.nested.items()}

    def _gram(self, part: Floats) -> Floats:
        return np.asarray(_flat(self.count[:, None, None] * part).T @ _flat(part))

    def trace(self, k: int) -> float:
        """tr(Z_k' P Z_k)."""
        if k in self.common:
            return float(np.sum(np.diag(self.cc)[self.common[k]]))
        own = self.count @ np.einsum("nmm->nm", self.blocks)[:, self.nested[k]]
        return float(np.sum(own) - np.trace(self.grams[k]))

    def squares(self, i: int, j: int) -> float:
        """Sum of squares of Z_i' P Z_j."""
        if i in self.common and j in self.common:
            return float(np.sum(self.cc[np.ix_(self.common[i], self.common[j])] ** 2))
        if i in self.common or j in self.common:
            i, j = (j, i) if i in self.common else (i, j)
            part = self.nc[:, self.nested[i]][:, :, self.common[j]]
            return float(self.count @ np.sum(part**2, axis=(1, 2)))
        block = self.blocks[:, self.nested[i]][:, :, self.nested[j]]
        u_i, u_j = self.u[:, self.nested[i]], self.u[:, self.nested[j]]
        own = np.sum(block**2, axis=(1, 2)) - 2 * np.sum((block @ u_j) * u_i, axis=(1, 2))
        return float(self.count @ own + np.sum(self.grams[i] * self.grams[j]))

    def form(self, i: int, j: int, n: Floats, c: Floats) -> Floats:
        """L_i' (Z_i' P Z_j) L_j; L is `n` (n, m, w) on slots and `c` (c, w) on common levels."""
        if i in self.common and j in self.common:
            a, b = self.common[i], self.common[j]
            return np.asarray(c[a].T @ self.cc[np.ix_(a, b)] @ c[b])
        if i in self.common:
            return self.form(j, i, n, c).T
        slots = self.nested[i]
        left = self._by_kind(n[:, slots])
        if j in self.common:
            right = self.nc[:, slots][:, :, self.common[j]] @ c[self.common[j]]
            return np.asarray(left.T @ _flat(right))
        other = self.nested[j]
        block = self.at.blocks[:, slots][:, :, other][self.pattern] @ n[:, other]
        u_i, u_j = _flat(self.u[:, slots]), _flat(self.u[:, other])
        outer = (left.T @ u_i) @ (u_j.T @ self._by_kind(n[:, other]))
        return np.asarray(_flat(n[:, slots]).T @ _flat(block) - outer)

    def _by_kind(self, values: Floats) -> Floats:
        """Sums over the blocks of each kind, as a flat array."""
        summed = np.zeros((len(self.count), *values.shape[1:]))
        np.add.at(summed, self.of, values)
        return _flat(summed)

    def gram_of(self, k: int, n: Floats, c: Floats) -> Floats:
        """L_k' L_k."""
        flat = c[self.common[k]] if k in self.common else _flat(n[:, self.nested[k]])
        return np.asarray(flat.T @ flat)


def _flat(part: Floats) -> Floats:
    """Rows of all blocks, stacked."""
    return part.reshape(part.shape[0] * part.shape[1], part.shape[2])


def curvature(at: Projection, active: tuple[int, ...]) -> Curvature:
    """Derivatives of -2 log L_R at given variances.

    Parameters
    ----------
    at
        Cross-products at the given variances.
    active
        Indices of random factors; the derivatives are with respect to their variances.

    Returns
    -------
    Curvature
        The last row and the last column are for the residual variance. The derivatives with respect
        to the residual variance need no matrix over ratings, because P V P = P.
    """
    d, parts, size = at.design, _Components(at, through_p=True), len(active)
    phi, phi_0 = at.phi[list(active)], at.residual
    r_n, r_c = at.r_n[..., None], at.r_c[:, None]
    trace = np.array([parts.trace(k) for k in active] + [0.0])
    expected, quadratic = np.zeros((size + 1, size + 1)), np.zeros((size + 1, size + 1))
    for i in range(size):
        for j in range(i, size):
            expected[i, j] = expected[j, i] = parts.squares(active[i], active[j])
            value = float(parts.form(active[i], active[j], r_n, r_c)[0, 0])
            quadratic[i, j] = quadratic[j, i] = value
    squared = np.array([float(parts.gram_of(k, r_n, r_c)[0, 0]) for k in active] + [0.0])
    trace[size] = (d.n_ratings - d.p - phi @ trace[:size]) / phi_0
    squared[size] = (at.y_p_y - phi @ squared[:size]) / phi_0
    for matrix, total in ((expected, trace), (quadratic, squared)):
        last = (total[:size] - matrix[:size, :size] @ phi) / phi_0
        matrix[size, :size] = matrix[:size, size] = last
        matrix[size, size] = (total[size] - phi @ last) / phi_0
    return Curvature(at, active, trace - squared, expected, 2 * quadratic - expected)


def fixed_effect_derivatives(shape: Curvature) -> tuple[list[Floats], list[list[Floats]]]:
    """The matrices D_i and Q_ij, which the degrees of freedom need.

    Parameters
    ----------
    shape
        Variances of the fitted model.

    Returns
    -------
    tuple
        D_i = X'V^-1 G_i V^-1 X and Q_ij = X'V^-1 G_i V^-1 G_j V^-1 X, each with the shape (p, p).
        The index runs over the active factors; the residual comes last.
    """
    at, active = shape.projection, shape.active
    phi, phi_0 = at.phi[list(active)], at.residual
    parts = _Components(at, through_p=False)
    first = [parts.gram_of(k, at.zx_n, at.zx_c) for k in active]
    first.append((at.xvx - _weighted(phi, first)) / phi_0)
    second = [[parts.form(i, j, at.zx_n, at.zx_c) for j in active] for i in active]
    last = [(first[i] - _weighted(phi, second[i])) / phi_0 for i in range(len(active))]
    for i, row in enumerate(second):
        row.append(last[i])
    corner = (first[-1] - _weighted(phi, [part.T for part in last])) / phi_0
    second.append([*(part.T for part in last), corner])
    return first, second


def predicted_effects(shape: Curvature) -> tuple[Floats, Floats, Floats, Floats]:
    """Best linear unbiased predictions of the random effects.

    Parameters
    ----------
    shape
        Values of the fitted model.

    Returns
    -------
    tuple of array
        Predictions for slots (n, m) and common levels (c,), in points. Then, in the same shapes,
        their conditional standard deviations sqrt(phi - phi^2 (Z'PZ)_ii).
    """
    at, d = shape.projection, shape.projection.design
    phi_n, phi_c = at.phi[d.nested_of], at.phi[d.common_of]
    half = np.linalg.cholesky(at.c)
    own_n = np.einsum("umm->um", at.blocks) - np.sum(at.u_c**2, axis=2)
    own_n = own_n[d.patterns[0]] - np.sum((at.zx_n @ half) ** 2, axis=2)
    own_c = np.diag(at.zz_cc) - np.sum((at.zx_c @ half) ** 2, axis=1)
    sd_n = np.sqrt(np.maximum(phi_n - phi_n**2 * own_n, 0.0))
    sd_c = np.sqrt(np.maximum(phi_c - phi_c**2 * own_c, 0.0))
    return phi_n * at.r_n, phi_c * at.r_c, sd_n, sd_c


def _weighted(phi: Floats, matrices: list[Floats]) -> Floats | float:
    return sum((value * matrix for value, matrix in zip(phi, matrices, strict=True)), 0.0)
