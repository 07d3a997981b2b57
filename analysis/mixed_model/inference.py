"""Tests and intervals of a fitted mixed model, by Satterthwaite's or Kenward-Roger's method.

**Conventions.** A contrast is a row of weights, one for each column of X. Estimates are in points
of the rating scale. Satterthwaite's and Kenward-Roger's method both estimate how precise a standard
error is, and express this precision as degrees of freedom.

In reading order: the rule that chooses the method for a design, `Inference`, and Tukey's p.
`satterthwaite.py` defines contrasts and the common parts of their tests.

References
----------
.. [1] Kenward & Roger (1997), Small sample inference for fixed effects from restricted maximum
   likelihood.
"""

from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats
from scipy.interpolate import BSpline, make_interp_spline

from analysis.defaults import (
    AUTO,
    DEFAULT_DF_METHOD,
    DF_NAMES,
    KENWARD_ROGER,
    SATTERTHWAITE,
    DfMethod,
)
from analysis.findings.models import FTest
from analysis.mixed_model.design import Design
from analysis.mixed_model.fit import MixedModel
from analysis.mixed_model.projection import curvature, fixed_effect_derivatives
from analysis.mixed_model.satterthwaite import (
    Contrasts,
    ContrastTests,
    degrees_of_freedom,
)
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.threads import one_blas_thread

Floats = NDArray[np.float64]


FEW_LEVELS = 10
"""A design with fewer participants or songs is small."""


def method_for(design: Design) -> DfMethod:
    """Method for the degrees of freedom; the rule uses only the design, not the ratings.

    Parameters
    ----------
    design
        The model's design.

    Returns
    -------
    str
        The method is Kenward-Roger's in two cases: there are fewer than `FEW_LEVELS` participants
        or songs, or the design is unbalanced. A design is unbalanced if participants rated
        different stimuli, or if the levels of a fixed term have different numbers of ratings. If
        the levels have different numbers of ratings, a column with sum-to-zero contrasts does not
        sum to zero. For all other designs, the method is Satterthwaite's. In large balanced
        designs, both methods give the same result.
    """
    is_small = min(len(design.participants), len(design.songs)) < FEW_LEVELS
    is_balanced = design.is_alike and not np.any(np.abs(design.x[:, 1:].sum(0)) > 0.5)
    return SATTERTHWAITE if is_balanced and not is_small else KENWARD_ROGER


