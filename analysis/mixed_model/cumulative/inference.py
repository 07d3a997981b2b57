"""Tests of a cumulative link mixed model, in logits and in points of the rating scale.

**Conventions.** Degrees of freedom are Satterthwaite's in the linear model that the ratings'
weights at the optimum make, with the spread that the likelihood gives the variances.

A difference d of two systems in logits becomes one in points as m(c + d/2) - m(c - d/2): m(e) is
the mean rating that thresholds and random effects give at e, c the middle of the two systems.
Limits of an interval and of the equivalence margin are carried over in the same way, so that the
interval leaves zero out exactly where p is below .05.
"""

from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from analysis.mixed_model.build import build_design
from analysis.mixed_model.cumulative.fit import CumulativeModel
from analysis.mixed_model.projection import curvature, fixed_effect_derivatives, project
from analysis.mixed_model.satterthwaite import Contrast, Contrasts, Satterthwaite
from analysis.statistics.equivalence import ALPHA, Equivalence

Floats = NDArray[np.float64]


class OnLogits(Satterthwaite):
    """Tests of the model's contrasts, in logits; the intercept's column stands for nothing."""

    def __init__(self, model: CumulativeModel, rows: pd.DataFrame, fixed: tuple[str, ...]) -> None:
        first, p = model.likelihood.n_steps, model.design.p
        part = slice(first, first + p - 1)
        covariance = np.zeros((p, p))
        covariance[1:, 1:] = model.covariance[part, part]
        working = _working(model, rows, fixed)
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
    c: Floats
    derivatives: list[Floats]
    spread: Floats


def _working(model: CumulativeModel, rows: pd.DataFrame, fixed: tuple[str, ...]) -> _Working:
    """The linear model with the weights at the optimum, whose residual variance is 1."""
    names = [model.design.components[k] for k in model.active]
    weights = np.maximum(model.likelihood.weights(model.parameters), 1e-8)
    design = build_design(rows, names, fixed, weights)
    variance = model.sd**2
    at = project(design, variance, 1.0)
    derivatives, _ = fixed_effect_derivatives(curvature(at, tuple(range(len(names)))))
    size = len(names)
    by_variance = 2 * variance  # d variance / d log sd
    first = len(model.covariance) - size
    spread = model.covariance[first:, first:] * np.outer(by_variance, by_variance)
    return _Working(at.c, derivatives[:size], spread)


@dataclass(frozen=True)
class OnScale(Contrast):
    """A difference in points with the t test of its difference in logits."""

    model: CumulativeModel
    centre: float
    logit: Contrast

    def at(self, difference: float) -> float:
        """Points of a difference in logits."""
        return self.model.points(self.centre + difference / 2) - self.model.points(
            self.centre - difference / 2
        )

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Student interval of the difference in logits, in points."""
        low, high = self.logit.interval(level)
        return self.at(low), self.at(high)

    def against(self, margin: float) -> tuple[float, ...]:
        """Numbers of `Equivalence` against the differences in logits that make the margin."""
        edge = partial(self._reach, margin)
        lower = (self.logit.estimate - edge(-1)) / self.logit.se
        upper = (self.logit.estimate - edge(1)) / self.logit.se
        p = max(float(stats.t.sf(lower, self.df)), float(stats.t.cdf(upper, self.df)))
        low, high = self.interval(1 - 2 * ALPHA)
        return lower, upper, p, low, high, max(abs(low), abs(high))

    def _reach(self, margin: float, sign: int) -> float:
        """Difference in logits that makes the margin; infinite where the scale ends before it."""
        if abs(self.at(sign * 60.0)) <= margin:
            return sign * np.inf
        found = optimize.brentq(lambda d: self.at(sign * d) - sign * margin, 0.0, 60.0)
        return sign * float(found)


class OnPoints(OnLogits):
    """The same tests, with estimates and limits in points of the rating scale."""

    def __init__(self, model: CumulativeModel, rows: pd.DataFrame, fixed: tuple[str, ...]) -> None:
        super().__init__(model, rows, fixed)
        self.model = model

    def marginal_mean(self, system: str, group: str | None = None) -> Contrast:
        """Mean rating of a system, with the uncertainty of effects, thresholds and spreads."""
        row, likelihood = self._row(system, group), self.model.likelihood

        def mean(parameters: Floats) -> float:
            return self.model.points(float(row[1:] @ likelihood.split(parameters)[1]), parameters)

        at = self.model.parameters
        slope = np.array([mean(at + s) - mean(at - s) for s in np.eye(len(at)) * 1e-4]) / 2e-4
        se = float(np.sqrt(slope @ self.model.covariance @ slope))
        estimate, df = mean(at), float(self.df(row[None])[0])
        t = estimate / se
        return Contrast(estimate, se, df, t, float(2 * stats.t.sf(abs(t), df)))

    def difference(self, a: str, b: str, group: str | None = None) -> Contrast:
        """Difference a - b of two systems' mean ratings."""
        return self._on_scale(a, b, group)

    def _on_scale(self, a: str, b: str, group: str | None) -> OnScale:
        first, second = self._row(a, group), self._row(b, group)
        logit = self.contrast(first - second)
        centre = float((first + second) @ self.coefficients) / 2
        one = OnScale(0.0, 0.0, logit.df, logit.t, logit.p, self.model, centre, logit)
        slope = (one.at(logit.estimate + 1e-3) - one.at(logit.estimate - 1e-3)) / 2e-3
        return OnScale(
            one.at(logit.estimate), slope * logit.se, logit.df, logit.t, logit.p, self.model,
            centre, logit,
        )  # fmt: skip

    def all_differences(self, group: str | None = None) -> Contrasts:
        """Differences a - b of all pairs of systems, in alphabetical order."""
        pairs = combinations(self.design.systems, 2)
        return AllOnScale.of([self._on_scale(a, b, group) for a, b in pairs])


@dataclass(frozen=True)
class AllOnScale(Contrasts):
    """Several differences in points, each with the t test of its difference in logits."""

    each: tuple[OnScale, ...]

    @classmethod
    def of(cls, each: list[OnScale]) -> "AllOnScale":
        """From one at a time."""
        numbers = np.array([(one.estimate, one.se, one.df) for one in each]).T
        return cls(numbers[0], numbers[1], numbers[2], tuple(each))

    @property
    def t(self) -> Floats:
        """Of the differences in logits."""
        return np.array([one.t for one in self.each])

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Student intervals of the differences in logits, in points."""
        low, high = np.array([one.interval(level) for one in self.each]).T
        return low, high

    def within(self, margin: float) -> Equivalence:
        """Two one-sided tests against the differences in logits that make the margin."""
        found = [one.against(margin) for one in self.each]
        return Equivalence(margin, *np.array(found).T)
