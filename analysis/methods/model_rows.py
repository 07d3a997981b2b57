"""Rows about a fitted model, for the section of any primary model.

**Conventions.** Estimates are in points, variances in points^2, and differences are a - b. In
reading order: means and pairs (the main result); coefficients, formula and variances; explained
variance; residuals and random effects.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.findings.models import (
    Coefficient,
    FTest,
    LeftOut,
    MarginalMean,
    ModelPair,
    Quantiles,
    RandomEffect,
    Residuals,
    SystemNotEstimable,
    TermNotEstimable,
    VarianceShare,
)
from analysis.findings.sections import NotEstimable, PairNotEstimable
from analysis.mixed_model.design import Design
from analysis.mixed_model.fit import MixedModel
from analysis.mixed_model.inference import tukey_p
from analysis.mixed_model.satterthwaite import ModelTests
from analysis.ratings.descriptives import skewness_and_kurtosis
from analysis.ratings.overlap import Overlap, overlap
from analysis.statistics.equivalence import CAUCHY_SCALE, jzs_bayes_factor, verdict
from analysis.statistics.multiplicity import adjusted

Floats = NDArray[np.float64]

MOST_POINTS, MOST_QUANTILES = 1000, 201
PRIOR_WIDTHS = {"bf10": 1.0, "bf10_narrow": 0.5, "bf10_wide": 2.0}
"""Multiples of the usual prior's scale for which Bayes factors are computed, by key."""


class Compared(TypedDict):
    """Means and pairs: the main result in the section of a primary model."""

    emmeans: list[MarginalMean | SystemNotEstimable]
    pairs: list[ModelPair | PairNotEstimable]
    pairs_by_group: list[ModelPair | PairNotEstimable] | None


class Explained(TypedDict):
    """R^2 of Nakagawa and Schielzeth: for the fixed effects, and for fixed and random effects."""

    r2_marginal: float
    r2_conditional: float


def compared(
    tests: ModelTests,
    rows: pd.DataFrame,
    grouped: bool,
    absent: list[str],
    margin: float,
    unit: float,
) -> Compared:
    """Marginal means and pairs: the main result in the section of a primary model.

    Parameters
    ----------
    tests
        Effects of the fitted model, in points.
    rows
        The ratings to which the model was fitted.
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
    Compared
        `pairs_by_group` with groups only. If no chain of listeners links the systems of a pair, the
        reason takes the place of its numbers. In `pairs_by_group`, a chain of listeners that links
        two systems must consist of listeners of the group. Pairs without numbers are not counted
        when p is adjusted.
    """
    by_group = [
        row
        for group in tests.design.groups
        for row in _pairs(
            tests, overlap(rows[rows["group"] == group]), margin, group, absent, unit
        )
    ] if grouped else None  # fmt: skip
    return {
        "emmeans": _means(tests, grouped, absent),
        "pairs": _pairs(tests, overlap(rows), margin, None, absent, unit),
        "pairs_by_group": by_group,
    }


def coefficient_rows(tests: ModelTests, rows: pd.DataFrame) -> list[Coefficient | TermNotEstimable]:
    """Test of each coefficient; a coefficient of a system has the `caution` of its test."""
    design, heard = tests.design, overlap(rows)
    found: list[Coefficient | TermNotEstimable] = []
    for place, name in enumerate(design.columns):
        is_of_systems = _is_of_systems(design, place)
        if is_of_systems and heard.why_no_effects:
            found.append(TermNotEstimable(heard.why_no_effects, term=name))
            continue
        one = tests.contrast(np.eye(design.p)[place])
        caution = heard.caution if is_of_systems else None
        found.append(Coefficient(name, one.estimate, one.se, one.df, one.t, one.p, caution))
    return found


def _is_of_systems(design: Design, place: int) -> bool:
    """Whether a column of X belongs to a fixed effect that involves systems."""
    return any(term.start <= place < term.stop and "system" in term.name for term in design.terms)


def term_tests(tests: ModelTests, rows: pd.DataFrame) -> dict[str, FTest | NotEstimable]:
    """A test of each fixed effect except the intercept."""
    return {term.name: term_test(tests, term.name, rows) for term in tests.design.terms[1:]}


