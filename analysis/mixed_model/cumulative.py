"""Cumulative link mixed model with crossed random factors, by Laplace's approximation.

**Conventions.** P(y <= c) = F(th_c - eta), eta = x'b + z'Lambda u, F logistic, u standard normal,
Lambda the standard deviations. Columns of X are those of the design without the intercept, whose
place the thresholds take. With the modes u* that minimise f(u) = -log L(y | u) + u'u / 2 and
H = Lambda Z'WZ Lambda + I there (W = diag of f(a) + f(b), a and b the ends of a rating's band as
seen from eta), minus the log-likelihood is f(u*) + log|H| / 2.

Its gradient has a direct part, one through W in H, and one through u*; with h_r = z_r' Lambda H^-1
Lambda z_r and w' = dW / d eta the last is taken with one more solution of H. As in
`analysis.mixed_model.fit`, participants are eliminated block by block.

References
----------
.. [1] Christensen (2019), Cumulative link models for ordinal regression with the R package ordinal.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from analysis.mixed_model.design import Design

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_INNER_STEPS = 50
INNER_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Terms:
    """Each rating's part of -log L with what its derivatives need."""

    log_p: Floats
    score: Floats
    weight: Floats
    slope_low: Floats
    slope_high: Floats
    density_low: Floats
    density_high: Floats
    log_p_low: Floats
    log_p_high: Floats


def _terms(low: Floats, high: Floats) -> Terms:
    """Derivatives of log(F(high) - F(low)): in eta, and in each end."""
    f_low, f_high = expit(low), expit(high)
    d_low, d_high = f_low * expit(-low), f_high * expit(-high)
    width = np.log1p(-np.exp(low - high))  # log F(a) - F(b) without cancellation
    log_p = log_expit(high) + log_expit(-low) + width
    return Terms(
        log_p,
        f_high + f_low - 1,
        d_low + d_high,
        d_low * (1 - 2 * f_low),
        d_high * (1 - 2 * f_high),
        d_low,
        d_high,
        -np.exp(log_expit(low) - log_expit(high) - width),
        np.exp(log_expit(-high) - log_expit(-low) - width),
    )


@dataclass(frozen=True)
class Factor:
    """H^-1 = diag(B, 0) + F G F' with F = [-B H_nc; 1], and log|H|."""

    b: Floats
    f: Floats
    g: Floats
    log_det: float

    def solve(self, nested: Floats, common: Floats) -> tuple[Floats, Floats]:
        """H^-1 times a vector, given and answered on slots (n, m) and common levels (c,)."""
        lower = self.g @ (common + np.einsum("nmc,nm->c", self.f, nested, optimize=True))
        return np.einsum("nab,nb->na", self.b, nested) + self.f @ lower, lower


