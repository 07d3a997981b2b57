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
from analysis.mixed_model.inference import Inference, tukey_p
from analysis.mixed_model.projection import predicted_effects
from analysis.mixed_model.satterthwaite import Contrast, ModelTests
from analysis.ratings.descriptives import skewness_and_kurtosis
from analysis.statistics.equivalence import CAUCHY_SCALE, jzs_bayes_factor, verdict
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

    @property
    def why_no_groups(self) -> str | None:
        """Why groups are absent from the model although given."""
        return None if self.grouped else self.why_left_out


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
        "formula": formula(design),
        "n_ratings": design.n_ratings,
        "reml_deviance": model.deviance,
        "converged": model.converged,
        "singular": model.singular,
        "dropped": list(model.dropped),
        "left_out": [{"component": name, "why": why} for name, why in design.left_out],
        "df_method": inference.method,
        "why_no_groups": fitted.why_no_groups,
        **variance_rows(design, [*model.variance, model.residual_variance]),
        **fixed_rows(inference),
        **compared(inference, fitted.grouped, absent, margin, unit_of(model)),
        **explained(design, model.coefficients, model.variance, model.residual_variance),
        "residuals": residual_rows(fitted_values(model), design, rows),
        "random": random_rows(design, *predicted_effects(model.curvature)),
    }
    return section


def compared(
    tests: ModelTests, grouped: bool, absent: list[str], margin: float, unit: float
) -> dict[str, Any]:
    """Marginal means and pairs, the part of a primary model's section that answers.

    Parameters
    ----------
    tests
        Of the fitted model, in points.
    grouped
        Whether it has `group * system`.
    absent
        Systems of the study that nobody rated.
    margin
        Equivalence margin in points.
    unit
        From `unit_of`.

    Returns
    -------
    dict
        `emmeans`, `pairs` and, with groups, `pairs_by_group`.
    """
    found: dict[str, Any] = {
        "emmeans": _means(tests, grouped, absent),
        "pairs": _pairs(tests, margin, None, absent, unit),
    }
    if grouped:
        found["pairs_by_group"] = [
            {"group": group, **row}
            for group in tests.design.groups
            for row in _pairs(tests, margin, group, absent, unit)
        ]
    return found


def fixed_rows(tests: ModelTests) -> Row:
    """`fixed`, a test of each coefficient, and `omnibus`, one of each term."""
    design = tests.design
    return {
        "fixed": [
            {"term": name, **_tested(tests.contrast(row))}
            for name, row in zip(design.columns, np.eye(design.p), strict=True)
        ],
        "omnibus": {term.name: vars(tests.term_test(term.name)) for term in design.terms[1:]},
    }


def formula(design: Design) -> str:
    """The model as lme4 writes it."""
    fixed = " + ".join(f"{name} * system" for name in design.factors) or "system"
    return " + ".join([f"rating ~ {fixed}", *(f"(1|{name})" for name in design.components)])


def variance_rows(design: Design, values: list[float]) -> Row:
    """`variance` by component, the residual's last, and `variance_table`."""
    names = (*design.components, "residual")
    table = [
        {"component": name, "variance": v, "sd": np.sqrt(v), "share": v / sum(values)}
        for name, v in zip(names, values, strict=True)
    ]
    return {"variance": dict(zip(names, values, strict=True)), "variance_table": table}


def _tested(found: Contrast) -> Row:
    return {
        "estimate": found.estimate, "se": found.se, "df": found.df, "t": found.t, "p": found.p,
    }  # fmt: skip


def _means(inference: ModelTests, grouped: bool, absent: list[str]) -> list[Row]:
    design = inference.design
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


def _pairs(
    inference: ModelTests, margin: float, group: str | None, absent: list[str], unit: float
) -> list[Row]:
    systems = inference.design.systems
    found = inference.all_differences(group)
    low, high = found.interval()
    equal = found.within(margin)
    tukey = tukey_p(found.t, len(systems), found.df) if group is None else None
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


def unit_of(model: MixedModel) -> float:
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


def explained(
    design: Design, coefficients: Floats, variance: Floats, residual: float
) -> dict[str, float]:
    """R^2 of Nakagawa and Schielzeth: shares of variance by fixed, and by fixed and random."""
    fixed = float(np.var(design.x @ coefficients, ddof=1))
    random = float(variance.sum())
    total = fixed + random + residual
    return {"r2_marginal": fixed / total, "r2_conditional": (fixed + random) / total}


def fitted_values(model: MixedModel) -> Floats:
    """Predicted rating of each row, random effects included, in points; shape (n_ratings,)."""
    nested, common, _, _ = predicted_effects(model.curvature)
    return predicted(model.design, model.coefficients, nested, common)


def predicted(d: Design, coefficients: Floats, nested: Floats, common: Floats) -> Floats:
    """Rating that coefficients and random effects give, shape (n_ratings,)."""
    values = d.x @ coefficients + nested[d.participant_of[:, None], d.slots].sum(axis=1)
    return np.asarray(values + common[d.commons].sum(axis=1))


def residual_rows(fitted: Floats, design: Design, rows: pd.DataFrame) -> Row:
    """`residuals`: their shape, their spread by system and group, and points to draw."""
    residual = design.y + design.y_mean - fitted
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


def random_rows(
    d: Design, nested: Floats, common: Floats, nested_sd: Floats, common_sd: Floats
) -> Row:
    """Predicted effects of participants and songs with their conditional standard deviations."""
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
