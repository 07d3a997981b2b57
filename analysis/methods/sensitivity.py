"""Do the findings hang on a choice? Exclusions, scale use, one song, one participant.

**Conventions.** The variants are printed beside the main analysis and replace nothing. z-scores put
every participant on the same spread; they remove real differences of scale use and make degrees of
freedom slightly wrong, so they are a check and no more.
"""

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.methods.base import Method, MethodInput
from analysis.methods.group_residuals import group_residuals_row
from analysis.methods.lmm import fit_default
from analysis.mixed_model.inference import Inference
from analysis.statistics.estimable import NotEstimableError, section
from analysis.statistics.multiplicity import adjusted

Row = dict[str, Any]
Pair = tuple[str, str]


def sensitivity_section(rows: pd.DataFrame, everybody: pd.DataFrame, df_method: str) -> Row:
    """Section `sensitivity` of docs/results.md.

    Parameters
    ----------
    rows
        Rated rows of one attribute, after exclusions.
    everybody
        The same before exclusions.
    df_method
        Degrees of freedom of the mixed models.

    Returns
    -------
    dict
        `no_exclusions` only when somebody was excluded, `group_residuals` only with groups.
    """
    found: Row = {"status": "ok"}
    if len(everybody) > len(rows):
        found["no_exclusions"] = section(lambda: brief_model(everybody, df_method))
    found["z_scores"] = section(lambda: brief_model(z_scored(rows), df_method))
    if len(rows["group"].unique()) > 1:
        found["group_residuals"] = section(lambda: group_residuals_row(rows, df_method))
    for name in ("song", "participant"):
        found[f"leave_one_{name}_out"] = section(partial(leave_one_out, rows, name))
    return found


def brief_model(rows: pd.DataFrame, df_method: str) -> Row:
    """Omnibus test and pairs of the default mixed model, nothing else.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    df_method
        How degrees of freedom are counted.

    Returns
    -------
    dict
        `omnibus` of the system effect and `pairs` with `a, b, estimate, se, df, p, p_holm`.
    """
    model = fit_default(rows).model
    if not model.converged:
        raise NotEstimableError("The fit did not converge.")
    inference = Inference(model, df_method)
    pairs = list(combinations(model.design.systems, 2))
    found = [inference.difference(a, b) for a, b in pairs]
    holm = adjusted([one.p for one in found])
    return {
        "status": "ok",
        "omnibus": vars(inference.term_test("system")),
        "pairs": [
            {
                "a": a, "b": b, "estimate": one.estimate, "se": one.se, "df": one.df,
                "p": one.p, "p_holm": p_holm,
            }
            for (a, b), one, p_holm in zip(pairs, found, holm, strict=True)
        ],
    }  # fmt: skip


def z_scored(rows: pd.DataFrame) -> pd.DataFrame:
    """Ratings as multiples of each participant's own standard deviation around its own mean.

    Raises
    ------
    NotEstimableError
        When a participant gave one rating or the same rating throughout.
    """
    by = rows.groupby("participant")["rating"]
    sd = by.transform(lambda own: own.std(ddof=1))
    if not (sd > 1e-9).all():
        who = rows.loc[~(sd > 1e-9), "participant"].iloc[0]
        raise NotEstimableError(f"The ratings of {who} do not vary, so they have no z-scores.")
    return rows.assign(rating=(rows["rating"] - by.transform("mean")) / sd)


def leave_one_out(rows: pd.DataFrame, column: str) -> list[Row]:
    """Difference of every pair without one song or one participant at a time.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    column
        "song" or "participant".

    Returns
    -------
    list of dict
        `left_out, a, b, estimate`: what the primary analysis would estimate from the rest, in
        points. That is the default model, fitted again (in a complete design its estimate is the
        mean over groups of the groups' mean differences, which needs no fit); without a model, the
        mean over participants of their mean differences. NaN where the rest cannot carry it.

    Raises
    ------
    NotEstimableError
        With fewer than three songs or participants, or fewer than two systems.
    """
    levels = sorted(rows[column].unique())
    pairs = list(combinations(sorted(rows["system"].unique()), 2))
    if len(levels) < 3 or not pairs:
        raise NotEstimableError(f"Leaving one {column} out needs three and two systems.")
    estimated = _estimator(rows)
    found = []
    for level in levels:
        differences = estimated(rows[rows[column] != level], pairs)
        found += [
            {"left_out": str(level), "a": a, "b": b, "estimate": differences.get((a, b), np.nan)}
            for a, b in pairs
        ]
    return found


def _estimator(rows: pd.DataFrame) -> Callable[[pd.DataFrame, list[Pair]], dict[Pair, float]]:
    """How the primary analysis of these ratings estimates differences."""
    try:
        grouped = fit_default(rows).grouped
    except NotEstimableError:
        return _of_participants
    counts = rows.groupby(["participant", "song", "system"]).size()
    n_cells = int(np.prod([rows[name].nunique() for name in counts.index.names]))
    if len(counts) == n_cells and counts.min() == counts.max():
        return _of_groups if grouped else _of_participants
    return _of_model


def _of_participants(rows: pd.DataFrame, pairs: list[Pair]) -> dict[Pair, float]:
    means = rows.pivot_table(index="participant", columns="system", values="rating")
    known = [(a, b) for a, b in pairs if {a, b} <= set(means)]
    return {(a, b): float((means[a] - means[b]).mean()) for a, b in known}


def _of_groups(rows: pd.DataFrame, pairs: list[Pair]) -> dict[Pair, float]:
    means = rows.pivot_table(index="group", columns="system", values="rating").mean()
    return {(a, b): float(means[a] - means[b]) for a, b in pairs}


def _of_model(rows: pd.DataFrame, pairs: list[Pair]) -> dict[Pair, float]:
    try:
        model = fit_default(rows).model
    except NotEstimableError:
        return {}
    inference = Inference(model)
    known = [(a, b) for a, b in pairs if {a, b} <= set(model.design.systems)]
    return {(a, b): inference.difference(a, b).estimate for a, b in known}


def _compute(given: MethodInput) -> Any:
    return sensitivity_section(given.rows, given.everybody, given.settings.df_method)


METHOD = Method(place=170, compute=_compute)
