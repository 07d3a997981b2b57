"""Do the findings hang on a choice? Exclusions, scale use, one song, one participant.

**Conventions.** The variants are printed beside the main analysis and replace nothing. z-scores put
every participant on the same spread; they remove real differences of scale use and make degrees of
freedom slightly wrong, so they are a check and no more.
"""

from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.estimable import NotEstimableError, section
from analysis.group_residuals import group_residuals_row
from analysis.mixed_inference import Inference
from analysis.mixed_results import fit_default
from analysis.multiplicity import adjusted

Row = dict[str, Any]
Floats = NDArray[np.float64]


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
        "satterthwaite" or "kenward-roger".

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
    """Mean difference of every pair without one song or one participant at a time.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    column
        "song" or "participant".

    Returns
    -------
    list of dict
        `left_out, a, b, estimate`: mean over participants of their mean differences, in points.

    Raises
    ------
    NotEstimableError
        With fewer than three songs or participants, or fewer than two systems.
    """
    if len(rows[column].unique()) < 3 or len(rows["system"].unique()) < 2:
        raise NotEstimableError(f"Leaving one {column} out needs three and two systems.")
    systems, who, song, total, count = _cells(rows)
    places = song if column == "song" else who
    found = []
    for index, level in enumerate(places):
        axis = 1 if column == "song" else 0
        means = _participant_means(np.delete(total, index, axis), np.delete(count, index, axis))
        for a, b in combinations(range(len(systems)), 2):
            d = means[:, a] - means[:, b]
            d = d[np.isfinite(d)]
            estimate = float(d.mean()) if len(d) else float("nan")
            row = {"left_out": level, "a": systems[a], "b": systems[b], "estimate": estimate}
            found.append(row)
    return found


def _cells(rows: pd.DataFrame) -> tuple[list[str], list[str], list[str], Floats, Floats]:
    """Sum and number of ratings per participant x song x system."""
    names, codes = [], []
    for column in ("participant", "song", "system"):
        level, code = np.unique(rows[column].to_numpy(dtype=str), return_inverse=True)
        names.append([str(name) for name in level])
        codes.append(code)
    shape = tuple(len(level) for level in names)
    total, count = np.zeros(shape), np.zeros(shape)
    np.add.at(total, tuple(codes), rows["rating"].to_numpy(dtype=float))
    np.add.at(count, tuple(codes), 1.0)
    return names[2], names[0], names[1], total, count


def _participant_means(total: Floats, count: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(total.sum(axis=1) / count.sum(axis=1))