def term_test(tests: ModelTests, name: str, rows: pd.DataFrame) -> FTest | NotEstimable:
    """Test of a fixed effect; for effects of systems, listeners must link all systems.

    If no chain of songs links the systems, the `caution` of the test says so.
    """
    if "system" not in name:
        return tests.term_test(name)
    heard = overlap(rows)
    if heard.why_not_all:
        return NotEstimable(heard.why_not_all)
    return replace(tests.term_test(name), caution=heard.caution)


def formula(design: Design) -> str:
    """The model's formula as lme4 writes it."""
    fixed = " + ".join(f"{name} * system" for name in design.factors) or "system"
    return " + ".join([f"rating ~ {fixed}", *(f"(1|{name})" for name in design.components)])


def left_out_rows(design: Design) -> list[LeftOut]:
    """Random effects that cannot be estimated from the data."""
    return [LeftOut(*each) for each in design.left_out]


def variance_rows(variance: Mapping[str, float]) -> list[VarianceShare]:
    """Each source of variation, with its share of the total variance."""
    total = sum(variance.values())
    return [
        VarianceShare(name, value, float(np.sqrt(value)), value / total)
        for name, value in variance.items()
    ]


def variances(design: Design, values: Iterable[float]) -> dict[str, float]:
    """Variance of each component; the residual variance comes last."""
    return dict(zip((*design.components, "residual"), map(float, values), strict=True))


def _means(
    inference: ModelTests, grouped: bool, absent: list[str]
) -> list[MarginalMean | SystemNotEstimable]:
    design = inference.design
    rows: list[MarginalMean | SystemNotEstimable] = []
    for group in [None, *(design.groups if grouped else ())]:
        for system in design.systems:
            found = inference.marginal_mean(system, group)
            at = (found.estimate, found.se, found.df)
            rows.append(MarginalMean(system, group, *at, *found.interval()))
    return rows + [
        SystemNotEstimable(f"Nobody rated {system}.", system=system) for system in absent
    ]


def _pairs(
    inference: ModelTests,
    heard: Overlap,
    margin: float,
    group: str | None,
    absent: list[str],
    unit: float,
) -> list[ModelPair | PairNotEstimable]:
    systems = inference.design.systems
    pairs = list(combinations(systems, 2))
    why = [heard.why_apart(a, b) for a, b in pairs]
    is_compared = np.array([each is None for each in why], dtype=bool)
    found = inference.all_differences(group)
    low, high = found.interval()
    equal = found.within(margin)
    p = np.where(is_compared, found.p, np.nan)
    unknown = np.full(len(found.t), np.nan)
    tukey = tukey_p(found.t, len(systems), found.df) if group is None else unknown
    size = (unit / found.se) ** 2
    columns = {
        "estimate": found.estimate, "se": found.se, "df": found.df, "t": found.t, "p": found.p,
        "p_holm": adjusted(p), "p_hochberg": adjusted(p, "hochberg"), "p_tukey": tukey,
        "ci_low": low, "ci_high": high,
        "tost_p": equal.p, "tost_p_holm": adjusted(np.where(is_compared, equal.p, np.nan)),
        "ci90_low": equal.ci90_low, "ci90_high": equal.ci90_high,
        "smallest_margin": equal.smallest_margin,
        "d": found.estimate / unit, "d_ci_low": low / unit, "d_ci_high": high / unit,
        **{
            key: jzs_bayes_factor(found.t, size, width * CAUCHY_SCALE, found.df)
            for key, width in PRIOR_WIDTHS.items()
        },
    }  # fmt: skip
    rows: list[ModelPair | PairNotEstimable] = []
    each = [np.asarray(column).tolist() for column in columns.values()]
    for (a, b), reason, *values in zip(pairs, why, *each, strict=True):
        if reason is not None:
            rows.append(PairNotEstimable(reason, a=a, b=b, group=group))
            continue
        own = dict(zip(columns, values, strict=True))
        told = verdict(own["p_holm"], own["tost_p_holm"])
        rows.append(ModelPair(a, b, margin=margin, verdict=told, group=group, **own))
    for a, b in combinations(sorted({*systems, *absent}), 2):
        missing = [name for name in (a, b) if name in absent]
        if missing:
            rows.append(PairNotEstimable(f"Nobody rated {missing[0]}.", a=a, b=b, group=group))
    return sorted(rows, key=lambda row: (row.a, row.b))


