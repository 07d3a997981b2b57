"""What a fitted model is told by, whichever it is: rows of the sections of the primary models.

**Conventions.** Points and points^2; differences a - b. In reading order: means and pairs, which
answer; coefficients, formula and variances; what the model explains; residuals and random effects.
"""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.mixed_model.design import Design
from analysis.mixed_model.fit import MixedModel
from analysis.mixed_model.inference import tukey_p
from analysis.mixed_model.satterthwaite import Contrast, ModelTests
from analysis.ratings.descriptives import skewness_and_kurtosis
from analysis.ratings.overlap import Overlap, overlap
from analysis.statistics.equivalence import CAUCHY_SCALE, jzs_bayes_factor, verdict
from analysis.statistics.estimable import not_estimable
from analysis.statistics.multiplicity import adjusted

Row = dict[str, Any]
Floats = NDArray[np.float64]

MOST_POINTS, MOST_QUANTILES = 1000, 201
PRIOR_WIDTHS = {"": 1.0, "_narrow": 0.5, "_wide": 2.0}
"""Multiples of the usual prior's scale that Bayes factors are given for, by what their key adds."""


def compared(
    tests: ModelTests,
    rows: pd.DataFrame,
    grouped: bool,
    absent: list[str],
    margin: float,
    unit: float,
) -> dict[str, Any]:
    """Marginal means and pairs, the part of a primary model's section that answers.

    Parameters
    ----------
    tests
        Of the fitted model, in points.
    rows
        The ratings that it was fitted to.
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
        `emmeans`, `pairs` and, with groups, `pairs_by_group`. A pair that no chain of listeners
        connects (of the group, in `pairs_by_group`) has the reason in place of numbers, and no
        share in the adjustment.
    """
    found: dict[str, Any] = {
        "emmeans": _means(tests, grouped, absent),
        "pairs": _pairs(tests, overlap(rows), margin, None, absent, unit),
    }
    if grouped:
        found["pairs_by_group"] = [
            {"group": group, **row}
            for group in tests.design.groups
            for row in _pairs(
                tests, overlap(rows[rows["group"] == group]), margin, group, absent, unit
            )
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
    inference: ModelTests,
    heard: Overlap,
    margin: float,
    group: str | None,
    absent: list[str],
    unit: float,
) -> list[Row]:
    systems = inference.design.systems
    pairs = list(combinations(systems, 2))
    why = [heard.why_apart(a, b) for a, b in pairs]
    is_compared = np.array([each is None for each in why], dtype=bool)
    found = inference.all_differences(group)
    low, high = found.interval()
    equal = found.within(margin)
    p = np.where(is_compared, found.p, np.nan)
    tukey = tukey_p(found.t, len(systems), found.df) if group is None else None
    size = (unit / found.se) ** 2
    bayes = {
        f"bf10{name}": jzs_bayes_factor(found.t, size, width * CAUCHY_SCALE, found.df)
        for name, width in PRIOR_WIDTHS.items()
    }
    columns: dict[str, Any] = {
        "estimate": found.estimate, "se": found.se, "df": found.df, "t": found.t, "p": found.p,
        "p_holm": adjusted(p), "p_hochberg": adjusted(p, "hochberg"), "p_tukey": tukey,
        "ci_low": low, "ci_high": high,
        "tost_p": equal.p, "tost_p_holm": adjusted(np.where(is_compared, equal.p, np.nan)),
        "margin": margin,
        "ci90_low": equal.ci90_low, "ci90_high": equal.ci90_high,
        "smallest_margin": equal.smallest_margin,
        "d": found.estimate / unit, "d_ci_low": low / unit, "d_ci_high": high / unit, **bayes,
    }  # fmt: skip
    rows = pd.DataFrame(pairs, columns=["a", "b"]).assign(**columns)
    rows["verdict"] = [verdict(*p) for p in zip(rows["p_holm"], rows["tost_p_holm"], strict=True)]
    found_rows = [
        {"a": row["a"], "b": row["b"], **not_estimable(reason)}
        if reason
        else {str(key): value for key, value in row.items()}
        for row, reason in zip(rows.to_dict("records"), why, strict=True)
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