class Laplace:
    """Minus the log-likelihood as a function of its parameters, with gradient.

    Parameters are the first threshold, the logarithms of the steps between thresholds, the
    coefficients of X, and the logarithms of the standard deviations of the active factors.

    Parameters
    ----------
    design
        From `analysis.mixed_model.build.build_design`.
    band
        Of each rating, counted from 0, every one occurring.
    active
        Random factors that take part.
    penalty
        Precision of a normal prior on the coefficients of X, for effects without limit; 0: none.
    """

    def __init__(
        self, design: Design, band: Integers, active: tuple[int, ...], penalty: float = 0.0
    ) -> None:
        self.design, self.band, self.penalty = design, band, penalty
        self.x = design.x[:, 1:]
        self.n_steps = int(band.max())
        self.active = np.array(active, dtype=np.int64)
        keep_n = np.flatnonzero(np.isin(design.nested_of, active))
        keep_c = np.flatnonzero(np.isin(design.common_of, active))
        self.owner_n = np.searchsorted(self.active, design.nested_of[keep_n])
        self.owner_c = np.searchsorted(self.active, design.common_of[keep_c])
        self.who = design.participant_of
        self.slots = _renumbered(design.slots, keep_n)
        self.commons = _renumbered(design.commons, keep_c)
        self.n, self.m, self.c = len(design.participants), len(keep_n), len(keep_c)
        self.u_n, self.u_c = np.zeros((self.n, self.m)), np.zeros(self.c)

    def split(self, parameters: Floats) -> tuple[Floats, Floats, Floats]:
        """Thresholds, coefficients, standard deviations."""
        steps = np.exp(np.clip(parameters[1 : self.n_steps], -30, 20))
        last = self.n_steps + self.x.shape[1]
        thresholds = np.cumsum(np.concatenate([parameters[:1], steps]))
        return (
            thresholds,
            parameters[self.n_steps : last],
            np.exp(np.clip(parameters[last:], -12, 5)),
        )

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        """Value and gradient; the modes of the random effects are kept as the next start."""
        thresholds, b, sd = self.split(parameters)
        ends = np.concatenate([[-np.inf], thresholds, [np.inf]])
        low, high = ends[self.band], ends[self.band + 1]
        fixed = self.x @ b
        value, terms, factor = self._modes(low - fixed, high - fixed, sd)
        gradient = self._gradient(terms, factor, sd, parameters)
        value += self.penalty * float(b @ b) / 2
        gradient[self.n_steps : self.n_steps + len(b)] += self.penalty * b
        return value + factor.log_det / 2, gradient

    def weights(self, parameters: Floats) -> Floats:
        """W of each rating at the modes."""
        thresholds, b, sd = self.split(parameters)
        self(parameters)
        ends = np.concatenate([[-np.inf], thresholds, [np.inf]])
        eta = self.x @ b + self._spread(self.u_n * sd[self.owner_n], self.u_c * sd[self.owner_c])
        return _terms(ends[self.band] - eta, ends[self.band + 1] - eta).weight

    def _spread(self, nested: Floats, common: Floats) -> Floats:
        """Z times a vector: what each rating has of its levels."""
        own = nested[self.who[:, None], self.slots].sum(axis=1)
        return np.asarray(own + common[self.commons].sum(axis=1))

    def _gathered(self, values: Floats) -> tuple[Floats, Floats]:
        """Z' times a vector."""
        nested, common = np.zeros(self.n * self.m), np.zeros(self.c)
        for places in self.slots.T:
            nested += np.bincount(self.who * self.m + places, values, self.n * self.m)
        for places in self.commons.T:
            common += np.bincount(places, values, self.c)
        return nested.reshape(self.n, self.m), common

    def _modes(self, low: Floats, high: Floats, sd: Floats) -> tuple[float, Terms, Factor]:
        """Damped Newton steps to u*; the value there, its terms and the factor of H."""
        lam_n, lam_c = sd[self.owner_n], sd[self.owner_c]
        value, terms = self._value(self.u_n, self.u_c, low, high, lam_n, lam_c)
        for _ in range(MOST_INNER_STEPS):
            s_n, s_c = self._gathered(terms.score)
            factor = self._factor(terms.weight, lam_n, lam_c)
            d_n, d_c = factor.solve(self.u_n - lam_n * s_n, self.u_c - lam_c * s_c)
            size, step = 1.0, max(np.max(np.abs(d_n), initial=0), np.max(np.abs(d_c), initial=0))
            while True:  # damped: a full step may overshoot from a poor start
                u_n, u_c = self.u_n - size * d_n, self.u_c - size * d_c
                new, new_terms = self._value(u_n, u_c, low, high, lam_n, lam_c)
                if new <= value + 1e-12 * abs(value) or size < 1e-6:
                    break
                size /= 2
            self.u_n, self.u_c, value, terms = u_n, u_c, new, new_terms
            if not step * size > INNER_TOLERANCE:
                break
        if not np.isfinite(value):  # the next start must be one
            self.u_n, self.u_c = np.zeros_like(self.u_n), np.zeros_like(self.u_c)
        return value, terms, self._factor(terms.weight, lam_n, lam_c)

    def _value(
        self, u_n: Floats, u_c: Floats, low: Floats, high: Floats, lam_n: Floats, lam_c: Floats
    ) -> tuple[float, Terms]:
        eta = self._spread(u_n * lam_n, u_c * lam_c)
        terms = _terms(low - eta, high - eta)
        return float(-terms.log_p.sum() + (np.sum(u_n**2) + u_c @ u_c) / 2), terms

    def _factor(self, weight: Floats, lam_n: Floats, lam_c: Floats) -> Factor:
        n, m, c = self.n, self.m, self.c
        nn, nc, cc = np.zeros(n * m * m), np.zeros(n * m * c), np.zeros(c * c)
        for one in self.slots.T:
            at = (self.who * m + one) * m
            for two in self.slots.T:
                nn += np.bincount(at + two, weight, n * m * m)
            at = (self.who * m + one) * c
            for two in self.commons.T:
                nc += np.bincount(at + two, weight, n * m * c)
        for one in self.commons.T:
            for two in self.commons.T:
                cc += np.bincount(one * c + two, weight, c * c)
        h_nn = nn.reshape(n, m, m) * np.outer(lam_n, lam_n) + np.eye(m)
        h_nc = nc.reshape(n, m, c) * np.outer(lam_n, lam_c)
        b = np.linalg.inv(h_nn)
        f = -b @ h_nc
        schur = np.eye(c) + cc.reshape(c, c) * np.outer(lam_c, lam_c)
        schur += h_nc.reshape(n * m, c).T @ f.reshape(n * m, c)
        chol = np.linalg.cholesky((schur + schur.T) / 2)
        half = np.linalg.inv(chol)
        log_det = float(np.linalg.slogdet(h_nn)[1].sum()) + 2 * float(np.sum(np.log(np.diag(chol))))
        return Factor(np.asarray(b, dtype=float), f, half.T @ half, log_det)

    def _leverage(self, factor: Factor, lam_n: Floats, lam_c: Floats) -> Floats:
        """h_r of each rating."""
        fg = factor.f @ factor.g
        block = (factor.b + fg @ factor.f.transpose(0, 2, 1)) * np.outer(lam_n, lam_n)
        mixed, common = fg * np.outer(lam_n, lam_c), factor.g * np.outer(lam_c, lam_c)
        h = np.zeros(len(self.band))
        for one in self.slots.T:
            for two in self.slots.T:
                h += block[self.who, one, two]
            for two in self.commons.T:
                h += 2 * mixed[self.who, one, two]
        for one in self.commons.T:
            for two in self.commons.T:
                h += common[one, two]
        return h

    def _gradient(self, terms: Terms, factor: Factor, sd: Floats, parameters: Floats) -> Floats:
        lam_n, lam_c = sd[self.owner_n], sd[self.owner_c]
        h = self._leverage(factor, lam_n, lam_c)
        turn = -h * (terms.slope_low + terms.slope_high) / 2  # h w' / 2
        t_n, t_c = self._gathered(turn)
        l_n, l_c = factor.solve(lam_n * t_n, lam_c * t_c)
        mu = self._spread(lam_n * l_n, lam_c * l_c)
        eta = -terms.score + turn - mu * terms.weight
        high = -terms.log_p_high + h * terms.slope_high / 2 + mu * terms.density_high
        low = -terms.log_p_low + h * terms.slope_low / 2 + mu * terms.density_low
        k = self.n_steps + 1
        by_end = np.bincount(self.band, high, k)[:-1] + np.bincount(self.band, low, k)[1:]
        after = np.cumsum(by_end[::-1])[::-1]
        steps = np.exp(np.clip(parameters[1 : self.n_steps], -30, 20))
        s_n, s_c = self._gathered(terms.score)
        e_n, e_c = self._gathered(eta)
        inverse_n = np.einsum("nmm->nm", factor.b) + np.einsum(
            "nmc,nmc->nm", factor.f @ factor.g, factor.f
        )
        of_n = e_n * lam_n * self.u_n + 1 - inverse_n + l_n * lam_n * s_n
        of_c = e_c * lam_c * self.u_c + 1 - np.diag(factor.g) + l_c * lam_c * s_c
        size = len(self.active)
        spread = np.zeros(size)  # an empty bincount counts in integers
        for owner, share in ((self.owner_n, of_n.sum(axis=0)), (self.owner_c, of_c)):
            spread = spread + np.bincount(owner, share, size)
        return np.concatenate([after[:1], steps * after[1:], self.x.T @ eta, spread])


def _renumbered(places: Integers, kept: Integers) -> Integers:
    """Columns of places that are all among those kept, counted over these."""
    columns = [column for column in places.T if len(column) and np.all(np.isin(column, kept))]
    if not columns:
        return np.zeros((len(places), 0), dtype=np.int64)
    return np.searchsorted(kept, np.stack(columns, axis=1)).astype(np.int64)