def unit_of(model: MixedModel) -> float:
    """SD of single ratings around the mean of a system; it is the unit of d and of the prior.

    The SD of single ratings includes all variances, also those between listeners and between songs,
    because the difference is meant for other listeners and songs as well.

    References
    ----------
    .. [1] Westfall, Kenny & Judd (2014), Statistical power and optimal design in experiments in
       which samples of participants respond to samples of stimuli.
    """
    return float(np.sqrt(model.variance.sum() + model.residual_variance))


def explained(
    design: Design, rows: pd.DataFrame, coefficients: Floats, variance: Floats, residual: float
) -> Explained:
    """R^2 of Nakagawa and Schielzeth: for the fixed effects, and for fixed and random effects.

    R^2 is NaN if no chain of listeners links all systems, because the fixed effects would then
    contain differences between listeners.
    """
    if overlap(rows).why_no_effects:
        return {"r2_marginal": float("nan"), "r2_conditional": float("nan")}
    fixed = float(np.var(design.x @ coefficients, ddof=1))
    random = float(variance.sum())
    total = fixed + random + residual
    return {"r2_marginal": fixed / total, "r2_conditional": (fixed + random) / total}


def predicted(d: Design, coefficients: Floats, nested: Floats, common: Floats) -> Floats:
    """Rating predicted by coefficients and random effects, shape (n_ratings,)."""
    values = d.x @ coefficients + nested[d.block_of[:, None], d.slots].sum(axis=1)
    return np.asarray(values + common[d.commons].sum(axis=1))


def residual_section(fitted: Floats, design: Design, rows: pd.DataFrame) -> Residuals:
    """Shape of the residuals, their spread by system and by group, and the points for figures."""
    residual = design.y + design.y_mean - fitted
    g, k = skewness_and_kurtosis(residual)
    shown = np.unique(np.linspace(0, len(fitted) - 1, MOST_POINTS).astype(int))
    return Residuals(
        skewness=g,
        kurtosis=k,
        sd=float(residual.std(ddof=1)),
        flag="prefer ranks" if abs(g) > 1 else "skewed" if abs(g) > 0.5 else "none",
        sd_by_system=_spread_by(rows["system"], residual),
        sd_by_group=_spread_by(rows["group"], residual),
        qq=_quantiles(residual),
        fitted=fitted[shown].tolist(),
        residual=residual[shown].tolist(),
    )


def _spread_by(levels: pd.Series, residual: Floats) -> dict[str, float]:
    return {
        str(level): float(part.std(ddof=1)) if len(part) > 1 else float("nan")
        for level, part in pd.Series(residual).groupby(levels.to_numpy())
    }


def _quantiles(residual: Floats) -> Quantiles:
    size = min(MOST_QUANTILES, len(residual))
    share = (np.arange(size) + 0.5) / size
    sample = np.quantile(residual / residual.std(ddof=1), share)
    return Quantiles(stats.norm.ppf(share).tolist(), sample.tolist())


def random_rows(
    d: Design, nested: Floats, common: Floats, nested_sd: Floats, common_sd: Floats
) -> dict[str, list[RandomEffect]]:
    """Predicted effects of participants and songs, with conditional standard deviations."""
    found: dict[str, list[RandomEffect]] = {}
    for index, name in enumerate(d.components):
        if name not in ("participant", "song"):
            continue
        if name == d.blocks_by:
            slot = int(np.flatnonzero(d.nested_of == index)[0])
            parts = zip(d.blocks, nested[:, slot], nested_sd[:, slot], strict=True)
        else:
            places = np.flatnonzero(d.common_of == index)
            levels = d.participants if name == "participant" else d.songs
            parts = zip(levels, common[places], common_sd[places], strict=True)
        found[name] = [RandomEffect(level, float(u), float(sd)) for level, u, sd in parts]
    return found
