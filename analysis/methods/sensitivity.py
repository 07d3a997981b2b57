"""Checks whether the findings depend on exclusions, use of the scale, one song or one participant.

**Conventions.** Results of the checks are shown beside the main results, and never replace them.
After conversion to z-scores, all participants have the same spread. The z-scores hide real
differences in how participants use the scale, and the degrees of freedom become slightly wrong.
For this reason, z-scores are used only as a check of the main results.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, repeat

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.findings.checks import LeftOneOut, Sensitivity
from analysis.findings.models import MixedModel, ModelAgain, SimplePair
from analysis.findings.sections import estimated
from analysis.methods.base import Method, MethodInput
from analysis.methods.group_residuals import group_residuals_test
from analysis.methods.lmm import default_design, fit_default
from analysis.methods.model_rows import term_test
from analysis.mixed_model.design import Design, contrast_row
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.projection import project
from analysis.mixed_model.without_one import without_each
from analysis.ratings.overlap import overlap
from analysis.ratings.table import participant_groups
from analysis.statistics.estimable import NotEstimableError, section
from analysis.statistics.multiplicity import adjusted

Floats = NDArray[np.float64]

BY_MEANS = {"system", "group", "group:system"}
"""Terms of models whose estimates are means of means if the design is complete."""

MOST_SONGS = 100
"""Most songs of an incomplete design with as many participants: one model per song takes long."""


def sensitivity_section(
    rows: pd.DataFrame, everybody: pd.DataFrame, model: MixedModel | None, df_method: str
) -> Sensitivity:
    """Section `sensitivity` of the findings (see docs/results.md).

    Parameters
    ----------
    rows
        Rated rows of one attribute, after exclusions.
    everybody
        Rated rows of the attribute before exclusions.
    model
        Section `lmm` for the rows; None if the model could not be estimated.
    df_method
        Degrees of freedom of the mixed models.

    Returns
    -------
    Sensitivity
        `no_exclusions` is set only if somebody was excluded, and `group_residuals` only if there
        are groups.
    """
    has_excluded, has_groups = len(everybody) > len(rows), len(rows["group"].unique()) > 1
    return Sensitivity(
        no_exclusions=section(lambda: model_again(everybody, df_method)) if has_excluded else None,
        z_scores=section(lambda: model_again(z_scored(rows), df_method)),
        group_residuals=(
            section(lambda: group_residuals_test(rows, df_method)) if has_groups else None
        ),
        leave_one_song_out=section(lambda: leave_one_out(rows, "song", model)),
        leave_one_participant_out=section(lambda: leave_one_out(rows, "participant", model)),
    )


def model_again(rows: pd.DataFrame, df_method: str) -> ModelAgain:
    """Omnibus test and pairs of the default mixed model; its other results are not computed.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    df_method
        Method for the degrees of freedom.

    Returns
    -------
    ModelAgain
        A pair is left out if no shared listeners link its two systems, directly or through other
        systems.
    """
    model = fit_default(rows).model
    if not model.converged:
        raise NotEstimableError("The fit did not converge.")
    inference = Inference(model, df_method)
    found, heard = inference.all_differences(), overlap(rows)
    pairs = list(combinations(model.design.systems, 2))
    kept = np.array([heard.why_apart(a, b) is None for a, b in pairs], dtype=bool)
    columns = [each[kept] for each in (found.estimate, found.se, found.df, found.p)]
    p_holm = adjusted(columns[-1])
    named = [pair for pair, is_kept in zip(pairs, kept, strict=True) if is_kept]
    return ModelAgain(
        term_test(inference, "system", rows),
        [
            SimplePair(*pair, *map(float, values))
            for pair, *values in zip(named, *columns, p_holm, strict=True)
        ],
    )


def z_scored(rows: pd.DataFrame) -> pd.DataFrame:
    """Ratings minus the participant's mean rating, divided by the participant's standard deviation.

    Raises
    ------
    NotEstimableError
        A participant gave only one rating, or always the same rating.
    """
    by = rows.groupby("participant")["rating"]
    sd = by.transform(lambda own: own.std(ddof=1))
    if not (sd > 1e-9).all():
        who = rows.loc[~(sd > 1e-9), "participant"].iloc[0]
        raise NotEstimableError(f"The ratings of {who} do not vary, so they have no z-scores.")
    return rows.assign(rating=(rows["rating"] - by.transform("mean")) / sd)


def leave_one_out(rows: pd.DataFrame, column: str, model: MixedModel | None) -> list[LeftOneOut]:
    """Change of each pair's difference when one song or one participant is left out.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    column
        "song" or "participant".
    model
        Section `lmm` for all ratings; None if the model could not be estimated.

    Returns
    -------
    list of LeftOneOut
        For each pair, the lowest and the highest estimate of its difference when each song or
        participant in turn is left out. With a model, an estimate is the generalised least squares
        estimate of the default model, with the variances estimated from all ratings. In a complete
        design, the generalised least squares estimate is the mean of the groups' mean differences,
        whatever the variances are. Without a model, an estimate is the mean of the participants'
        mean differences, over the songs that have both systems. A pair has no rows if no estimate
        is left, or if no chain of listeners links its systems.

    Raises
    ------
    NotEstimableError
        The data have fewer than three songs or participants, or fewer than two systems. The design
        is incomplete, and has more than 100 songs and more than 100 participants.
    """
    levels, systems = sorted(rows[column].unique()), sorted(rows["system"].unique())
    if len(levels) < 3 or len(systems) < 2:
        raise NotEstimableError(
            f"The data have fewer than three {column}s or fewer than two systems."
        )
    pairs = list(zip(*np.triu_indices(len(systems), 1), strict=True))
    found = np.array(
        [between[np.triu_indices(len(systems), 1)] for between in _without(rows, column, model)]
    )
    made, heard = [], overlap(rows)
    for (i, j), estimates in zip(pairs, found.T, strict=True):
        known = np.flatnonzero(np.isfinite(estimates))
        if not len(known) or heard.why_apart(systems[i], systems[j]):
            continue
        ends = (known[np.argmin(estimates[known])], known[np.argmax(estimates[known])])
        made += [
            LeftOneOut(str(levels[at]), systems[i], systems[j], float(estimates[at])) for at in ends
        ]
    return made


def _without(rows: pd.DataFrame, column: str, model: MixedModel | None) -> Iterator[Floats]:
    """Differences between all systems, shape (k, k); each level is left out once."""
    table = rows.pivot_table(index="participant", columns=["song", "system"], values="rating")
    songs, systems = (sorted(rows[name].unique()) for name in ("song", "system"))
    table = table.reindex(columns=pd.MultiIndex.from_product([songs, systems]))
    cells = table.to_numpy(dtype=float).reshape(len(table), len(songs), len(systems))
    counts = rows.groupby(["participant", "song", "system"]).size()
    is_complete = bool(np.isfinite(cells).all()) and counts.min() == counts.max()
    if model is not None and not (is_complete and model.omnibus.keys() <= BY_MEANS):
        levels, design = sorted(rows[column].unique()), default_design(rows)[0]
        by_sums: Iterable[Floats | None] = repeat(None, len(levels))
        if column == design.blocks_by:
            by_sums = _without_blocks(rows, systems, model, design)
        elif column == "song" and len(levels) > MOST_SONGS:
            raise NotEstimableError(
                f"There are more than {MOST_SONGS} songs, too many for this analysis."
            )
        for level, known in zip(levels, by_sums, strict=True):
            if known is None:
                known = _of_model(rows[rows[column] != level], systems, model.variance)
            yield known
        return
    group_of = participant_groups(rows).loc[table.index].to_numpy()
    is_grouped = model is not None and "group" in model.omnibus
    groups = group_of if is_grouped else np.zeros_like(group_of)
    axis = ("participant", "song").index(column)
    for place in range(cells.shape[axis]):
        rest = np.delete(cells, place, axis=axis)
        of_rest = np.delete(groups, place) if axis == 0 else groups
        parts = [_of_participants(rest[of_rest == group]) for group in np.unique(of_rest)]
        yield np.asarray(np.mean(parts, axis=0))


def _without_blocks(
    rows: pd.DataFrame, systems: list[str], model: MixedModel, design: Design
) -> Iterator[Floats | None]:
    """Result of `_of_model` without each block; None if the remaining design differs."""
    factors = design.factors if design.blocks_by == "participant" else ()
    counts = [rows.drop_duplicates("participant")[name].value_counts() for name in factors]
    phi = np.array([model.variance.get(name, 0.0) for name in design.components])
    contrasts = np.array([contrast_row(design, system=name) for name in systems])
    for found in without_each(design, phi, model.variance["residual"]):
        if found is None or any(each.sum() - 1 <= len(each) for each in counts):
            yield None
        else:
            yield np.asarray(np.subtract.outer(contrasts @ found, contrasts @ found))


def _of_participants(cells: Floats) -> Floats:
    """Mean over participants of their differences between systems, on common songs."""
    if np.isfinite(cells).all():
        means = cells.mean(axis=(0, 1))
        return np.asarray(np.subtract.outer(means, means))
    systems = range(cells.shape[2])
    return np.array([_known_mean(_known_mean(cells[:, :, [i]] - cells)) for i in systems])


def _known_mean(values: Floats) -> Floats:
    """Mean of the known values along the second last axis; NaN if all are unknown."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=-2) / known.sum(axis=-2))


def _of_model(rows: pd.DataFrame, systems: list[str], variance: Mapping[str, float]) -> Floats:
    """Generalised least squares estimate; the variances are known."""
    between = np.full((len(systems), len(systems)), np.nan)
    try:
        design = default_design(rows)[0]
    except NotEstimableError:
        return between
    phi = np.array([variance.get(name, 0.0) for name in design.components])
    coefficients = project(design, phi, variance["residual"]).coefficients
    means = [contrast_row(design, system=name) @ coefficients for name in design.systems]
    places = [systems.index(name) for name in design.systems]
    between[np.ix_(places, places)] = np.subtract.outer(means, means)
    return between


def _compute(given: MethodInput) -> Sensitivity:
    model, df_method = estimated(given.found.lmm), given.settings.df_method
    return sensitivity_section(given.rows, given.everybody, model, df_method)


METHOD = Method(place=170, compute=_compute, cost=40.0)
