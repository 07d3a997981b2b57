"""Tests of a cumulative link mixed model, in logits and in points of the rating scale.

**Conventions.** Satterthwaite's degrees of freedom are computed in a linear model, in which each
rating has its weight at the optimum. With few listeners or songs, maximum likelihood estimates of
variances are too small. For the standard errors, the variances are therefore replaced by restricted
maximum likelihood estimates from the linear model.

A difference in points is m(a) - m(b). For the effect of a system, m is the mean rating; thresholds
and random effects are given. The limits of a difference are its smallest and largest value for all
parameters that are at most t standard errors away from the estimates. The limits exclude zero
exactly when p is below .05, and they are never outside the scale. The distance to the equivalence
margin is the t at which a limit of the difference reaches the margin.
"""

from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from analysis.mixed_model.build import build_design
from analysis.mixed_model.cumulative.fit import CumulativeModel
from analysis.mixed_model.projection import Curvature, curvature, fixed_effect_derivatives, project
from analysis.mixed_model.satterthwaite import Contrast, Contrasts, Satterthwaite
from analysis.statistics.equivalence import ALPHA, Equivalence

Floats = NDArray[np.float64]

MOST_ROUNDS = 100
CLOSE = 1e-7
"""The search for a limit ends if a round gains less than this share of the used range."""
ENOUGH = 0.1
"""Share of the predicted gain that a step must reach; otherwise half of the step is tried."""
STEPS = 2.0 ** np.arange(7)
"""Ranges in standard errors in which the margin is searched; beyond the last, it is not reached."""
TINY = 1e-300
CORRECTIONS = 4
"""Rounds that correct the variances to those of restricted likelihood; each gains a digit."""


class OnLogits(Satterthwaite):
    """Tests of the model's contrasts, in logits; the intercept's column is not used."""

    def __init__(self, model: CumulativeModel, rows: pd.DataFrame, fixed: tuple[str, ...]) -> None:
        part = model.of_coefficients
        covariance = np.zeros((model.design.p, model.design.p))
        covariance[1:, 1:] = model.covariance[part, part]
        working = _working(model, rows, fixed)
        covariance[1:, 1:] += (working.c - working.c_biased)[1:, 1:]
        super().__init__(
            model.design,
            np.concatenate([[0.0], model.coefficients]),
            covariance,
            [working.c @ d @ working.c for d in working.derivatives],
            working.spread,
            working.c,
        )


@dataclass(frozen=True)
class _Working:
    """Covariances: with corrected variances (`c`), and from maximum likelihood (`c_biased`)."""

    c: Floats
    c_biased: Floats
    derivatives: list[Floats]
    spread: Floats


def _working(model: CumulativeModel, rows: pd.DataFrame, fixed: tuple[str, ...]) -> _Working:
    """The linear model with the ratings' weights at the optimum; its residual variance is 1.

    The gradient of the restricted likelihood is that of the likelihood plus tr(C D_k) / 2.
    At the maximum of the restricted likelihood, the gradient of the likelihood is minus tr(C D_k) /
    2; this gradient is -I (phi - phi of maximum likelihood).
    """
    names = [model.design.components[k] for k in model.active]
    weights = np.maximum(model.likelihood.weights(model.parameters), 1e-8)
    design, active = build_design(rows, names, fixed, weights), tuple(range(len(names)))
    shape = biased = curvature(project(design, model.sd**2, 1.0), active)
    for _ in range(CORRECTIONS):
        lost, information = _lost(shape)
        variance = model.sd**2 + np.linalg.pinv(information) @ lost
        shape = curvature(project(design, np.maximum(variance, model.sd**2 / 2), 1.0), active)
    size, at = len(names), shape.projection
    derivatives = fixed_effect_derivatives(shape)[0][:size]
    spread = np.asarray(2 * np.linalg.pinv(shape.expected[:size, :size]), dtype=float)
    return _Working(at.c, biased.projection.c, derivatives, spread)


def _lost(shape: Curvature) -> tuple[Floats, Floats]:
    """tr(C D_k), and twice the information matrix I of maximum likelihood."""
    c, size = shape.projection.c, len(shape.active)
    first, second = fixed_effect_derivatives(shape)
    by_effects = [
        [2 * np.sum(c * second[i][j]) - np.sum(c @ first[i] @ c * first[j]) for j in range(size)]
        for i in range(size)
    ]
    information = shape.expected[:size, :size] + np.array(by_effects).reshape(size, size)
    return np.array([np.sum(c * each) for each in first[:size]]), information


