"""Section `lmm` of the findings: the primary model of one attribute, told in numbers.

**Conventions.** Points and points^2; differences a - b. The default model is
`rating ~ system + (1|participant) + (1|song) + (1|participant:system) + (1|song:system) +
(1|participant:song)`, with two or more groups `group * system`, likewise with labs and arms. It
speaks for participants and songs like these; without `song:system` the claim would silently shrink
to these songs.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.factors import between_factors, fewer, fixed_terms
from analysis.methods.base import Method, MethodInput
from analysis.mixed_model.build import build_design
from analysis.mixed_model.design import Design
from analysis.mixed_model.fit import MixedModel, fit
from analysis.mixed_model.inference import Contrast, Inference, tukey_p
from analysis.mixed_model.projection import predicted_effects
from analysis.ratings.descriptives import skewness_and_kurtosis
from analysis.statistics.equivalence import CAUCHY_SCALE, jzs_bayes_factor, tost, verdict
from analysis.statistics.estimable import NotEstimableError, not_estimable
from analysis.statistics.multiplicity import adjusted

Row = dict[str, Any]
Floats = NDArray[np.float64]

MOST_POINTS, MOST_QUANTILES = 1000, 201
PRIOR_WIDTHS = {"": 1.0, "_narrow": 0.5, "_wide": 2.0}
"""Multiples of the usual prior's scale that Bayes factors are given for, by what their key adds."""


@dataclass(frozen=True)
class Fitted:
    """A fitted default model, and the factors in it that split participants.

    `why_left_out` says why others, such as groups, are absent although given.
    """

    model: MixedModel
    factors: tuple[str, ...]
    why_left_out: str | None

    @property
    def grouped(self) -> bool:
        """Whether listener groups are in the model."""
        return "group" in self.factors


def fit_default(rows: pd.DataFrame) -> Fitted:
    """Default model of one attribute, with groups, labs and arms where the data carry them.

    Parameters
    ----------
    rows
        Rated rows of one attribute.

    Returns
    -------
    Fitted
        The model with `group * system` when there are two or more groups, likewise of labs and
        arms; where all together cannot be estimated, without the groups, else without any.

    Raises
    ------
    NotEstimableError
        With one system, one participant or one song, or for the reasons of `build_design`.
    """
    design, why = default_design(rows)
    return Fitted(fit(design), design.factors, why)


