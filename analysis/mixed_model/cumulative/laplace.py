"""Cumulative link mixed model with crossed random factors, by Laplace's approximation.

**Conventions.** P(y <= c) = F(th_c - eta) with eta = x'b + z'Lambda u. F is the logistic
distribution, u is standard normal, and Lambda holds the standard deviations. The columns of X are
the columns of the design, without the intercept; the thresholds replace the intercept. The modes u*
minimise f(u) = -log L(y | u) + u'u / 2. H is Lambda Z'WZ Lambda + I at u*. W is the diagonal matrix
of f(a) + f(b), where a and b are the ends of a rating's band minus eta. Minus the log-likelihood is
f(u*) + log|H| / 2.

The gradient has three parts: a direct part, a part from the change of W in H, and a part from the
change of u*. The part through u* needs one more solution of H, with h_r = z_r' Lambda H^-1 Lambda
z_r and w' = dW / d eta. The blocks are eliminated one after the other, as in
`analysis.mixed_model.fit`. One vector contains all levels. In the vector of all levels, the slots
of all blocks come first; the levels that blocks share come last.

References
----------
.. [1] Christensen (2019), Cumulative link models for ordinal regression with the R package ordinal.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from analysis.mixed_model.cumulative.terms import Terms
from analysis.mixed_model.design import Design

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_INNER_STEPS = 50
INNER_TOLERANCE = 1e-9
"""The search for the modes ends if the next step is predicted to be smaller than this."""
MUCH_SHORTER = 0.1
"""H is computed anew after a step that is longer than this share of the step before it."""


@dataclass(frozen=True)
class Factor:
    """H^-1 = diag(B, 0) + F G F' with F = [-B H_nc; 1], and log|H|.

    Shapes: B (n, m, m), F (n m, c) without its last rows, G (c, c).
    """

    b: Floats
    f: Floats
    g: Floats
    log_det: float

    def solve(self, values: Floats) -> Floats:
        """H^-1 times a vector of all levels."""
        nested, common = values[: len(self.f)], values[len(self.f) :]
        lower = self.g @ (common + nested @ self.f)
        own = self.b @ nested.reshape(len(self.b), -1, 1)
        return np.concatenate([own.ravel() + self.f @ lower, lower])


class Laplace:
    """Minus the log-likelihood as a function of the parameters, with its gradient.

    The parameters are, in this order: the first threshold, the logarithms of the steps between
    thresholds, the coefficients of X, and the logarithms of the active factors' standard
    deviations.

    Parameters
    ----------
    design
        From `analysis.mixed_model.build.build_design`.
    band
        Number of the band of each rating, from 0; each band has at least one rating.
    active
        Random factors that the model contains.
    penalty
        Precision matrix (p x p) of a normal prior on the coefficients of X, for effects that have
        no finite estimate; None: no prior.
    """

    def __init__(
        self,
        design: Design,
        band: Integers,
        active: tuple[int, ...],
        penalty: Floats | None = None,
    ) -> None:
        self.design, self.band = design, band
        self.x = design.x[:, 1:]
        n = self.x.shape[1]
        self.penalty = np.zeros((n, n)) if penalty is None else penalty
        self.n_steps = int(band.max())
        self.active = np.array(active, dtype=np.int64)
        keep_n = np.flatnonzero(np.isin(design.nested_of, active))
        keep_c = np.flatnonzero(np.isin(design.common_of, active))
        self.n, self.m, self.c = len(design.blocks), len(keep_n), len(keep_c)
        owners = np.tile(design.nested_of[keep_n], self.n), design.common_of[keep_c]
        self.owner = np.searchsorted(self.active, np.concatenate(owners))
        self.u = np.zeros(len(self.owner))
        self.factor: Factor | None = None
        slots, commons = _renumbered(design.slots, keep_n), _renumbered(design.commons, keep_c)
        self._index(design.block_of[:, None] * self.m + slots, slots, commons)

    def _index(self, nested: Integers, slots: Integers, commons: Integers) -> None:
        """Z', and for each rating, the cells of Z'WZ to which its weight is added."""
        n_nested, m, c = self.n * self.m, self.m, self.c
        self.sizes = n_nested * m, n_nested * c, c * c
        self.levels = _ones([nested, commons], (n_nested, c))
        self.ratings = self.levels.T  # a row a rating
        pairs = (nested, slots, m), (nested, commons, c), (commons, commons, c)
        self.cells = _ones([_crossed(*pair) for pair in pairs], self.sizes)

    def split(self, parameters: Floats) -> tuple[Floats, Floats, Floats]:
        """Thresholds, coefficients and standard deviations."""
        last = self.n_steps + self.x.shape[1]
        thresholds = np.concatenate([parameters[:1], self._steps(parameters)]).cumsum()
        return (
            thresholds,
            parameters[self.n_steps : last],
            np.exp(np.minimum(np.maximum(parameters[last:], -12.0), 5.0)),
        )

    def _steps(self, parameters: Floats) -> Floats:
        """Steps from each threshold to the next."""
        return np.exp(np.minimum(np.maximum(parameters[1 : self.n_steps], -30.0), 20.0))

    @np.errstate(over="ignore", divide="ignore", invalid="ignore")
    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        """Value and gradient; the next search begins at the modes that this one found."""
        _, b, sd = self.split(parameters)
        value, terms, factor = self._modes(*self._ends(parameters), sd)
        gradient = self._gradient(terms, factor, sd, parameters)
        value += self.prior(b)
        gradient[self.n_steps : self.n_steps + len(b)] += self.penalty @ b
        return value + factor.log_det / 2, gradient

    def prior(self, b: Floats) -> float:
        """Minus the log prior density of the coefficients; the constant is left out."""
        return float(b @ self.penalty @ b) / 2

    def weights(self, parameters: Floats) -> Floats:
        """Weight W of each rating at the modes."""
        return self._modes(*self._ends(parameters), self.split(parameters)[2])[1].weight

    @np.errstate(over="ignore", divide="ignore", invalid="ignore")
    def near_hessian(self, parameters: Floats) -> Floats:
        """Approximate second derivative; for standard deviations only, it includes log|H|.

        For thresholds and coefficients, the approximation is the second derivative of f, where u
        changes with the parameter. For a standard deviation, the approximation is the information
        about a variance whose levels are known with the precision of H.
        """
        sd = self.split(parameters)[2]
        lam = sd[self.owner]
        _, terms, factor = self._modes(*self._ends(parameters), sd)
        low, high = self._by_ends(parameters)
        of_low, of_both, of_high = (each[:, None] for each in terms.curvature())
        from_low, from_high = low * of_low + high * of_both, high * of_high + low * of_both
        cross = lam[:, None] * (self.levels @ (from_low + from_high))
        followed = np.stack([factor.solve(column) for column in cross.T]) @ cross
        known = (1 - self._leverage(factor, lam)[1]) ** 2
        held = linalg.block_diag(np.zeros((self.n_steps, self.n_steps)), self.penalty)
        return linalg.block_diag(
            low.T @ from_low + high.T @ from_high - followed + held,
            np.diag(2 * np.bincount(self.owner, known, len(self.active))),
        )

    def _ends(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Ends of each rating's band, minus the fixed effects of the rating."""
        thresholds, b, _ = self.split(parameters)
        ends = np.concatenate([[-np.inf], thresholds, [np.inf]])
        fixed = self.x @ b
        return ends[self.band] - fixed, ends[self.band + 1] - fixed

    def _by_ends(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Derivatives of `_ends` with respect to thresholds and coefficients."""
        k = self.n_steps
        steps = np.concatenate([[1.0], self._steps(parameters)])
        ends = np.zeros((k + 2, k))
        ends[1:-1] = np.tril(np.ones((k, k))) * steps
        return np.hstack([ends[self.band], -self.x]), np.hstack([ends[self.band + 1], -self.x])

    def _modes(self, low: Floats, high: Floats, sd: Floats) -> tuple[float, Terms, Factor]:
        """Damped Newton steps to u*; returned are the value at u*, its terms and the factor of H.

        The last factor of H is used again as long as the steps still become much shorter.
        """
        lam = sd[self.owner]
        value, terms = self._value(self.u, low, high, lam)
        factor, before = self.factor, 0.0
        for _ in range(MOST_INNER_STEPS):
            factor = factor or self._factor(terms.weight, lam)
            newton = factor.solve(self.u - lam * (self.levels @ terms.score))
            size = 1.0
            while True:  # steps are halved if a full step goes too far
                u = self.u - size * newton
                new, new_terms = self._value(u, low, high, lam)
                if new <= value + 1e-12 * abs(value) or size < 1e-6:
                    break
                size /= 2
            self.u, value, terms = u, new, new_terms
            step = float(np.max(np.abs(newton), initial=0))
            shortened, before = step / before if before else MUCH_SHORTER, step
            if not step * shortened > INNER_TOLERANCE:
                break
            if shortened > MUCH_SHORTER or size < 1:
                factor, before = None, 0.0
        self.factor = found = self._factor(terms.weight, lam)
        if not np.isfinite(value):  # so that the next fit starts from finite values
            self.u, self.factor = np.zeros_like(self.u), None
        return value, terms, found

    def _value(self, u: Floats, low: Floats, high: Floats, lam: Floats) -> tuple[float, Terms]:
        eta = self.ratings @ (u * lam)
        terms = Terms.between(low - eta, high - eta)
        return float(-terms.log_p.sum() + u @ u / 2), terms

    def _blocks(self, lam: Floats) -> tuple[Floats, Floats, Floats]:
        """Products of Lambda for the cells of Z'WZ: nested levels, mixed cells, common levels."""
        nested, common = lam[: self.n * self.m], lam[self.n * self.m :]
        own = nested[: self.m]
        return np.outer(own, own), np.outer(nested, common), np.outer(common, common)

    def _factor(self, weight: Floats, lam: Floats) -> Factor:
        n, m, c = self.n, self.m, self.c
        cells, (size_nn, size_nc, _) = self.cells @ weight, self.sizes
        own, mixed, common = self._blocks(lam)
        h_nn = cells[:size_nn].reshape(n, m, m) * own + np.eye(m)
        h_nc = cells[size_nn : size_nn + size_nc].reshape(n * m, c) * mixed
        b = np.linalg.inv(h_nn)
        f = -(b @ h_nc.reshape(n, m, c)).reshape(n * m, c)
        schur = np.eye(c) + cells[size_nn + size_nc :].reshape(c, c) * common + h_nc.T @ f
        chol = np.linalg.cholesky((schur + schur.T) / 2)
        half = np.linalg.inv(chol)
        log_det = float(np.linalg.slogdet(h_nn)[1].sum()) + 2 * float(np.sum(np.log(np.diag(chol))))
        return Factor(np.asarray(b, dtype=float), f, half.T @ half, log_det)

    def _leverage(self, factor: Factor, lam: Floats) -> tuple[Floats, Floats]:
        """h_r of each rating, and the diagonal of H^-1."""
        n, m, c = self.n, self.m, self.c
        fg = factor.f @ factor.g
        block = factor.b + fg.reshape(n, m, c) @ factor.f.reshape(n, m, c).transpose(0, 2, 1)
        own, mixed, common = self._blocks(lam)
        parts = (block * own).ravel(), 2 * (fg * mixed).ravel(), (factor.g * common).ravel()
        diagonal = np.einsum("nmm->nm", block).ravel(), np.diag(factor.g)
        return self.cells.T @ np.concatenate(parts), np.concatenate(diagonal)

    def _gradient(self, terms: Terms, factor: Factor, sd: Floats, parameters: Floats) -> Floats:
        lam = sd[self.owner]
        h, inverse = self._leverage(factor, lam)
        slope_low, slope_high = terms.slopes()
        turn = -h * (slope_low + slope_high) / 2  # h w' / 2
        through = factor.solve(lam * (self.levels @ turn))
        mu = self.ratings @ (lam * through)
        eta = -terms.score + turn - mu * terms.weight
        by_low, by_high = terms.by_ends()
        low = -by_low + h * slope_low / 2 + mu * terms.density[0]
        high = -by_high + h * slope_high / 2 + mu * terms.density[1]
        k = self.n_steps + 1
        by_end = np.bincount(self.band, high, k)[:-1] + np.bincount(self.band, low, k)[1:]
        after = np.cumsum(by_end[::-1])[::-1]
        steps = self._steps(parameters)
        spread = lam * (self.levels @ eta) * self.u + 1 - inverse
        spread += through * lam * (self.levels @ terms.score)
        own = np.bincount(self.owner, spread, len(self.active)).astype(float)
        return np.concatenate([after[:1], steps * after[1:], self.x.T @ eta, own])


def _crossed(a: Integers, b: Integers, width: int) -> Integers:
    """Cells of a matrix of the given width, for each pair of a column of a and a column of b."""
    return np.asarray(a[:, :, None] * width + b[:, None, :]).reshape(len(a), -1)


def _ones(places: list[Integers], sizes: tuple[int, ...]) -> sparse.csc_array:
    """Matrix with a column per rating; ones are in the rows of the rating's places."""
    offsets = np.cumsum([0, *sizes])
    rows = np.hstack([each + offset for each, offset in zip(places, offsets[:-1], strict=True)])
    ends = np.arange(len(rows) + 1) * rows.shape[1]
    return sparse.csc_array(
        (np.ones(rows.size), rows.ravel(), ends), shape=(int(offsets[-1]), len(rows))
    )


def _renumbered(places: Integers, kept: Integers) -> Integers:
    """Columns for which all places are kept; the kept places get new numbers."""
    columns = [column for column in places.T if len(column) and np.all(np.isin(column, kept))]
    if not columns:
        return np.zeros((len(places), 0), dtype=np.int64)
    return np.searchsorted(kept, np.stack(columns, axis=1)).astype(np.int64)
