"""The mixed-model equations; each stratum (group of ratings) has its own residual variance.

**Conventions.** S is [Z X], Gamma is the covariance of the random effects, and w_j is the precision
of the residuals of stratum j. Henderson's matrix is

    M = sum_j w_j S_j'S_j + diag(Gamma^-1, 0),   K = M^-1.

Each parameter t_i is the precision of a random factor or of a stratum. The derivative dM/dt_i = A_i
is a matrix that does not depend on the parameters. The vector beta is K S'Wy, and s_i is beta'A_i
beta (for a stratum: its sum of squared residuals). The number of levels or ratings is n_i. Half of
the derivative of s_i with respect to beta is g_i. Then

    -2 log L_R = log|M| - sum n_i log t_i + sum t_i s_i + (N - p) log 2 pi
    d / dt_i         = tr(K A_i) - n_i / t_i + s_i
    d2 / dt_i dt_j   = [i = j] n_i / t_i^2 - tr(K A_i K A_j) - 2 g_i'K g_j
    Cov(b) = K_xx    d Cov(b) / dt_i = -(K A_i K)_xx

K is the sum of a block-diagonal matrix and a matrix of low rank: K = diag(B, 0) + F G F' with F =
[-B M_nf; 1]. The rank is the number of common levels and columns of X. Blocks with equal
cross-products share the matrix B. Sizes of arrays: u different blocks, n blocks, m slots, f common
levels and columns of X together.

References
----------
.. [1] Henderson (1975), Best linear unbiased estimation and prediction under a selection model.
.. [2] Johnson & Thompson (1995), Restricted maximum likelihood estimation of variance components
   using sparse matrix techniques and average information.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.mixed_model.design import Design

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Equations:
    """Values that do not depend on the variances, for q random factors and k strata.

    `nn` (q + k, u, m, m), `nf` (q + k, u, m, f) and `ff` (q + k, f, f) are the parts of A_i; `ff`
    is summed over all blocks. `r_n` (k, n, m), `r_f` (k, f) and `yy` (k,) are the products with y
    in each stratum. `pattern` (n,) says which of the u different blocks each block is equal to.
    `size` (q + k,) is n_i.
    """

    design: Design
    n_random: int
    nn: Floats
    nf: Floats
    ff: Floats
    r_n: Floats
    r_f: Floats
    yy: Floats
    pattern: Integers
    size: Floats

    @property
    def count(self) -> Floats:
        """Number of blocks with each pattern."""
        return np.bincount(self.pattern).astype(float)


def equations(design: Design, stratum: Integers) -> Equations:
    """Cross-products of a design, separately for each stratum of the ratings.

    Parameters
    ----------
    design
        From `analysis.mixed_model.build.build_design`.
    stratum
        Number of the stratum of each rating, from 0, shape (n_ratings,).
    """
    m, c, p = len(design.nested_of), len(design.common_of), design.p
    k, n, f = int(stratum.max()) + 1, len(design.blocks), c + p
    wide = np.zeros((len(stratum), m + f + 1))
    for column in design.slots.T:
        wide[np.arange(len(wide)), column] = 1.0
    for column in design.commons.T:
        wide[np.arange(len(wide)), m + column] = 1.0
    wide[:, m + c : m + f], wide[:, -1] = design.x, design.y
    gram = np.zeros((k, n, m, m + f + 1))
    rest = np.zeros((k, f + 1, f + 1))
    order = np.lexsort((stratum, design.block_of))
    cell = design.block_of[order] * k + stratum[order]
    for rows in np.split(order, np.flatnonzero(np.diff(cell)) + 1):
        own, j = wide[rows], stratum[rows[0]]
        gram[j, design.block_of[rows[0]]] = own[:, :m].T @ own
    for j in range(k):
        own = wide[stratum == j][:, m:]
        rest[j] = own.T @ own
    keys: dict[bytes, int] = {}
    pattern = np.array([keys.setdefault(gram[:, i, :, :-1].tobytes(), len(keys)) for i in range(n)])
    first = np.unique(pattern, return_index=True)[1]
    q = len(design.components)
    nn, nf = np.zeros((q + k, len(first), m, m)), np.zeros((q + k, len(first), m, f))
    ff = np.zeros((q + k, f, f))
    nn[q:], nf[q:] = gram[:, first, :, :m], gram[:, first, :, m:-1]
    ff[q:] = rest[:, :-1, :-1]
    for i in range(q):
        nn[i][:, np.arange(m), np.arange(m)] = design.nested_of == i
        ff[i][np.arange(c), np.arange(c)] = design.common_of == i
    return Equations(
        design, q, nn, nf, ff, gram[..., -1], rest[:, :-1, -1], rest[:, -1, -1], pattern,
        np.concatenate([_levels(design), np.bincount(stratum)]).astype(float),
    )  # fmt: skip


def _levels(design: Design) -> Integers:
    """Number of levels of each random factor; slots without ratings have no effect."""
    q, n = len(design.components), len(design.blocks)
    return np.bincount(design.nested_of, minlength=q) * n + np.bincount(
        design.common_of, minlength=q
    )


@dataclass(frozen=True)
class Solved:
    """Solution of the equations for given precisions; beta is in `nested` (n, m) and `common` (f,).

    The last p elements of `common` are the coefficients of X; the last p rows and columns of `g`
    (f, f) are the covariance of these coefficients.
    """

    of: Equations
    precision: Floats
    active: Integers
    deviance: float
    b: Floats
    f: Floats
    g: Floats
    nested: Floats
    common: Floats


def solve(of: Equations, precision: Floats, active: Integers) -> Solved:
    """Solve the equations.

    Parameters
    ----------
    of
        The equations.
    precision
        1 / variance of each random factor and each stratum, in points^-2.
    active
        Indices of the random factors whose variance is above zero; all other random factors are
        left out of the model.
    """
    q, t = of.n_random, precision
    use = np.concatenate([active, np.arange(q, len(t))])
    m_nn = np.tensordot(t[use], of.nn[use], 1)
    m_nf, m_ff = np.tensordot(t[q:], of.nf[q:], 1), np.tensordot(t[use], of.ff[use], 1)
    keep_n, keep_c = _places(of, active)
    m_nn = np.where(np.outer(keep_n, keep_n), m_nn, np.eye(len(keep_n)))
    m_nf = m_nf * keep_n[:, None] * keep_c
    m_ff = np.where(np.outer(keep_c, keep_c), m_ff, np.eye(len(keep_c)))
    count = of.count
    b = np.linalg.inv(m_nn)
    f = -b @ m_nf
    schur = m_ff + np.einsum("u,umf,umg->fg", count, m_nf, f, optimize=True)
    chol = np.linalg.cholesky((schur + schur.T) / 2)
    half = np.linalg.inv(chol)
    g = half.T @ half
    r_n = np.tensordot(t[q:], of.r_n, 1) * keep_n
    r_f = (t[q:] @ of.r_f) * keep_c
    common = g @ (r_f + np.einsum("nmf,nm->f", f[of.pattern], r_n, optimize=True))
    nested = np.einsum("nab,nb->na", b[of.pattern], r_n) + f[of.pattern] @ common
    deviance = (
        float(count @ np.linalg.slogdet(m_nn)[1])
        + 2 * float(np.sum(np.log(np.diag(chol))))
        - float(of.size[use] @ np.log(t[use]))
        + float(t[q:] @ of.yy - np.sum(r_n * nested) - r_f @ common)
        + (of.design.n_ratings - of.design.p) * float(np.log(2 * np.pi))
    )
    return Solved(of, t, active, deviance, b, f, g, nested, common)


def _places(of: Equations, active: Integers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each slot, common level and column of X is in the model."""
    d = of.design
    keep_c = np.concatenate([np.isin(d.common_of, active), np.ones(d.p, dtype=bool)])
    return np.isin(d.nested_of, active), keep_c