@dataclass(frozen=True)
class OnScale(Contrast):
    """A difference in points; its t test is that of the same two systems in logits."""

    model: CumulativeModel
    covariance: Floats
    rows: Floats

    @classmethod
    def of(
        cls,
        model: CumulativeModel,
        covariance: Floats,
        rows: Floats,
        logit: Contrast,
    ) -> "OnScale":
        """Difference between two rows of X, and the covariance of all parameters."""
        one = cls(0.0, 0.0, logit.df, logit.t, logit.p, model, covariance, rows)
        value, slope = one._at(model.parameters)
        se = float(np.sqrt(slope @ covariance @ slope))
        return replace(one, estimate=value, se=se)

    def _at(self, parameters: Floats) -> tuple[float, Floats]:
        means, slopes = self.model.mean_ratings(self.rows, parameters)
        return float(means[0] - means[1]), slopes[0] - slopes[1]

    def limit(self, t: float) -> float:
        """Largest difference for parameters within |t| standard errors (the smallest if t < 0).

        The parameters within |t| standard errors form an ellipsoid; each step goes toward the point
        of the ellipsoid that is best for the slope at this step (Frank and Wolfe). A step never
        makes the difference worse. The search starts at the better of two points: the estimates,
        and the limit of the difference in logits. The limits in points and in logits are therefore
        on the same side of zero, and the limit in points is farther out than the estimate.
        """
        start, sign = self.model.parameters, float(np.sign(t))
        close = CLOSE * float(np.ptp(self.model.value_of_band))
        at = max(start, self._toward(self._of_logits(), t), key=lambda at: sign * self._at(at)[0])
        value, slope = self._at(at)
        for _ in range(MOST_ROUNDS):
            way = self._toward(slope, t) - at
            promised = sign * float(slope @ way)
            if promised <= close:
                break
            share = 1.0
            while True:
                next_value, next_slope = self._at(at + share * way)
                if sign * (next_value - value) >= ENOUGH * share * promised or share < CLOSE:
                    break
                share /= 2
            gained = sign * (next_value - value)
            if gained <= 0:
                break
            at, value, slope = at + share * way, next_value, next_slope
        return value

    def _toward(self, slope: Floats, t: float) -> Floats:
        """Parameters at a distance of t standard errors, in the direction of a slope."""
        along = self.covariance @ slope
        far: Floats = t * along / np.sqrt(max(float(slope @ along), TINY))
        return self.model.parameters + far

    def _of_logits(self) -> Floats:
        """Slope of the difference in logits."""
        slope = np.zeros(len(self.model.parameters))
        slope[self.model.of_coefficients] = (self.rows[0] - self.rows[1])[1:]
        return slope

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Smallest and largest difference within t standard errors; t is Student's quantile."""
        t = float(stats.t.ppf(0.5 + level / 2, self.df))
        return self.limit(-t), self.limit(t)

    def against(self, margin: float) -> tuple[float, ...]:
        """Values for `Equivalence`; the distance to the margin is given in standard errors."""
        lower, upper = -self._reach(-margin), -self._reach(margin)
        p = max(float(stats.t.sf(lower, self.df)), float(stats.t.cdf(upper, self.df)))
        low, high = self.interval(1 - 2 * ALPHA)
        return lower, upper, p, low, high, max(abs(low), abs(high))

    def _reach(self, margin: float) -> float:
        """The t at which a limit reaches the margin; infinite if no limit reaches it."""

        @cache
        def gap(t: float) -> float:
            return self.limit(t) - margin

        near, sign = 0.0, float(np.sign(margin - self.estimate))
        for far in sign * STEPS:
            if sign * gap(far) >= 0:
                return float(optimize.brentq(gap, near, far, xtol=1e-6))
            near = far
        return sign * np.inf


class OnPoints(OnLogits):
    """Tests of the model's contrasts; estimates and limits are in points of the rating scale."""

    def __init__(self, model: CumulativeModel, rows: pd.DataFrame, fixed: tuple[str, ...]) -> None:
        super().__init__(model, rows, fixed)
        self.model, self.of_all = model, model.covariance.copy()
        self.of_all[model.of_coefficients, model.of_coefficients] = self.covariance[1:, 1:]

    def marginal_mean(self, system: str, group: str | None = None) -> Contrast:
        """Mean rating of a system; its error includes effects, thresholds and random SDs."""
        row = self._row(system, group)
        means, slopes = self.model.mean_ratings(row[None], self.model.parameters)
        estimate, slope = float(means[0]), slopes[0]
        se, df = float(np.sqrt(slope @ self.of_all @ slope)), float(self.df(row[None])[0])
        t = estimate / se
        return Contrast(estimate, se, df, t, float(2 * stats.t.sf(abs(t), df)))

    def difference(self, a: str, b: str, group: str | None = None) -> Contrast:
        """Difference a - b of the mean ratings of two systems."""
        return self._on_scale(a, b, group)

    def _on_scale(self, a: str, b: str, group: str | None) -> OnScale:
        rows = np.stack([self._row(a, group), self._row(b, group)])
        return OnScale.of(self.model, self.of_all, rows, self.contrast(rows[0] - rows[1]))

    def all_differences(self, group: str | None = None) -> Contrasts:
        """Differences a - b of all pairs of systems, in alphabetical order."""
        pairs = combinations(self.design.systems, 2)
        return AllOnScale.of([self._on_scale(a, b, group) for a, b in pairs])


@dataclass(frozen=True)
class AllOnScale(Contrasts):
    """Several differences in points; their t tests are those of the same systems in logits."""

    each: tuple[OnScale, ...]

    @classmethod
    def of(cls, each: list[OnScale]) -> "AllOnScale":
        """Combine the tests of single differences in one record."""
        numbers = np.array([(one.estimate, one.se, one.df) for one in each]).T
        return cls(numbers[0], numbers[1], numbers[2], tuple(each))

    @property
    def t(self) -> Floats:
        """Student t values of the differences in logits."""
        return np.array([one.t for one in self.each])

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Limits in points that correspond to Student's intervals of the differences in logits."""
        low, high = np.array([one.interval(level) for one in self.each]).T
        return low, high

    def within(self, margin: float) -> Equivalence:
        """Two one-sided tests; the margin is converted to logits."""
        found = [one.against(margin) for one in self.each]
        return Equivalence(margin, *np.array(found).T)
