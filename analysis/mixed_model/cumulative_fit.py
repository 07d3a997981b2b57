"""A cumulative link mixed model fitted, and what it says in points of the rating scale.

**Conventions.** Fixed and random factors are those of the linear mixed model; effects are on the
logit scale, positive means better. Maximum likelihood, standard errors from its second derivative.
Degrees of freedom are Satterthwaite's in the linear model that the ratings' weights at the optimum
make, with the spread that the likelihood gives the variances.

A difference d of two systems in logits becomes one in points as m(c + d/2) - m(c - d/2): m(e) is
the mean rating that thresholds and random effects give at e, c the middle of the two systems.
Limits of an interval and of the equivalence margin are carried over in the same way, so that the
interval leaves zero out exactly where p is below .05.
"""

from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats
from scipy.special import expit

from analysis.mixed_model.build import build_design
from analysis.mixed_model.cumulative import Laplace
from analysis.mixed_model.design import Design
from analysis.mixed_model.fit import MixedModel
from analysis.mixed_model.projection import curvature, fixed_effect_derivatives, project
from analysis.mixed_model.satterthwaite import Contrast, Contrasts, Satterthwaite
from analysis.statistics.equivalence import ALPHA, Equivalence
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.threads import one_blas_thread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LOGISTIC_SD = float(np.pi / np.sqrt(3))
SMALLEST_SD = 1e-2
"""On the logit scale; a random factor below it is dropped."""
NO_LIMIT = 12.0
"""Effects beyond, in logits, are taken for effects without limit."""
PENALTY = 1 / 5.0**2
"""A normal prior on effects without limit, five logits wide."""
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(31)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@dataclass(frozen=True)
class CumulativeModel:
    """The fitted model.

    `log_likelihood_without` is that of the model without systems. `sd` follows `active`, the random
    factors kept; `parameters` and their `covariance` are in the form of `Laplace`; `value_of_band`
    is the mean rating of each band, in points.
    """

    design: Design
    likelihood: Laplace
    parameters: Floats
    covariance: Floats
    log_likelihood: float
    log_likelihood_without: float
    active: tuple[int, ...]
    penalised: bool
    value_of_band: Floats

    @property
    def thresholds(self) -> Floats:
        """Between the bands, in logits."""
        return self.likelihood.split(self.parameters)[0]

    @property
    def coefficients(self) -> Floats:
        """Of the columns of X after the intercept, in logits."""
        return self.likelihood.split(self.parameters)[1]

    @property
    def sd(self) -> Floats:
        """Of the random factors kept, in logits."""
        return self.likelihood.split(self.parameters)[2]

    def points(self, effect: float, parameters: Floats | None = None) -> float:
        """Mean rating at an effect in logits, over listeners and songs like these."""
        thresholds, _, sd = self.likelihood.split(
            self.parameters if parameters is None else parameters
        )
        spread = float(np.sqrt(np.sum(sd**2)))
        below = expit(thresholds[:, None] - effect - spread * NODES) @ WEIGHTS
        return float(np.diff(below, prepend=0.0, append=1.0) @ self.value_of_band)


def fit_cumulative(rows: pd.DataFrame, band: Integers, start: MixedModel) -> CumulativeModel:
    """Maximum likelihood by Laplace's approximation.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    band
        Of each rating, counted from 0, every one occurring.
    start
        The linear mixed model of the same rows, whose factors and first guesses these are.

    Returns
    -------
    CumulativeModel
        With a weak penalty on effects where one of them has no limit.

    Raises
    ------
    NotEstimableError
        When there is no optimum.
    """
    value = np.bincount(band, rows["rating"].to_numpy(dtype=float)) / np.bincount(band)
    with one_blas_thread(), np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for penalty in (0.0, PENALTY):
            likelihood, at = _climbed(start, start.design, band, penalty)
            effects = likelihood.split(at)[1]
            covariance = _covariance(likelihood, at)
            has_limit = penalty > 0 or np.max(np.abs(effects)) < NO_LIMIT
            if has_limit and covariance is not None:
                value_at = likelihood(at)[0] - penalty * float(effects @ effects) / 2
                without, there = _climbed(start, _without_systems(start.design), band, 0.0)
                return CumulativeModel(
                    start.design, likelihood, at, covariance, -value_at, -without(there)[0],
                    tuple(int(k) for k in likelihood.active), penalty > 0, value,
                )  # fmt: skip
    raise NotEstimableError("The ordinal model has no finite optimum: some ratings hardly overlap.")


def _without_systems(design: Design) -> Design:
    kept = [0] + [
        column
        for term in design.terms[1:]
        if "system" not in term.name
        for column in range(term.start, term.stop)
    ]
    columns = tuple(design.columns[k] for k in kept)
    return replace(design, x=design.x[:, kept], columns=columns)


def _climbed(
    start: MixedModel, design: Design, band: Integers, penalty: float
) -> tuple[Laplace, Floats]:
    """The optimum from the linear model's; factors that vanish leave the model."""
    scale = LOGISTIC_SD / np.sqrt(start.residual_variance)
    share = np.cumsum(np.bincount(band)[:-1]) / len(band)
    first = stats.logistic.ppf(share) * np.sqrt(1 + start.variance.sum() / start.residual_variance)
    sd = np.maximum(np.sqrt(start.variance) * scale, 0.2)
    known = dict(zip(start.design.columns, start.coefficients, strict=True))
    effects = np.array([known[name] for name in design.columns[1:]])
    guess = [first[:1], np.log(np.diff(first)), np.clip(effects * scale, -4, 4)]
    at = np.concatenate([*guess, np.log(sd)])
    active = tuple(range(len(sd)))
    while True:
        likelihood = Laplace(design, band, active, penalty)
        found = optimize.minimize(
            likelihood.__call__, at, jac=True, method="BFGS", options={"gtol": 1e-5, "maxiter": 500}
        )
        at = np.asarray(found.x, dtype=float)
        sd = likelihood.split(at)[2]
        kept = np.flatnonzero(sd > SMALLEST_SD)
        if len(kept) == len(active) or not len(kept):
            return likelihood, at
        at = np.concatenate([at[: len(at) - len(sd)], at[len(at) - len(sd) :][kept]])
        active = tuple(int(active[k]) for k in kept)


def _covariance(likelihood: Laplace, at: Floats) -> Floats | None:
    """Inverse of the second derivative, by differences of the gradient; None: it is none."""
    step, here = 1e-4, likelihood(at)[1]
    rows = [(likelihood(at + s)[1] - here) / step for s in np.eye(len(at)) * step]
    hessian = (np.array(rows) + np.array(rows).T) / 2
    if not np.all(np.isfinite(hessian)) or np.linalg.eigvalsh(hessian)[0] <= 0:
        return None
    return np.asarray(np.linalg.inv(hessian))


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
