"""Section `lmm_unequal`: the mixed model in which each system has its own residual variance.

**Conventions.** The conventions and the keys of the section are those of `analysis.methods.lmm`.
Degrees of freedom are computed by Satterthwaite's method. In `variance`, the residual variance is
the mean over systems; `residual_sd` lists the residual SD of each system. Only the ratings of the
two systems are used for the standard error of their difference. Means and tests of fixed effects
use the standard errors of the whole model.
"""

import numpy as np
import pandas as pd

from analysis.findings.models import MixedModel
from analysis.methods.base import Method, MethodInput, as_model
from analysis.methods.lmm import fit_default
from analysis.methods.model_rows import (
    coefficient_rows,
    compared,
    explained,
    formula,
    left_out_rows,
    predicted,
    random_rows,
    residual_section,
    term_tests,
    variance_rows,
    variances,
)
from analysis.methods.planned import PlannedModel, RatingsToCome
from analysis.mixed_model.unequal import OwnErrors, UnequalModel, fit_unequal
from analysis.statistics.estimable import NotEstimableError

MOST_SYSTEMS = 12
MOST_RATINGS = 20_000


def fitted_unequal(rows: pd.DataFrame) -> tuple[UnequalModel, str | None]:
    """The model; if groups exist that are not in the model, the reason.

    Raises
    ------
    NotEstimableError
        The reasons of `fit_default`, or more than 12 systems, or more than 20,000 ratings, or a
        system whose ratings have no residual spread.
    """
    n_systems = rows["system"].nunique()
    if n_systems > MOST_SYSTEMS or len(rows) > MOST_RATINGS:
        raise NotEstimableError(
            f"A separate spread for each system is fitted for at most {MOST_SYSTEMS} "
            f"systems and "
            f"{MOST_RATINGS} ratings."
        )
    default = fit_default(rows)
    code = np.unique(rows["system"].to_numpy(dtype=str), return_inverse=True)[1]
    model = fit_unequal(default.model.design, code.astype(np.int64), default.model)
    if not model.converged:
        raise NotEstimableError(
            "The fit did not converge: the ratings have too little information for the model."
        )
    return model, default.why_no_groups


def lmm_unequal_section(rows: pd.DataFrame, systems: list[str], margin: float) -> MixedModel:
    """Section `lmm_unequal` of the findings (see docs/results.md).

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    systems
        All systems of the study, including systems that nobody rated.
    margin
        Equivalence margin in points.

    Raises
    ------
    NotEstimableError
        As `fitted_unequal`.
    """
    model, why_no_groups = fitted_unequal(rows)
    design, tests = model.design, OwnErrors(model, rows)
    absent = [name for name in systems if name not in design.systems]
    residual = float(model.residual_variance.mean())
    dropped = [name for k, name in enumerate(design.components) if k not in model.active]
    unit = float(np.sqrt(model.variance.sum() + residual))
    nested, common, nested_sd, common_sd = model.predicted_effects()
    variance = variances(design, [*model.variance, residual])
    return MixedModel(
        formula=formula(design),
        n_ratings=design.n_ratings,
        converged=model.converged,
        singular=bool(dropped),
        dropped=dropped,
        left_out=left_out_rows(design),
        df_method=tests.method,
        why_no_groups=why_no_groups,
        omnibus=term_tests(tests, rows),
        **compared(tests, rows, "group" in design.factors, absent, margin, unit),
        reml_deviance=model.deviance,
        variance=variance,
        variance_table=variance_rows(variance),
        fixed=coefficient_rows(tests, rows),
        **explained(design, rows, model.coefficients, model.variance, residual),
        residuals=residual_section(
            predicted(design, model.coefficients, nested, common), design, rows
        ),
        random=random_rows(design, nested, common, nested_sd, common_sd),
        residual_sd={
            name: float(value)
            for name, value in zip(design.systems, np.sqrt(model.residual_variance), strict=True)
        },
    )


def _compute(given: MethodInput) -> MixedModel:
    return lmm_unequal_section(given.rows, given.systems, given.settings.margin)


def _planned(given: RatingsToCome) -> PlannedModel:
    """The model with only two systems: those with the largest variances, if variances differ.

    The variance of a difference has two parts: twice the sum of the other variances of `lmm`, and
    the sum of the two residual variances.
    """
    if given.n_systems > MOST_SYSTEMS:
        raise ValueError(
            f"A model with a spread for each system is fitted for at most {MOST_SYSTEMS} systems; "
            f"plan {given.n_systems} systems with the model lmm."
        )
    widest = sorted(sd**2 for sd in given.residual_sd.values())[-2:]
    residual = float(np.mean(widest)) if len(widest) == 2 else given.variance["residual"]
    return PlannedModel({**given.variance, "residual": residual}, n_systems=2)


METHOD = Method(
    place=31, compute=_compute, applies=as_model("lmm_unequal"), planned=_planned, cost=25.0
)