@dataclass(frozen=True)
class Slopes:
    """Derivatives of the deviance with respect to the precisions of active factors and of strata.

    `covariance` (i, p, p) is (K A_i K)_xx: how much the coefficients' covariance decreases per unit
    of a precision.
    """

    gradient: Floats
    observed: Floats
    covariance: Floats


def slopes(at: Solved) -> Slopes:
    """First and second derivatives of the deviance at a solution."""
    of, count = at.of, at.of.count
    use = np.concatenate([at.active, np.arange(of.n_random, len(at.precision))])
    keep_n, keep_c = _places(of, at.active)
    nn = of.nn[use] * np.outer(keep_n, keep_n)
    nf, ff = of.nf[use] * np.outer(keep_n, keep_c), of.ff[use] * np.outer(keep_c, keep_c)
    h = nn @ at.f + nf
    weighted = at.f * count[:, None, None]
    through = np.einsum("umf,iumg->ifg", weighted, h, optimize=True) + ff
    through += np.einsum("iumf,umg->ifg", nf, weighted, optimize=True)
    bn, gt = at.b @ nn, at.g @ through
    trace = np.einsum("u,iumm->i", count, bn) + np.einsum("iff->i", gt)
    bh = (at.b @ h) * count[:, None, None]
    gh = h @ at.g
    squared = np.einsum("u,iuab,juba->ij", count, bn, bn, optimize=True)
    squared += 2 * np.einsum("iumf,jumf->ij", gh, bh, optimize=True)
    squared += np.einsum("ifg,jgf->ij", gt, gt, optimize=True)
    s, g_n, g_f = _residuals(at, nn, nf, ff)
    along = g_f + np.einsum("inm,nmf->if", g_n, at.f[of.pattern], optimize=True)
    inner = np.einsum("ina,nab,jnb->ij", g_n, at.b[of.pattern], g_n, optimize=True)
    t, size = at.precision[use], of.size[use]
    observed = np.diag(size / t**2) - squared - 2 * (inner + along @ at.g @ along.T)
    p = of.design.p
    covariance = (gt @ at.g)[:, -p:, -p:]
    return Slopes(trace - size / t + s, (observed + observed.T) / 2, covariance)


def _residuals(at: Solved, nn: Floats, nf: Floats, ff: Floats) -> tuple[Floats, Floats, Floats]:
    """s_i; and g_i, separately for slots (i, n, m) and common levels (i, f)."""
    of = at.of
    g_n = np.stack([np.einsum("nab,nb->na", one[of.pattern], at.nested) for one in nn])
    g_n += np.stack([one[of.pattern] @ at.common for one in nf])
    g_f = ff @ at.common
    sums = np.zeros((len(of.count), at.nested.shape[1]))
    np.add.at(sums, of.pattern, at.nested)
    g_f += np.einsum("iumf,um->if", nf, sums, optimize=True)
    s = np.einsum("inm,nm->i", g_n, at.nested) + g_f @ at.common
    a = len(at.active)
    keep_n, keep_c = _places(of, at.active)
    r_n, r_f = of.r_n * keep_n, of.r_f * keep_c
    s[a:] += of.yy - 2 * (np.einsum("inm,nm->i", r_n, at.nested) + r_f @ at.common)
    g_n[a:] -= r_n
    g_f[a:] -= r_f
    return s, g_n, g_f