def default_design(rows: pd.DataFrame) -> tuple[Design, str | None]:
    """Design of the default model, and why groups, labs or arms are absent from it though given.

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
    raise AssertionError("a design without factors is built or raises")


def _require_companions(rows: pd.DataFrame, factors: tuple[str, ...]) -> None:
    """Raise `NotEstimableError` when every level of a factor has only one participant."""
    for name in factors:
        sizes = rows.drop_duplicates("participant")[name].value_counts()
        if sizes.sum() <= len(sizes):
            raise NotEstimableError(f"Every {name} has only one participant.")


def lmm_section(
    rows: pd.DataFrame, systems: list[str], margin: float, df_method: str
) -> dict[str, Any]:
    """Section `lmm` of docs/results.md.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    systems
        All systems of the study, also those that nobody rated.
    margin
        Equivalence margin in points.
    df_method
        How degrees of freedom are counted.

    Returns
    -------
    dict
        See docs/results.md.

    Raises
    ------
    NotEstimableError
        As `fit_default`.
    """
    fitted = fit_default(rows)
    if not fitted.model.converged:
        raise NotEstimableError("The fit did not converge: the ratings hardly inform the model.")
    model, inference = fitted.model, Inference(fitted.model, df_method)
    design = model.design
    absent = [name for name in systems if name not in design.systems]
    section: dict[str, Any] = {
        "status": "ok",
        "formula": _formula(fitted),
        "n_ratings": design.n_ratings,
        "reml_deviance": model.deviance,
        "converged": model.converged,
        "singular": model.singular,
        "dropped": list(model.dropped),
        "left_out": [{"component": name, "why": why} for name, why in design.left_out],
        "df_method": df_method,
        "why_no_groups": None if fitted.grouped else fitted.why_left_out,
        **_variances(model),
        "fixed": [
            {"term": name, **_tested(inference.contrast(row))}
            for name, row in zip(design.columns, np.eye(design.p), strict=True)
        ],
        "omnibus": {term.name: vars(inference.term_test(term.name)) for term in design.terms[1:]},
        "emmeans": _means(inference, fitted.grouped, absent),
        "pairs": _pairs(inference, margin, None, absent),
        **_explained(model),
        "residuals": _residuals(model, rows),
        "random": _random(model),
    }
    if fitted.grouped:
        section["pairs_by_group"] = [
            {"group": group, **row}
            for group in design.groups
            for row in _pairs(inference, margin, group, absent)
        ]
    return section


def _formula(fitted: Fitted) -> str:
    fixed = " + ".join(f"{name} * system" for name in fitted.factors) or "system"
    random = (f"(1|{name})" for name in fitted.model.design.components)
    return " + ".join([f"rating ~ {fixed}", *random])


def _variances(model: MixedModel) -> Row:
    names = (*model.design.components, "residual")
    values = [*model.variance, model.residual_variance]
    table = [
        {"component": name, "variance": v, "sd": np.sqrt(v), "share": v / sum(values)}
        for name, v in zip(names, values, strict=True)
    ]
    return {"variance": dict(zip(names, values, strict=True)), "variance_table": table}


def _tested(found: Contrast) -> Row:
    return {
        "estimate": found.estimate, "se": found.se, "df": found.df, "t": found.t, "p": found.p,
    }  # fmt: skip


def _means(inference: Inference, grouped: bool, absent: list[str]) -> list[Row]:
    design = inference.model.design
    rows: list[Row] = []
    for group in [None, *(design.groups if grouped else ())]:
        for system in design.systems:
            found = inference.marginal_mean(system, group)
            low, high = found.interval()
            row = {"system": system, "group": group, "mean": found.estimate, "se": found.se}
            rows.append(row | {"df": found.df, "ci_low": low, "ci_high": high})
    return rows + [
        {"system": system, "group": None, **not_estimable(f"Nobody rated {system}.")}
        for system in absent
    ]


def _pairs(inference: Inference, margin: float, group: str | None, absent: list[str]) -> list[Row]:
    systems = inference.model.design.systems
    found = inference.all_differences(group)
    low, high = found.interval()
    equal = tost(found.estimate, found.se, found.df, margin)
    tukey = tukey_p(found.t, len(systems), found.df) if group is None else None
    unit = _unit(inference.model)
    size = (unit / found.se) ** 2
    bayes = {
        f"bf10{name}": jzs_bayes_factor(found.t, size, width * CAUCHY_SCALE, found.df)
        for name, width in PRIOR_WIDTHS.items()
    }
    columns: dict[str, Any] = {
        "estimate": found.estimate, "se": found.se, "df": found.df, "t": found.t, "p": found.p,
        "p_holm": adjusted(found.p), "p_hochberg": adjusted(found.p, "hochberg"), "p_tukey": tukey,
        "ci_low": low, "ci_high": high,
        "tost_p": equal.p, "tost_p_holm": adjusted(equal.p), "margin": margin,
        "ci90_low": equal.ci90_low, "ci90_high": equal.ci90_high,
        "smallest_margin": equal.smallest_margin,
        "d": found.estimate / unit, "d_ci_low": low / unit, "d_ci_high": high / unit, **bayes,
    }  # fmt: skip
    rows = pd.DataFrame(combinations(systems, 2), columns=["a", "b"]).assign(**columns)
    rows["verdict"] = [verdict(*p) for p in zip(rows["p_holm"], rows["tost_p_holm"], strict=True)]
    found_rows = [
        {str(key): value for key, value in row.items()} for row in rows.to_dict("records")
    ]
    return _with_absent(found_rows, systems, absent)


def _unit(model: MixedModel) -> float:
    """Standard deviation of single ratings around a system's mean: the unit of d and of the prior.

    All variances count, as those of listeners and songs do of whom the difference is told.

    References
    ----------
    .. [1] Westfall, Kenny & Judd (2014), Statistical power and optimal design in experiments in
       which samples of participants respond to samples of stimuli.
    """
    return float(np.sqrt(model.variance.sum() + model.residual_variance))


def _with_absent(rows: list[Row], systems: tuple[str, ...], absent: list[str]) -> list[Row]:
    for a, b in combinations(sorted({*systems, *absent}), 2):
        missing = [name for name in (a, b) if name in absent]
        if missing:
            rows.append({"a": a, "b": b, **not_estimable(f"Nobody rated {missing[0]}.")})
    return sorted(rows, key=lambda row: (row["a"], row["b"]))


def _explained(model: MixedModel) -> Row:
    """R^2 of Nakagawa and Schielzeth: shares of variance by fixed, and by fixed and random."""
    coefficients = model.coefficients.copy()
    coefficients[0] -= model.design.y_mean
    fixed = float(np.var(model.design.x @ coefficients, ddof=1))
    random = float(model.variance.sum())
    total = fixed + random + model.residual_variance
    return {"r2_marginal": fixed / total, "r2_conditional": (fixed + random) / total}


def fitted_values(model: MixedModel) -> Floats:
    """Predicted rating of each row, random effects included, in points; shape (n_ratings,)."""
    d = model.design
    nested, common, _, _ = predicted_effects(model.curvature)
    coefficients = model.coefficients.copy()
    coefficients[0] -= d.y_mean
    values = d.x @ coefficients + d.y_mean
    values = values + nested[d.participant_of[:, None], d.slots].sum(axis=1)
    return np.asarray(values + common[d.commons].sum(axis=1))


def _residuals(model: MixedModel, rows: pd.DataFrame) -> Row:
    fitted = fitted_values(model)
    residual = model.design.y + model.design.y_mean - fitted
    g, k = skewness_and_kurtosis(residual)
    flag = "prefer ranks" if abs(g) > 1 else "skewed" if abs(g) > 0.5 else "none"
    by = {
        f"sd_by_{name}": {
            str(level): float(part.std(ddof=1)) if len(part) > 1 else float("nan")
            for level, part in pd.Series(residual).groupby(rows[name].to_numpy())
        }
        for name in ("system", "group")
    }
    shown = np.unique(np.linspace(0, len(fitted) - 1, MOST_POINTS).astype(int))
    return {
        "skewness": g,
        "kurtosis": k,
        "sd": float(residual.std(ddof=1)),
        "flag": flag,
        **by,
        "qq": _quantiles(residual),
        "fitted": fitted[shown],
        "residual": residual[shown],
    }


def _quantiles(residual: Floats) -> Row:
    size = min(MOST_QUANTILES, len(residual))
    share = (np.arange(size) + 0.5) / size
    return {
        "theoretical": stats.norm.ppf(share),
        "sample": np.quantile(residual / residual.std(ddof=1), share),
    }


def _random(model: MixedModel) -> Row:
    """Predicted effects of participants and songs with their conditional standard deviations."""
    d = model.design
    nested, common, nested_sd, common_sd = predicted_effects(model.curvature)
    found: Row = {}
    for index, name in enumerate(d.components):
        if name == "participant":
            slot = int(np.flatnonzero(d.nested_of == index)[0])
            parts = zip(d.participants, nested[:, slot], nested_sd[:, slot], strict=True)
        elif name == "song":
            places = np.flatnonzero(d.common_of == index)
            parts = zip(d.songs, common[places], common_sd[places], strict=True)
        else:
            continue
        found[name] = [{"level": level, "value": u, "sd": sd} for level, u, sd in parts]
    return found


def _compute(given: MethodInput) -> Any:
    settings = given.settings
    return lmm_section(given.rows, given.systems, settings.margin, settings.df_method)


METHOD = Method(place=30, compute=_compute)
