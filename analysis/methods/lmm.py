"""Section `lmm` of the findings: the numbers of one attribute's primary model.

**Conventions.** Estimates are in points, variances in points^2, and differences are a - b. The
default model is `rating ~ system + (1|participant) + (1|song) + (1|participant:system) +
(1|song:system) + (1|participant:song)`. If there are at least two groups, `group * system` is used
in place of `system`. Labs and arms are added in the same way. The results are valid for similar
participants and similar songs. Without `song:system`, the conclusions would be valid only for the
songs of the study, and the report would not say so.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.factors import between_factors, fewer, fixed_terms
from analysis.findings.models import MixedModel as MixedModelSection
from analysis.methods.base import Method, MethodInput
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
    unit_of,
    variance_rows,
    variances,
)
from analysis.methods.planned import as_linear
from analysis.mixed_model.build import build_design
from analysis.mixed_model.design import Design
from analysis.mixed_model.fit import MixedModel, fit
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.projection import predicted_effects
from analysis.statistics.estimable import NotEstimableError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """The default model after the fit, and its factors between participants.

    `why_left_out` gives the reason if a factor exists (for example groups) but the model lacks it.
    """

    model: MixedModel
    factors: tuple[str, ...]
    why_left_out: str | None

    @property
    def grouped(self) -> bool:
        """Whether the model contains listener groups."""
        return "group" in self.factors

    @property
    def why_no_groups(self) -> str | None:
        """Reason why the model lacks the existing groups."""
        return None if self.grouped else self.why_left_out


def fit_default(rows: pd.DataFrame) -> Fitted:
    """Default model of one attribute; it has groups, labs and arms if the data are sufficient.

    Parameters
    ----------
    rows
        Rated rows of one attribute.

    Returns
    -------
    Fitted
        The model has `group * system` if there are at least two groups, and also labs and arms. If
        the model with all factors cannot be estimated, the groups are left out. If the model
        without groups cannot be estimated, all factors are left out.

    Raises
    ------
    NotEstimableError
        There is only one system, participant or song, or `build_design` raises the error.
    """
    design, why = default_design(rows)
    return Fitted(fit(design), design.factors, why)


def default_design(rows: pd.DataFrame) -> tuple[Design, str | None]:
    """Design of the default model; the reason if it lacks existing groups, labs or arms.

    Raises
    ------
    NotEstimableError
        As `fit_default`.
    """
    for column, claim in (
        ("system", "so there is nothing to compare"),
        ("participant", "so nothing can be said about participants like this one"),
        ("song", "so nothing can be said about songs like this one"),
    ):
        if len(rows[column].unique()) < 2:
            raise NotEstimableError(f"There is only one {column}, {claim}.")
    factors, why = between_factors(rows), None
    for kept in fewer(factors):
        try:
            _require_companions(rows, kept)
            return build_design(rows, fixed=fixed_terms(kept)), why
        except NotEstimableError as error:
            if not kept:
                raise
            why = why or str(error)
    raise AssertionError("building a design without factors must succeed or raise an error")


def _require_companions(rows: pd.DataFrame, factors: tuple[str, ...]) -> None:
    """Raise `NotEstimableError` if a factor has only one participant at every level."""
    for name in factors:
        sizes = rows.drop_duplicates("participant")[name].value_counts()
        if sizes.sum() <= len(sizes):
            raise NotEstimableError(f"Every {name} has only one participant.")


def lmm_section(
    rows: pd.DataFrame, systems: list[str], margin: float, df_method: str
) -> MixedModelSection:
    """Section `lmm` of the findings (see docs/results.md).

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    systems
        All systems of the study, including systems that nobody rated.
    margin
        Equivalence margin in points.
    df_method
        Method by which the degrees of freedom are computed.

    Raises
    ------
    NotEstimableError
        As `fit_default`.
    """
    fitted = fit_default(rows)
    if not fitted.model.converged:
        raise NotEstimableError(
            "The fit did not converge: the ratings have too little information for the model."
        )
    model, inference = fitted.model, Inference(fitted.model, df_method)
    design = model.design
    absent = [name for name in systems if name not in design.systems]
    variance = variances(design, [*model.variance, model.residual_variance])
    return MixedModelSection(
        formula=formula(design),
        n_ratings=design.n_ratings,
        converged=model.converged,
        singular=model.singular,
        dropped=model.dropped,
        left_out=left_out_rows(design),
        df_method=inference.method,
        why_no_groups=fitted.why_no_groups,
        omnibus=term_tests(inference, rows),
        **compared(inference, rows, fitted.grouped, absent, margin, unit_of(model)),
        reml_deviance=model.deviance,
        variance=variance,
        variance_table=variance_rows(variance),
        fixed=coefficient_rows(inference, rows),
        **explained(design, rows, model.coefficients, model.variance, model.residual_variance),
        residuals=residual_section(fitted_values(model), design, rows),
        random=random_rows(design, *predicted_effects(model.curvature)),
    )


def fitted_values(model: MixedModel) -> Floats:
    """Rating of each row as predicted with random effects, in points; shape (n_ratings,)."""
    nested, common, _, _ = predicted_effects(model.curvature)
    return predicted(model.design, model.coefficients, nested, common)


def _compute(given: MethodInput) -> MixedModelSection:
    settings = given.settings
    return lmm_section(given.rows, given.systems, settings.margin, settings.df_method)


METHOD = Method(place=30, compute=_compute, planned=as_linear, cost=6.0)
