"""Fixed effects when one participant or one song is left out; the variances are known.

**Conventions.** As `analysis.mixed_model.design`. When the random levels of a block are eliminated,
the block adds a matrix K over the common levels and [X y]. The sum of the matrices K of all blocks
stands for the whole table of ratings. To leave out a block, the matrix K of the block is subtracted
from the sum of all K. Leaving out a participant or song therefore only needs the solution of a
small system of equations.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.mixed_model.design import Design

Floats = NDArray[np.float64]


def without_each(design: Design, phi: Floats, residual: float) -> Iterator[Floats | None]:
    """Generalised least squares estimates; each block of the design is left out once.

    Parameters
    ----------
    design
        Design of all ratings, which have the same weight.
    phi
        Variance of each random factor, in points^2; zero is allowed.
    residual
        Residual variance, above 0.

    Yields
    ------
    ndarray or None
        Coefficients, shape (p,), without each block, in the order of `design.blocks`. The intercept
        belongs to centred ratings, as in `design`. The estimate is None if the remaining ratings
        cannot estimate a coefficient.
    """
    gamma_n, gamma_c = (phi / residual)[design.nested_of], (phi / residual)[design.common_of]
    own = np.stack([_own(design, place, gamma_n) for place in range(len(design.blocks))])
    whole, c, p = own.sum(axis=0), len(gamma_c), design.p
    for place, one in enumerate(own):
        x = design.x[design.block_of == place]
        if np.linalg.matrix_rank(design.rr[:p, :p] - x.T @ x, hermitian=True) < p:
            yield None
            continue
        rest = whole - one
        k_cc, k_cr = rest[:c, :c], rest[:c, c:]
        z_r = np.linalg.solve(np.eye(c) + k_cc * gamma_c, k_cr)
        v_rr = rest[c:, c:] - k_cr.T @ (gamma_c[:, None] * z_r)
        yield np.asarray(np.linalg.solve(v_rr[:p, :p], v_rr[:p, p]), dtype=float)


def _own(design: Design, place: int, gamma_n: Floats) -> Floats:
    """Cross-products of a block's common levels and [X y], without the block's own levels."""
    rows = np.flatnonzero(design.block_of == place)
    commons = np.zeros((len(rows), len(design.common_of)))
    for one in design.commons[rows].T:
        commons[np.arange(len(rows)), one] += 1.0
    sides = np.column_stack([commons, design.x[rows], design.y[rows]])
    nested = np.column_stack([design.m_nc[place], design.r_n[place]])
    inner = np.linalg.solve(np.eye(len(gamma_n)) + design.m_nn[place] * gamma_n, nested)
    return np.asarray(sides.T @ sides - nested.T @ (gamma_n[:, None] * inner), dtype=float)
