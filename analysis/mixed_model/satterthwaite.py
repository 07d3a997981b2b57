"""Tests and intervals of contrasts of a fitted model, with Satterthwaite's degrees of freedom.

**Conventions.** A contrast is a row of weights, one for each column of X. Estimates are in the unit
in which the model is fitted. The variance v of an estimate is computed from estimated variances.
How precise v is, is expressed as degrees of freedom: 2 v^2 / Var(v).

In reading order: one contrast, several contrasts, an F test; the interface by which the findings
read a model; the tests that all models share; `Satterthwaite`. `Satterthwaite` only needs to know
how a model's covariance changes with each variance.

References
----------
.. [1] Kuznetsova, Brockhoff & Christensen (2017), lmerTest: tests in linear mixed effects models.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from analysis.defaults import SATTERTHWAITE
from analysis.findings.models import FTest
from analysis.mixed_model.design import Design, contrast_row, term_rows
from analysis.statistics.equivalence import Equivalence, tost

Floats = NDArray[np.float64]

MOST_DF = 1e6
"""Degrees of freedom beyond which Student's t has the printed digits of the normal distribution."""


@dataclass(frozen=True)
class Contrast:
    """A linear combination of coefficients and its t test; limits are not adjusted."""

    estimate: float
    se: float
    df: float
    t: float
    p: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Student's interval of the estimate."""
        half = float(stats.t.ppf(0.5 + level / 2, self.df)) * self.se
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True)
class Contrasts:
    """Several contrasts and their t tests; an array has one value for each contrast.

    Confidence intervals are not adjusted for multiple tests.
    """

    estimate: Floats
    se: Floats
    df: Floats

    @property
    def t(self) -> Floats:
        """Estimates divided by their standard errors."""
        return np.asarray(self.estimate / self.se)

    @property
    def p(self) -> Floats:
        """Two-sided p-values."""
        return np.asarray(2 * special.stdtr(self.df, -np.abs(self.t)))

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Student's intervals of the estimates."""
        half = special.stdtrit(self.df, 0.5 + level / 2) * self.se
        return self.estimate - half, self.estimate + half

    def within(self, margin: float) -> Equivalence:
        """Two one-sided tests that each estimate is between -margin and margin."""
        return tost(self.estimate, self.se, self.df, margin)

    def __getitem__(self, place: int) -> Contrast:
        """One of them."""
        numbers = (self.estimate, self.se, self.df, self.t, self.p)
        return Contrast(*(float(array[place]) for array in numbers))


class ModelTests(Protocol):
    """Interface that a fitted model must have to become a section of the findings."""

    @property
    def design(self) -> Design: ...  # noqa: D102
    @property
    def method(self) -> str: ...  # noqa: D102
    def contrast(self, row: Floats) -> Contrast: ...  # noqa: D102
    def term_test(self, name: str) -> FTest: ...  # noqa: D102
    def marginal_mean(self, system: str, group: str | None = None) -> Contrast: ...  # noqa: D102
    def difference(self, a: str, b: str, group: str | None = None) -> Contrast: ...  # noqa: D102
    def all_differences(self, group: str | None = None) -> Contrasts: ...  # noqa: D102


def degrees_of_freedom(variance: Floats, spread: Floats) -> Floats:
    """2 v^2 / Var(v) for variances v; `MOST_DF` if v is almost exactly known.

    Parameters
    ----------
    variance
        Variance v of each estimate, shape (m,).
    spread
        Var(v), shape (m,).
    """
    known = spread * MOST_DF <= 2 * variance**2
    of = np.full(np.shape(variance), MOST_DF)
    return np.asarray(np.divide(2 * variance**2, spread, out=of, where=~known))