class Inference(ContrastTests):
    """Degrees of freedom of a fitted model, all computed by the same method.

    Parameters
    ----------
    model
        From `analysis.mixed_model.fit.fit`.
    method
        One of `analysis.defaults.DF_NAMES`; `auto` lets `method_for` decide.

    Raises
    ------
    ValueError
        There is no method with the given name.
    """

    def __init__(self, model: MixedModel, method: str = DEFAULT_DF_METHOD) -> None:
        if method not in DF_NAMES:
            raise ValueError(
                f"The degrees of freedom must be {' or '.join(DF_NAMES)}, not {method}."
            )
        self.method = method_for(model.design) if method == AUTO else method
        self._is_adjusted = self.method == KENWARD_ROGER
        self._c = model.curvature.projection.c
        with one_blas_thread():
            self._shape = model.curvature
            if self._is_adjusted and model.singular:
                # As in the R package pbkrtest, the uncertainty of a variance counts even if the
                # estimate is zero.
                every = tuple(range(len(model.variance)))
                self._shape = curvature(model.curvature.projection, every)
            self._d, self._q = fixed_effect_derivatives(self._shape)
        covariance = self._adjusted() if self._is_adjusted else self._c
        super().__init__(model.design, model.coefficients, covariance)

    @cached_property
    def _variance_covariance(self) -> Floats:
        return np.asarray(2 * np.linalg.pinv(self._shape.observed, hermitian=True))

    @cached_property
    def _weights(self) -> Floats:
        return np.asarray(2 * np.linalg.pinv(self._shape.expected, hermitian=True))

    def _adjusted(self) -> Floats:
        """Covariance of the coefficients, shape (p, p), with Kenward-Roger's correction if used."""
        total = np.zeros_like(self._c)
        for i, d_i in enumerate(self._d):
            for j, d_j in enumerate(self._d):
                total += self._weights[i, j] * (self._q[i][j] - d_i @ self._c @ d_j)
        adjusted = self._c + 2 * self._c @ total @ self._c
        return np.asarray((adjusted + adjusted.T) / 2)

    def df(self, rows: Floats) -> Floats:
        """2 v^2 / Var(v); the variance of each estimate is v = row C row'.

        For a single contrast, Kenward and Roger's formula differs in one point: it uses the
        expected information, not the observed information.
        """
        c_rows = rows @ self._c
        slope = np.stack([np.sum((c_rows @ d) * c_rows, axis=1) for d in self._d], axis=1)
        return self._df_of(np.sum(c_rows * rows, axis=1), slope)

    def _df_of(self, variance: Floats, slope: Floats) -> Floats:
        spread = self._weights if self._is_adjusted else self._variance_covariance
        return degrees_of_freedom(variance, np.sum((slope @ spread) * slope, axis=1))

    def f_test(self, rows: Floats) -> FTest:
        """Test that all contrasts are zero, with this method's denominator (`ContrastTests`)."""
        if not self._is_adjusted:
            return super().f_test(rows)
        df2, scale = self._kr(rows)
        value, df1 = rows @ self.coefficients, len(rows)
        f = scale * float(value @ np.linalg.solve(rows @ self.covariance @ rows.T, value)) / df1
        return FTest(f, df1, df2, float(stats.f.sf(f, df1, df2)), self.method)

    def _kr(self, rows: Floats) -> tuple[float, float]:
        """Kenward and Roger's denominator degrees of freedom and scale factor."""
        q = len(rows)
        theta = rows.T @ np.linalg.solve(rows @ self._c @ rows.T, rows)
        b = [-theta @ self._c @ d @ self._c for d in self._d]
        traces = np.array([np.trace(part) for part in b])
        a1 = float(traces @ self._weights @ traces)
        products = np.array([[np.sum(one * two.T) for two in b] for one in b])
        a2 = float(np.sum(self._weights * products))
        bq = (a1 + 6 * a2) / (2 * q)
        g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
        below = 3 * q + 2 * (1 - g)
        c1, c2, c3 = g / below, (q - g) / below, (q + 2 - g) / below
        expected = 1 / (1 - a2 / q)
        # With four denominator degrees of freedom, the F distribution has no finite variance.
        with np.errstate(divide="ignore"):
            variance = (2 / q) * (1 + c1 * bq) / np.float64((1 - c2 * bq) ** 2 * (1 - c3 * bq))
        rho = float(variance) / (2 * expected**2)
        df = 4 + (q + 2) / (q * rho - 1)
        if not np.isfinite(df) or df <= 0:
            raise NotEstimableError(
                "Kenward-Roger's degrees of freedom do not exist for this test."
            )
        return float(df), float(df / (expected * (df - 2))) if df > 2 else 1.0

    def all_differences(self, group: str | None = None) -> Contrasts:
        """Differences a - b of all pairs of systems, in alphabetical order.

        The variances of all pairs are computed from one matrix over systems: for each pair, two
        diagonal elements minus two off-diagonal elements. The differences of all pairs are computed
        fast, even with hundreds of systems.
        """
        rows = np.array([self._row(name, group) for name in self.design.systems])
        first, second = np.triu_indices(len(rows), 1)

        def of_pairs(matrix: Floats) -> Floats:
            between = rows @ matrix @ rows.T
            own = np.diag(between)
            crossed = between[first, second] + between[second, first]
            return np.asarray(own[first] + own[second] - crossed)

        slope = np.stack([of_pairs(self._c @ d @ self._c) for d in self._d], axis=1)
        mean = rows @ self.coefficients
        return Contrasts(
            mean[first] - mean[second],
            np.sqrt(of_pairs(self.covariance)),
            self._df_of(of_pairs(self._c), slope),
        )


def tukey_p(t: ArrayLike, n_means: int, df: ArrayLike) -> Floats:
    """P-values for the t tests of all pairs, from the studentized range (Tukey).

    Notes
    -----
    P(range / s > q) is the mean of P(range > q s) over s = sqrt(chi^2_df / df), integrated over log
    s by the trapezoidal rule. scipy's `studentized_range` repeats the double integral for each
    value.
    """
    q, v = np.abs(np.asarray(t, float)) * np.sqrt(2), np.asarray(df, float)
    width = 1 / np.sqrt(2 * v)
    below = np.maximum(12 * width, 30 / v)
    u = -below + np.linspace(0.0, 1.0, 301)[:, None] * (below + 12 * width)
    log_density = v * u - v * np.expm1(2 * u) / 2
    weight = np.exp(log_density - log_density.max(axis=0))
    span = np.minimum(q * np.exp(u), WIDEST_RANGE)
    beyond = np.clip(_range_sf(n_means)(span), 0.0, 1.0)  # the spline can be slightly below 0
    return np.asarray(np.sum(weight * beyond, axis=0) / weight.sum(axis=0))


WIDEST_RANGE = 18.0
"""Range in standard deviations that normal values do not exceed, at the precision of floats."""


@lru_cache(maxsize=4)
def _range_sf(n_means: int) -> BSpline:
    """P(range of n standard normal values > w), as a spline for w from 0 to 18.

    P(range <= w) is n times the integral of phi(z) (Phi(z) - Phi(z - w))^(n - 1).
    """
    w, z = np.linspace(0.0, WIDEST_RANGE, 721), np.linspace(-8.5, 8.5, 341)
    inside = special.ndtr(z) - special.ndtr(z - w[:, None])
    below = np.trapezoid(stats.norm.pdf(z) * inside ** (n_means - 1), z, axis=1)
    return make_interp_spline(w, np.asarray(1 - n_means * below), k=5)
