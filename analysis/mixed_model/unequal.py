"""Linear mixed model in which each system has its own residual variance.

**Conventions.** The conventions are those of `analysis.mixed_model.fit`, with one exception: the
residual variance of system j is phi_j. Newton's method fits the model; it works with the logarithms
of all variances. The fit starts from the model with one residual variance. The derivatives come
from `analysis.mixed_model.equations`. A random factor whose variance becomes zero is dropped from
the model. A dropped factor is added again if a small variance of the factor would increase the
likelihood.

Near an end of the scale, ratings spread less than in the middle. One common residual variance is
therefore too large for some pairs of systems and too small for others. The effects of listeners and
songs are also smaller near an end of the scale, but the model has only one variance for each
interaction with systems. `OwnErrors` therefore computes the error of a difference only from the
ratings of the two systems.

In reading order: the fitted model; the fit; `OwnErrors`.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.defaults import SATTERTHWAITE
from analysis.mixed_model.build import build_design
from analysis.mixed_model.design import Design, contrast_row
from analysis.mixed_model.equations import (
    Equations,
    Slopes,
    Solved,
    equations,
    slopes,
    solve,
)
from analysis.mixed_model.fit import MixedModel, fit
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.satterthwaite import (
    Contrast,
    Contrasts,
    ContrastTests,
    Satterthwaite,
)
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.threads import one_blas_thread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

VANISHING = 1e-6
"""Share of the mean residual variance below which a variance that still falls counts as zero."""
REVIVED = 1e-2
MOST_STEPS = 100
MOST_ROUNDS = 6
LONGEST_STEP = 2.0
CLOSE_ENOUGH = 1e-8


@dataclass(frozen=True)
class UnequalModel:
    """The fitted model.

    `variance` is in the order of `design.components` and can contain zeros. `residual_variance` is
    in the order of the strata.
    """

    design: Design
    variance: Floats
    residual_variance: Floats
    coefficients: Floats
    deviance: float
    active: tuple[int, ...]
    solved: Solved
    slopes: Slopes
    converged: bool

    @property
    def covariance(self) -> Floats:
        """Covariance of the coefficients, shape (p, p)."""
        p = self.design.p
        return self.solved.g[-p:, -p:]

    def tests(self) -> Satterthwaite:
        """Tests of the model's contrasts."""
        return Satterthwaite(
            self.design,
            self.coefficients,
            self.covariance,
            list(self.slopes.covariance),
            np.asarray(2 * np.linalg.pinv(self.slopes.observed, hermitian=True)),
        )

    def predicted_effects(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Best linear unbiased predictions and their SDs, for slots and for common levels."""
        at, d = self.solved, self.design
        common_n, pattern = len(d.common_of), at.of.pattern
        own_n = np.einsum("umm->um", at.b) + np.einsum("umf,umf->um", at.f @ at.g, at.f)
        alive = np.array([k in self.active for k in range(len(self.variance))])
        sd_n = np.sqrt(own_n)[pattern] * alive[d.nested_of]
        sd_c = np.sqrt(np.diag(at.g)[:common_n]) * alive[d.common_of]
        return at.nested, at.common[:common_n], sd_n, sd_c


def fit_unequal(design: Design, stratum: Integers, start: MixedModel) -> UnequalModel:
    """Restricted maximum likelihood; each stratum (system) has its own residual variance.

    Parameters
    ----------
    design
        Design of the model; all ratings have equal weights.
    stratum
        Number of the stratum of each rating, from 0; the stratum is the system.
    start
        The fit of the same design with one residual variance.

    Raises
    ------
    NotEstimableError
        In one stratum, the random factors predict every rating exactly.
    """
    with one_blas_thread():
        return _fit(equations(design, stratum), start)


def _fit(of: Equations, start: MixedModel) -> UnequalModel:
    q = of.n_random
    residual = np.full(len(of.size) - q, start.residual_variance)
    log_variance = np.log(
        np.concatenate([np.maximum(start.variance, REVIVED * start.residual_variance), residual])
    )
    active = np.array(start.active, dtype=np.int64)
    for _ in range(MOST_ROUNDS):
        log_variance, active, converged = _climbed(of, log_variance, active)
        missed = _missed(of, log_variance, active)
        if not len(missed):
            break
        log_variance[missed] = np.log(REVIVED * np.exp(log_variance[q:]).mean())
        active = np.sort(np.concatenate([active, missed]))
    variance = np.exp(log_variance)
    variance[np.setdiff1d(np.arange(q), active)] = 0.0
    at = solve(of, np.exp(-log_variance), active)
    d = of.design
    coefficients = at.common[-d.p :].copy()
    coefficients[0] += d.y_mean
    return UnequalModel(
        d, variance[:q], variance[q:], coefficients, at.deviance, tuple(int(k) for k in active),
        at, slopes(at), converged and not len(missed),
    )  # fmt: skip


def _climbed(
    of: Equations, log_variance: Floats, active: Integers
) -> tuple[Floats, Integers, bool]:
    """Newton steps for the log variances; a factor with vanishing variance is dropped."""
    q, now = of.n_random, log_variance.copy()
    at = solve(of, np.exp(-now), active)
    for _ in range(MOST_STEPS):
        use = np.concatenate([active, np.arange(q, len(now))])
        shape, t = slopes(at), at.precision[use]
        gradient = -t * shape.gradient
        hessian = t[:, None] * shape.observed * t + np.diag(t * shape.gradient)
        floor = np.log(VANISHING) + np.log(np.exp(now[q:]).mean())
        if np.any(now[q:] < floor):
            name = of.design.systems[int(np.argmin(now[q:]))]
            raise NotEstimableError(f"The ratings of {name} have no residual spread.")
        gone = active[(now[active] < floor) & (gradient[: len(active)] > -1e-9)]
        if len(gone):
            active = np.setdiff1d(active, gone)
            at = solve(of, at.precision, active)
            continue
        step = _step(gradient, hessian)
        if np.max(np.abs(step)) < CLOSE_ENOUGH:
            return now, active, True
        size = min(1.0, LONGEST_STEP / float(np.max(np.abs(step))))
        for _ in range(30):
            trial = now.copy()
            trial[use] -= size * step
            new = solve(of, np.exp(-trial), active)
            if new.deviance <= at.deviance + 1e-9:
                break
            size /= 2
        now, at = trial, new
    return now, active, False


def _step(gradient: Floats, hessian: Floats) -> Floats:
    """Newton's step if the deviance is convex here, otherwise a step of steepest descent."""
    values, vectors = np.linalg.eigh(hessian)
    return np.asarray(vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), 1e-3)))


