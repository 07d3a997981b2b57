"""The sections of one attribute, in the order in which a report reads them."""

from collections.abc import Callable
from typing import Any, Protocol

import pandas as pd

from analysis.agreement import agreement_section
from analysis.companions import (
    effect_size_rows,
    friedman_row,
    paired_t_rows,
    rm_anova_row,
    sign_flip_rows,
    tost_rows,
    wilcoxon_rows,
)
from analysis.descriptives import describe, describe_songs
from analysis.estimable import section
from analysis.groups import groups_section
from analysis.mixed_results import lmm_section
from analysis.ordinal import ordinal_section
from analysis.pooled import pooled_pairs
from analysis.power import power_section
from analysis.ratings import participant_groups, participant_means
from analysis.sensitivity import sensitivity_section

Compute = Callable[[dict[str, Any]], Any]


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
    rows: pd.DataFrame, everybody: pd.DataFrame, systems: list[str], choices: Choices
) -> list[tuple[str, Compute]]:
    """Names of the sections with the computations that fill them.

    Parameters
    ----------
    rows
        Rated rows of one attribute, after exclusions.
    everybody
        The same before exclusions.
    systems
        All systems of the study, also those that nobody rated.
    choices
        Settings of the analysis.

    Returns
    -------
    list of tuple
        (key, compute) in order; each compute is called once with the sections found so far and
        never raises for want of data.
    """
    means = participant_means(rows).reindex(columns=systems)
    group_of = participant_groups(rows)
    groups = sorted(group_of.unique())
    seed, draws = choices.seed, choices.n_bootstrap
    found: list[tuple[str, Compute]] = [
        ("descriptives", lambda _: describe(rows)),
        ("songs", lambda _: describe_songs(rows)),
        ("lmm", lambda _: lmm_section(rows, systems, choices.margin, choices.df_method)),
        ("friedman", lambda _: friedman_row(means, seed)),
        ("rm_anova", lambda _: rm_anova_row(means, seed, draws)),
        ("paired_t", lambda _: paired_t_rows(means)),
        ("wilcoxon", lambda _: wilcoxon_rows(means)),
        ("sign_flip", lambda _: sign_flip_rows(means, seed)),
        ("tost", lambda _: tost_rows(means, choices.margin)),
        ("effect_sizes", lambda _: effect_size_rows(rows, means, seed, draws)),
        ("seed", lambda _: pooled_pairs(rows)),
    ]
    if len(groups) > 1:
        found += [
            ("groups", lambda done: groups_section(means, group_of, done["lmm"], seed, draws)),
            ("seed_by_group", lambda _: _pooled_by_group(rows, groups)),
        ]
    found += [
        ("agreement", lambda _: agreement_section(rows)),
        ("power", lambda done: _power(rows, done["lmm"], choices.margin)),
        ("ordinal", lambda _: ordinal_section(rows)),
        ("sensitivity", lambda _: sensitivity_section(rows, everybody, choices.df_method)),
    ]
    return [(key, _guarded(compute)) for key, compute in found]


def _guarded(compute: Compute) -> Compute:
    return lambda done: section(lambda: compute(done))


def _power(rows: pd.DataFrame, lmm: Any, margin: float) -> dict[str, Any]:
    n, songs, k = (len(rows[name].unique()) for name in ("participant", "song", "system"))
    n_own = float(rows.groupby("participant")["song"].nunique().mean())
    return power_section(lmm, n, songs, k, margin, n_own=n_own)


def _pooled_by_group(rows: pd.DataFrame, groups: list[str]) -> list[dict[str, Any]]:
    return [
        {"group": group, **pair}
        for group in groups
        for pair in pooled_pairs(rows[rows["group"] == group])
    ]
