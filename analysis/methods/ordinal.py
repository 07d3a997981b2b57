"""Section `ordinal`: the cumulative link mixed model, which only needs the order of ratings.

**Conventions.** The range of the scale is divided into twenty equal bands (on 0 to 100, they end at
5, 10, ...). If the scale has at most 21 values, each value is one band. The fixed and random
effects are the same as in `analysis.methods.lmm`. The section `ordinal` has the same keys as `lmm`.
Means, differences and confidence limits are in points of the scale, and tests are in logits (see
`analysis.mixed_model.cumulative.fit`). The effects of all systems sum to zero; a positive effect
means a better system. The model assumes that the whole distribution of ratings moves up or down
with the system. If the means of two systems are equal but the spreads differ, the model can still
call the systems different.

References
----------
.. [1] Christensen (2019), Cumulative link models for ordinal regression with the R package ordinal.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.factors import fixed_terms
from analysis.findings.models import OrdinalModel, SystemLogit, SystemNotEstimable
from analysis.findings.sections import estimated
from analysis.methods.base import Method, MethodInput, as_model
from analysis.methods.latent_ratings import latent_ratings
from analysis.methods.lmm import fit_default
from analysis.methods.model_rows import compared, formula, left_out_rows, term_tests, unit_of
from analysis.methods.planned import PlannedModel, RatingsToCome
from analysis.mixed_model.cumulative.fit import CumulativeModel, fit_cumulative
from analysis.mixed_model.cumulative.inference import OnPoints
from analysis.mixed_model.design import contrast_row
from analysis.ratings.overlap import Overlap, overlap
from analysis.scale import SCALE, Scale, shares
from analysis.statistics.estimable import NotEstimableError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

N_BANDS = 20
MOST_VALUES = 21
"""Up to this number of values, each value of the scale is a band."""
MOST_RATINGS = 20_000
MOST_SYSTEMS = 24
"""Largest number of systems: with more systems, the ordinal model would take minutes."""
SHARE_TOLD = 0.98
"""Reported share of the true standard error of a difference (.97 to .99 in simulated studies).

