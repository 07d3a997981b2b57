"""Mixed model in which each listener group has its own residual variance.

**Conventions.** The conventions are those of `analysis.mixed_model.fit`. The residual variance in
group g is phi_0 v_g, and v is 1 for the first group. The ratios v are found by maximising the
restricted likelihood. The tests treat the estimated ratios v as if they were known. The model
checks what changes if groups rate with different care. If a small group has noisy ratings, the
tests of the model with one residual variance are too optimistic.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from analysis.factors import fixed_terms
from analysis.findings.checks import GroupResidualsTest
from analysis.methods.lmm import fit_default
from analysis.methods.model_rows import term_tests
from analysis.mixed_model.build import build_design
from analysis.mixed_model.fit import MixedModel, deviance_at, fit
from analysis.mixed_model.inference import Inference
from analysis.statistics.estimable import NotEstimableError

Floats = NDArray[np.float64]

MOST_RATINGS = 20_000
"""With more ratings, the some fifty fits take too long for a check."""

FURTHEST = 4.0
"""Bound of log v: variances more than 55 times apart mean a group without residual."""


STEP = 1e-4
"""Step in log v for the numerical slope of the deviance."""


@dataclass(frozen=True)
class GroupResiduals:
    """The fitted model, the groups' residual variances, and a test whether one is enough."""

    model: MixedModel
    variance: dict[str, float]
    deviance: float
    lr: float
    df: int
    p: float


def fit_group_residuals(rows: pd.DataFrame) -> GroupResiduals:
    """Restricted maximum likelihood; each group has its own residual variance.

    Parameters
    ----------
    rows
        Rated rows of one attribute, with two or more groups.

    Returns
    -------
    GroupResiduals
        `variance` is in points^2. `lr` is the likelihood ratio statistic against the model with one
        residual variance. If all G groups have the same variance, `lr` has a chi-squared
        distribution with G - 1 degrees of freedom.

    Raises
    ------
    NotEstimableError
        There is only one group, there are more than 20,000 ratings, or the default model cannot be
        estimated.
    """
    names, code = np.unique(rows["group"].to_numpy(dtype=str), return_inverse=True)
    if len(names) < 2:
        raise NotEstimableError("There is only one group.")
    if len(rows) > MOST_RATINGS:
        raise NotEstimableError(
            f"There are more than {MOST_RATINGS} ratings, too many for this analysis."
        )
    default = fit_default(rows)
    if not default.grouped:
        raise NotEstimableError(default.why_left_out or "There is only one group.")
    common, fixed = default.model, fixed_terms(default.factors)
    near = [_theta(common)]

    def weighted(log_ratio: Floats) -> tuple[MixedModel, float]:
        log_v = np.concatenate([[0.0], log_ratio])[code]
        model = fit(build_design(rows, fixed=fixed, weights=np.exp(-log_v)), near[0])
        # the next fit starts from this fit, because their ratios of variances are similar
        near[0] = _theta(model)
        return model, model.deviance + float(log_v.sum())

    def objective(log_ratio: Floats) -> tuple[float, Floats]:
        model, deviance = weighted(log_ratio)
        theta = np.sqrt(model.variance / model.residual_variance)

        def at(moved: Floats) -> float:
            log_v = np.concatenate([[0.0], moved])[code]
            design = build_design(rows, fixed=fixed, weights=np.exp(-log_v))
            return deviance_at(design, theta) + float(log_v.sum())

        # The deviance is at its minimum over the variances, so its slope along the ratios can be
        # computed with fixed variances.
        steps = STEP * np.eye(len(log_ratio))
        slope = [(at(log_ratio + one) - at(log_ratio - one)) / (2 * STEP) for one in steps]
        return deviance, np.array(slope)

    start: Floats = np.zeros(len(names) - 1)
    options: Any = {"ftol": 1e-11}
    found = optimize.minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-FURTHEST, FURTHEST)] * (len(names) - 1),
        options=options,
    )
    if np.max(np.abs(found.x)) >= FURTHEST:
        raise NotEstimableError("The residual variance of a group cannot be estimated.")
    model, deviance = weighted(found.x)
    ratio = np.exp(np.concatenate([[0.0], found.x]))
    lr, df = max(0.0, common.deviance - deviance), len(names) - 1
    variance = {
        str(g): float(model.residual_variance * v) for g, v in zip(names, ratio, strict=True)
    }
    return GroupResiduals(model, variance, deviance, lr, df, float(stats.chi2.sf(lr, df)))


def _theta(model: MixedModel) -> Floats:
    """Start value for similar fits; no value is zero, where the deviance is flat."""
    return np.maximum(np.sqrt(model.variance / model.residual_variance), 0.1)


def group_residuals_test(rows: pd.DataFrame, df_method: str) -> GroupResidualsTest:
    """Entry `group_residuals` of the sensitivity section.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    df_method
        Degrees of freedom of the F tests.
    """
    found = fit_group_residuals(rows)
    if not found.model.converged:
        raise NotEstimableError("The fit did not converge.")
    inference = Inference(found.model, df_method)
    omnibus = term_tests(inference, rows)
    return GroupResidualsTest(found.variance, found.lr, found.df, found.p, omnibus)
