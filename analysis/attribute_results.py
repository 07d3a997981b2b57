"""The sections of one attribute, in the order in which a report reads them."""

from collections.abc import Callable
from typing import Any, Protocol

import pandas as pd

from analysis.companions import friedman_row, paired_t_rows, sign_flip_rows, wilcoxon_rows
from analysis.descriptives import describe, describe_songs
from analysis.estimable import section
from analysis.mixed_results import lmm_section
from analysis.pooled import pooled_pairs
from analysis.ratings import participant_means

Compute = Callable[[], Any]


class Choices(Protocol):
    """The settings that the sections of an attribute read."""

    @property
    def margin(self) -> float: ...  # noqa: D102
    @property
    def df_method(self) -> str: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def n_bootstrap(self) -> int: ...  # noqa: D102


def attribute_sections(
    rows: pd.DataFrame, systems: list[str], choices: Choices
) -> list[tuple[str, Compute]]:
    """Names of the sections with the computations that fill them.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    systems
        All systems of the study, also those that nobody rated.
    choices
        Settings of the analysis.

    Returns
    -------
    list of tuple
        (key, compute); each compute is called once and never raises for want of data.
    """
    means = participant_means(rows).reindex(columns=systems)
    groups = sorted(rows["group"].unique())
    found: list[tuple[str, Compute]] = [
        ("descriptives", lambda: describe(rows)),
        ("songs", lambda: describe_songs(rows)),
        ("lmm", lambda: lmm_section(rows, systems, choices.margin, choices.df_method)),
        ("friedman", lambda: friedman_row(means, choices.seed)),
        ("paired_t", lambda: paired_t_rows(means)),
        ("wilcoxon", lambda: wilcoxon_rows(means)),
        ("sign_flip", lambda: sign_flip_rows(means, choices.seed)),
        ("seed", lambda: pooled_pairs(rows)),
    ]
    if len(groups) > 1:
        found.append(("seed_by_group", lambda: _pooled_by_group(rows, groups)))
    return [(key, _guarded(compute)) for key, compute in found]


def _guarded(compute: Compute) -> Compute:
    return lambda: section(compute)


def _pooled_by_group(rows: pd.DataFrame, groups: list[str]) -> list[dict[str, Any]]:
    return [
        {"group": group, **pair}
        for group in groups
        for pair in pooled_pairs(rows[rows["group"] == group])
    ]