The simulated studies had the size 16 x 6 x 4. Ratings weigh more at the modes of the random effects
than on average over the random effects.
"""


def ordinal_section(
    rows: pd.DataFrame, systems: list[str], margin: float, scale: Scale = SCALE
) -> OrdinalModel:
    """Section `ordinal` of the findings (see docs/results.md).

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    systems
        All systems of the study, including systems that nobody rated.
    margin
        Equivalence margin in points.
    scale
        Scale of the ratings.

    Raises
    ------
    NotEstimableError
        The reasons of `fit_default`, or all ratings in one band, or more than 20,000 ratings, or
        more than 24 systems.
    """
    if len(rows) > MOST_RATINGS or rows["system"].nunique() > MOST_SYSTEMS:
        raise NotEstimableError(
            f"This model is fitted for at most {MOST_SYSTEMS} systems and {MOST_RATINGS} ratings."
        )
    used, band = bands_of(rows, scale)
    default = fit_default(rows)
    fixed = fixed_terms(default.factors)
    model = fit_cumulative(rows, band, default.model)
    tests = OnPoints(model, rows, fixed)
    design = model.design
    absent = [name for name in systems if name not in design.systems]
    omnibus = term_tests(tests, rows)
    lr, df, p = _against_no_systems(model, is_told=estimated(omnibus["system"]) is not None)
    return OrdinalModel(
        formula=formula(design).replace("rating", "band", 1),
        n_ratings=design.n_ratings,
        converged=True,
        singular=len(model.active) < len(design.components),
        dropped=[name for k, name in enumerate(design.components) if k not in model.active],
        left_out=left_out_rows(design),
        df_method=tests.method,
        why_no_groups=default.why_no_groups,
        omnibus=omnibus,
        **compared(tests, rows, default.grouped, absent, margin, unit_of(default.model)),
        log_likelihood=model.log_likelihood,
        penalised=model.penalised,
        bands=used,
        thresholds=model.thresholds.tolist(),
        coefficients=_coefficients(model, overlap(rows)),
        sd={
            name: float(model.sd[model.active.index(k)]) if k in model.active else 0.0
            for k, name in enumerate(design.components)
        },
        lr=lr,
        df=df,
        p=p,
    )


def _against_no_systems(model: CumulativeModel, *, is_told: bool) -> tuple[float, int, float]:
    """Likelihood-ratio test of all terms with systems: (ratio, df, p); NaN if missing."""
    df = sum(term.stop - term.start for term in model.design.terms if "system" in term.name)
    if not is_told:
        return float("nan"), df, float("nan")
    lr = max(0.0, 2 * (model.log_likelihood - model.log_likelihood_without))
    return lr, df, float(stats.chi2.sf(lr, df))


def bands_of(rows: pd.DataFrame, scale: Scale = SCALE) -> tuple[list[int], Integers]:
    """Numbers of the bands that have ratings (from 1), and band index of each rating (from 0).

    Raises
    ------
    NotEstimableError
        All ratings are in one band.
    """
    bands = np.searchsorted(_band_ends(scale), shares(rows).to_numpy(dtype=float))
    used, band = np.unique(bands, return_inverse=True)
    if len(used) < 2:
        raise NotEstimableError("All ratings fall in one band of the scale.")
    return [int(value) + 1 for value in used], band.astype(np.int64)


def _band_ends(scale: Scale) -> Floats:
    """Upper ends of all bands except the last, as fractions of the range of the scale."""
    n = scale.n_values
    if n is not None and n <= MOST_VALUES:
        return (np.arange(n - 1) + 0.5) / (n - 1)
    return np.arange(1, N_BANDS) / N_BANDS


def _coefficients(model: CumulativeModel, heard: Overlap) -> list[SystemLogit | SystemNotEstimable]:
    """Effects of systems in the form of `ordinal::clmm`: maximum likelihood with z tests.

    Each effect is relative to the mean of all systems. The effects of the systems can be computed
    only if chains of listeners link all systems.
    """
    if why := heard.why_no_effects:
        return [SystemNotEstimable(why, system=name) for name in model.design.systems]
    covariance = model.covariance[model.of_coefficients, model.of_coefficients]
    found: list[SystemLogit | SystemNotEstimable] = []
    for name in model.design.systems:
        row = contrast_row(model.design, system=name)[1:]
        estimate, se = float(row @ model.coefficients), float(np.sqrt(row @ covariance @ row))
        p = float(2 * stats.norm.sf(abs(estimate / se)))
        found.append(SystemLogit(name, estimate, se, estimate / se, p, heard.caution))
    return found


def _compute(given: MethodInput) -> OrdinalModel:
    settings = given.settings
    return ordinal_section(given.rows, given.systems, settings.margin, settings.scale)


def _planned(given: RatingsToCome) -> PlannedModel:
    """The linear model in logits, used for the tests; its weights are those of latent ratings."""
    if given.n_systems > MOST_SYSTEMS:
        raise ValueError(
            f"The ordinal model is fitted for at most {MOST_SYSTEMS} systems; plan "
            f"{given.n_systems} systems with the model lmm."
        )
    ends = _band_ends(given.scale)
    latent, random = latent_ratings(given, ends, _band_values(given.scale, ends))
    variance = {**random, "residual": 1 / latent.information()}
    unit = (latent.from_points, latent.to_points)
    return PlannedModel(variance, given.n_systems, *unit, told=SHARE_TOLD)


def _band_values(scale: Scale, ends: Floats) -> Floats:
    """Rating that represents each band: the value in the band, or the middle of the band."""
    n = len(ends) + 1
    shares_of = np.arange(n) / (n - 1) if scale.n_values == n else (np.arange(n) + 0.5) / n
    return np.asarray(scale.minimum + shares_of * scale.range)


METHOD = Method(
    place=32, compute=_compute, applies=as_model("ordinal"), planned=_planned, cost=120.0
)
