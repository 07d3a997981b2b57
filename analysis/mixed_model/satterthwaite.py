"""Tests and intervals of a fitted model's contrasts, with Satterthwaite's degrees of freedom.

**Conventions.** A contrast is a row over the columns of X; estimates are in the units of the model.
The variance v of an estimate hangs on variances that are estimated themselves; how well they are
known becomes degrees of freedom, 2 v^2 / Var(v).

References
----------
.. [1] Kuznetsova, Brockhoff & Christensen (2017), lmerTest: tests in linear mixed effects models.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.defaults import SATTERTHWAITE
from analysis.mixed_model.design import Design, contrast_row, term_rows
from analysis.mixed_model.inference import Contrast, Contrasts, FTest

Floats = NDArray[np.float64]


MOST_DF = 1e6
"""Beyond, Student's t is the normal distribution in all digits that are told."""


def degrees_of_freedom(variance: float, spread: float) -> float:
    """2 v^2 / Var(v) of the variance v of an estimate; `MOST_DF` where v is as good as known."""
    known = spread * MOST_DF <= 2 * variance**2
    return MOST_DF if known else 2 * variance**2 / spread


class ModelTests(Protocol):
    """What a section of the findings asks of a fitted model, whichever it is."""

    @property
    def design(self) -> Design: ...  # noqa: D102
    @property
    def method(self) -> str: ...  # noqa: D102
    def contrast(self, row: Floats) -> Contrast: ...  # noqa: D102
    def term_test(self, name: str) -> FTest: ...  # noqa: D102
    def marginal_mean(self, system: str, group: str | None = None) -> Contrast: ...  # noqa: D102
    def difference(self, a: str, b: str, group: str | None = None) -> Contrast: ...  # noqa: D102
    def all_differences(self, group: str | None = None) -> Contrasts: ...  # noqa: D102


class Satterthwaite:
    """Tests of the contrasts of one fitted model.

    Parameters
    ----------
    design
        Of the model.
    coefficients
        Of the columns of X, shape (p,).
    covariance
        Of the coefficients, shape (p, p).
    derivatives
        Of that covariance in each variance parameter, (p, p) each.
    spread
        Covariance of the variance parameters.
    """

    method: str = SATTERTHWAITE

    def __init__(
        self,
        design: Design,
        coefficients: Floats,
        covariance: Floats,
        derivatives: Sequence[Floats],
        spread: Floats,
    ) -> None:
        self.design, self.coefficients = design, coefficients
        self.covariance, self._derivatives, self._spread = covariance, derivatives, spread

    def contrast(self, row: Floats) -> Contrast:
        """Estimate of one contrast with its t test.

        Parameters
        ----------
        row
            Shape (p,).
        """
        se = float(np.sqrt(row @ self.covariance @ row))
        return self._tested(row, se, self.df(row))

    def _tested(self, row: Floats, se: float, df: float) -> Contrast:
        estimate = float(row @ self.coefficients)
        t = estimate / se
        return Contrast(estimate, se, df, t, float(2 * stats.t.sf(abs(t), df)))

    def df(self, row: Floats) -> float:
        """2 v^2 / Var(v) of the variance v = row C row' of an estimate."""
        gradient = np.array([row @ d @ row for d in self._derivatives])
        spread = float(gradient @ self._spread @ gradient)
        return degrees_of_freedom(float(row @ self.covariance @ row), spread)

    def f_test(self, rows: Floats) -> FTest:
        """Test that all contrasts are zero.

        Parameters
        ----------
        rows
            Shape (q, p).

        Returns
        -------
        FTest
            df1 is the rank of the contrasts.
        """
        f, df1, df2 = self._f(rows)
        return FTest(f, df1, df2, float(stats.f.sf(f, df1, df2)), self.method)

    def _f(self, rows: Floats) -> tuple[float, int, float]:
        weight, vectors = np.linalg.eigh(rows @ self.covariance @ rows.T)
        kept = weight > 1e-8 * weight.max()
        turned = vectors.T[kept] @ rows
        t2 = (turned @ self.coefficients) ** 2 / weight[kept]
        nu = np.array([self.df(row) for row in turned])
        q = len(nu)
        if q == 1:
            return float(t2[0]), 1, float(nu[0])
        if np.any(nu <= 2):
            return float(t2.mean()), q, 2.0
        if np.ptp(nu) < 1e-8 * nu.max():
            return float(t2.mean()), q, float(nu.mean())
        total = float(np.sum(nu / (nu - 2)))
        return float(t2.mean()), q, 2 * total / (total - q)

    def term_test(self, name: str) -> FTest:
        """Type III test of a fixed term, for example "system" or "group:system"."""
        return self.f_test(term_rows(self.design, name))

    def marginal_mean(self, system: str, group: str | None = None) -> Contrast:
        """Estimated marginal mean of a system, equal weights over groups unless one is named."""
        levels = {"system": system} if group is None else {"system": system, "group": group}
        return self.contrast(contrast_row(self.design, **levels))

    def difference(self, a: str, b: str, group: str | None = None) -> Contrast:
        """Difference a - b of two systems' estimated marginal means."""
        more = {} if group is None else {"group": group}
        return self.contrast(
            contrast_row(self.design, system=a, **more)
            - contrast_row(self.design, system=b, **more)
        )

    def all_differences(self, group: str | None = None) -> Contrasts:
        """Differences a - b of all pairs of systems, in alphabetical order."""
        found = [self.difference(a, b, group) for a, b in combinations(self.design.systems, 2)]
        numbers = [(one.estimate, one.se, one.df) for one in found]
        return Contrasts(*np.array(numbers).T)
