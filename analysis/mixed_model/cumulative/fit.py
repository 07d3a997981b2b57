"""A fitted cumulative link mixed model; `inference.py` converts it to points.

**Conventions.** The fixed and the random factors are those of the linear mixed model. Effects are
on the logit scale; a positive effect means a better system. Estimates maximise the likelihood. The
standard errors come from its second derivative.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, optimize, stats
from scipy.special import expit

from analysis.mixed_model.cumulative.laplace import Laplace
from analysis.mixed_model.design import Design
from analysis.mixed_model.fit import MixedModel
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.threads import one_blas_thread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LOGISTIC_SD = float(np.pi / np.sqrt(3))
SMALLEST_SD = 1e-2
"""Smallest SD on the logit scale; a random factor with a smaller SD is dropped."""
FLAT = 1e-10
"""A curvature below this share of the largest curvature is a rounding error."""
NO_LIMIT = 12.0
"""Effects beyond this number of logits count as infinite."""
PENALTY = 1 / 5.0**2
"""Precision of a normal prior on infinite effects, with a SD of five logits."""
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(31)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@dataclass(frozen=True)
class CumulativeModel:
    """The fitted model.

    `start` is a linear mixed model; the fit began with its estimates. `active` lists the random
    factors that were kept. `sd` has the same order. `parameters` and their `covariance` are in the
    form of `Laplace`. `value_of_band` is the mean rating of each band, in points.
    """

    start: MixedModel
    likelihood: Laplace
    parameters: Floats
    covariance: Floats
    log_likelihood: float
    active: tuple[int, ...]
    penalised: bool
    value_of_band: Floats

    @property
    def design(self) -> Design:
        """Fixed factors and random factors, including random factors whose variance is zero."""
        return self.start.design

    @cached_property
    def log_likelihood_without(self) -> float:
        """Log-likelihood of the model without systems; the likelihood-ratio test needs it."""
        likelihood, at = _climbed(
            self.start, _without_systems(self.design), self.likelihood.band, None
        )
        return -likelihood(at)[0]

    @property
    def thresholds(self) -> Floats:
        """Thresholds between the bands, in logits."""
        return self.likelihood.split(self.parameters)[0]

    @property
    def coefficients(self) -> Floats:
        """Coefficients for the columns of X except the intercept, in logits."""
        return self.likelihood.split(self.parameters)[1]

    @property
    def of_coefficients(self) -> slice:
        """Positions of the coefficients in the vector of parameters."""
        first = self.likelihood.n_steps
        return slice(first, first + self.design.p - 1)

    @property
    def sd(self) -> Floats:
        """Standard deviations of the random factors that were kept, in logits."""
        return self.likelihood.split(self.parameters)[2]

    @cached_property
    def width_of_step(self) -> Floats:
        """Differences between the values of neighbouring bands."""
        return np.diff(self.value_of_band)

    def mean_ratings(self, rows: Floats, parameters: Floats) -> tuple[Floats, Floats]:
        """Mean ratings for rows of X, averaged over listeners and songs, with gradients."""
        thresholds, b, sd = self.likelihood.split(parameters)
        spread, widths, effects = math.sqrt(sd @ sd), self.width_of_step, rows[:, 1:]
        below = expit(thresholds[:, None] - (effects @ b)[:, None, None] - spread * NODES)
        density = below * (1 - below)
        density *= WEIGHTS
        by_threshold, by_spread = -widths * density.sum(axis=2), (widths @ density) @ NODES
        after = by_threshold[:, ::-1].cumsum(axis=1)[:, ::-1]
        slopes = np.concatenate(
            [
                after[:, :1],
                (thresholds[1:] - thresholds[:-1]) * after[:, 1:],
                -after[:, :1] * effects,
                by_spread[:, None] * (sd**2 / max(spread, 1e-12)),
            ],
            axis=1,
        )
        return self.value_of_band[-1] - (widths @ below) @ WEIGHTS, slopes


def fit_cumulative(rows: pd.DataFrame, band: Integers, start: MixedModel) -> CumulativeModel:
    """Maximum likelihood estimate by Laplace's approximation.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    band
        Number of the band of each rating, from 0; each band has at least one rating.
    start
        The linear mixed model of the same rows; it gives the factors and the start values.

    Returns
    -------
    CumulativeModel
        The fitted model. If an effect has no finite estimate, large effects are weakly penalised in
        the fit.

    Raises
    ------
    NotEstimableError
        The likelihood has no optimum.
    """
    value = np.bincount(band, rows["rating"].to_numpy(dtype=float)) / np.bincount(band)
    effects = _effects(start.design)
    with one_blas_thread():
        for penalty in (None, PENALTY * effects.T @ effects):
            likelihood, at = _climbed(start, start.design, band, penalty)
            b = likelihood.split(at)[1]
            covariance = _covariance(likelihood, at)
            is_held = penalty is not None
            has_limit = is_held or np.max(np.abs(effects @ b)) < NO_LIMIT
            if has_limit and covariance is not None:
                value_at = likelihood(at)[0] - likelihood.prior(b)
                active = tuple(int(k) for k in likelihood.active)
                return CumulativeModel(
                    start, likelihood, at, covariance, -value_at, active, is_held, value
                )
    raise NotEstimableError("The ordinal model has no finite optimum: some ratings hardly overlap.")


def _effects(design: Design) -> Floats:
    """Matrix K; K b has the effects of all levels of all factors, the last levels included.

    The last level of a factor has no coefficient; without K, a prior on b would ignore this level.
    """
    return np.asarray(
        linalg.block_diag(
            *(np.unique(design.x[:, term.start : term.stop], axis=0) for term in design.terms[1:])
        )
    )


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
    start: MixedModel, design: Design, band: Integers, penalty: Floats | None
) -> tuple[Laplace, Floats]:
    """The optimum, searched from the linear model; zero variances are removed."""
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
        options: Any = {
            "gtol": 1e-5,
            "maxiter": 500,
            "hess_inv0": _inverse(likelihood.near_hessian(at)),
        }
        with one_blas_thread(), np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            found = optimize.minimize(likelihood, at, jac=True, method="BFGS", options=options)
        at = np.asarray(found.x, dtype=float)
        sd = likelihood.split(at)[2]
        kept = np.flatnonzero(sd > SMALLEST_SD)
        if len(kept) == len(active):
            return likelihood, at
        at = np.concatenate([at[: len(at) - len(sd)], at[len(at) - len(sd) :][kept]])
        active = tuple(int(active[k]) for k in kept)


def _covariance(likelihood: Laplace, at: Floats) -> Floats | None:
    """Inverse of the second derivative, by differences of the gradient; None if not invertible."""
    step, here = 1e-4, likelihood(at)[1]
    rows = [(likelihood(at + s)[1] - here) / step for s in np.eye(len(at)) * step]
    return _inverse(np.array(rows))


def _inverse(hessian: Floats) -> Floats | None:
    """The result is None if no minimum is near, or if rounding errors hide the curvature."""
    if not np.all(np.isfinite(hessian)):
        return None
    roots, axes = np.linalg.eigh((hessian + hessian.T) / 2)
    if roots[0] <= FLAT * roots[-1]:
        return None
    half = axes / np.sqrt(roots)
    # The optimiser needs a matrix that is exactly symmetric.
    return np.asarray(half @ half.T)