class ContrastTests(ABC):
    """Tests of contrasts of a fitted model, with the degrees of freedom of this model.

    Parameters
    ----------
    design
        Of the model.
    coefficients
        Coefficients of the columns of X, shape (p,).
    covariance
        Covariance of the coefficients, shape (p, p).
    """

    method: str = SATTERTHWAITE

    def __init__(self, design: Design, coefficients: Floats, covariance: Floats) -> None:
        self.design, self.coefficients, self.covariance = design, coefficients, covariance

    @abstractmethod
    def df(self, rows: Floats) -> Floats:
        """Degrees of freedom of each contrast; `rows` has shape (m, p)."""

    def contrast(self, row: Floats) -> Contrast:
        """Estimate of one contrast of shape (p,), and its t test."""
        return self.contrasts(row[None])[0]

    def contrasts(self, rows: Floats) -> Contrasts:
        """Estimates of several contrasts, together of shape (m, p), and their t tests."""
        se = np.sqrt(np.sum((rows @ self.covariance) * rows, axis=1))
        return Contrasts(rows @ self.coefficients, se, self.df(rows))

    def f_test(self, rows: Floats) -> FTest:
        """Test that all contrasts are zero; the denominator is Satterthwaite's [1]_.

        Parameters
        ----------
        rows
            Shape (q, p).

        Returns
        -------
        FTest
            df1 is the rank of the contrasts.
        """
        weight, vectors = np.linalg.eigh(rows @ self.covariance @ rows.T)
        kept = weight > 1e-8 * weight.max()
        turned = vectors.T[kept] @ rows
        f = float(np.mean((turned @ self.coefficients) ** 2 / weight[kept]))
        df1, df2 = len(turned), _denominator(self.df(turned))
        return FTest(f, df1, df2, float(stats.f.sf(f, df1, df2)), self.method)

    def term_test(self, name: str) -> FTest:
        """Type III test of a fixed effect, such as "system" or "group:system"."""
        return self.f_test(term_rows(self.design, name))

    def marginal_mean(self, system: str, group: str | None = None) -> Contrast:
        """Estimated marginal mean of a system, in one group or over groups with equal weights."""
        return self.contrast(self._row(system, group))

    def difference(self, a: str, b: str, group: str | None = None) -> Contrast:
        """Difference a - b of the estimated marginal means of two systems."""
        return self.contrast(self._row(a, group) - self._row(b, group))

    def all_differences(self, group: str | None = None) -> Contrasts:
        """Differences a - b of all pairs of systems, in alphabetical order."""
        pairs = combinations([self._row(name, group) for name in self.design.systems], 2)
        return self.contrasts(np.array([first - second for first, second in pairs]))

    def _row(self, system: str, group: str | None) -> Floats:
        levels = {"system": system} if group is None else {"system": system, "group": group}
        return contrast_row(self.design, **levels)


def _denominator(nu: Floats) -> float:
    """Degrees of freedom for the mean of several squared t values, from those of the single t."""
    if len(nu) > 1 and np.any(nu <= 2):
        return 2.0
    if np.ptp(nu) < 1e-8 * nu.max():
        return float(nu.mean())
    total = float(np.sum(nu / (nu - 2)))
    return 2 * total / (total - len(nu))


class Satterthwaite(ContrastTests):
    """Tests of a model whose covariance is a known function of its variances.

    Parameters
    ----------
    design, coefficients, covariance
        As `ContrastTests`.
    derivatives
        Derivative of the covariance with respect to each variance parameter, shape (p, p).
    spread
        Covariance of the variance parameters.
    behind
        The covariance to which the derivatives belong, if it is not the covariance of the
        estimates.
    """

    def __init__(
        self,
        design: Design,
        coefficients: Floats,
        covariance: Floats,
        derivatives: Sequence[Floats],
        spread: Floats,
        behind: Floats | None = None,
    ) -> None:
        super().__init__(design, coefficients, covariance)
        self._derivatives, self._spread = derivatives, spread
        self._behind = covariance if behind is None else behind

    def df(self, rows: Floats) -> Floats:
        """2 v^2 / Var(v); the variance of each estimate is v = row C row'."""
        slope = [np.sum((rows @ each) * rows, axis=1) for each in self._derivatives]
        gradient = np.array(slope).reshape(len(slope), len(rows)).T
        spread = np.sum((gradient @ self._spread) * gradient, axis=1)
        return degrees_of_freedom(np.sum((rows @ self._behind) * rows, axis=1), spread)