def _missed(of: Equations, log_variance: Floats, active: Integers) -> Integers:
    """Dropped factors that would make the deviance smaller."""
    q = of.n_random
    small = np.log(1e-3 * np.exp(log_variance[q:]).mean())
    found = []
    for k in np.setdiff1d(np.arange(q), active):
        trial = log_variance.copy()
        trial[k] = small
        with_it = np.sort(np.append(active, k))
        at = solve(of, np.exp(-trial), with_it)
        place = int(np.searchsorted(with_it, k))
        # A positive slope in the precision means that the deviance decreases if the variance grows.
        if slopes(at).gradient[place] > 1e-9 / at.precision[k]:
            found.append(k)
    return np.array(found, dtype=np.int64)


class OwnErrors(ContrastTests):
    """Tests of the model; each difference between two systems has its own error.

    For each listener and song, the difference d is the mean of the repeated ratings of one system
    minus that of the other. The model of the differences d is `d ~ 1 + (1|participant) + (1|song)`.
    The error of the mean difference is correct, whatever the variances and the correlation of the
    two systems are. Other systems do not influence the error of a difference. Means and tests of
    fixed effects are taken from the model. If the two systems have too few common listeners or
    songs, their difference is taken from the model of all systems.

    Parameters
    ----------
    model
        From `fit_unequal`.
    rows
        Rated rows to which the model was fitted.
    """

    def __init__(self, model: UnequalModel, rows: pd.DataFrame) -> None:
        super().__init__(model.design, model.coefficients, model.covariance)
        self._common, self._rows = model.tests(), rows
        self._cells = rows.assign(system=rows["system"].astype(str)).pivot_table(
            index=["participant", "song"], columns="system", values="rating"
        )
        self._of_two = cache(self._fitted_to)

    def df(self, rows: Floats) -> Floats:
        """Degrees of freedom of each contrast; the model is that of all systems."""
        return self._common.df(rows)

    def difference(self, a: str, b: str, group: str | None = None) -> Contrast:
        """Difference a - b of the estimated marginal means of two systems."""
        tests = self._of_two(a, b)
        if tests is None:
            return super().difference(a, b, group)
        levels = {} if group is None else {"group": group}
        return tests.contrast(contrast_row(tests.design, **levels))

    def all_differences(self, group: str | None = None) -> Contrasts:
        """Differences a - b of all pairs of systems, in alphabetical order."""
        found = [self.difference(a, b, group) for a, b in combinations(self.design.systems, 2)]
        return Contrasts(*np.array([(one.estimate, one.se, one.df) for one in found]).T)

    def _fitted_to(self, a: str, b: str) -> Inference | None:
        factors = self.design.factors
        of_whom = self._rows.groupby("participant")[
            list(dict.fromkeys(("group", *factors)))
        ].first()
        d = (self._cells[a] - self._cells[b]).dropna().rename("rating").reset_index()
        if min(d["participant"].nunique(), d["song"].nunique()) < 2:
            return None
        try:
            rows = d.join(of_whom, on="participant").assign(system=f"{a} - {b}")
            model = fit(build_design(rows, fixed=factors))
        except NotEstimableError:
            return None
        return Inference(model, SATTERTHWAITE) if model.converged else None
