"""`friedman`: ranks of the systems on listener means, all systems at once."""

import pandas as pd

from analysis.methods.base import Method, Row
from analysis.statistics.paired import friedman, friedman_permutation_p
from analysis.statistics.paired_t import complete_means

PERMUTE_BELOW_N = 10
"""With fewer participants Friedman's chi-squared is not trusted and a permutation p is added."""


def friedman_row(means: pd.DataFrame, seed: int) -> Row:
    """Section `friedman`."""
    complete = complete_means(means)
    found = friedman(complete)
    few = found.n < PERMUTE_BELOW_N
    return {
        "status": "ok",
        "n": found.n,
        "chi2": found.chi2,
        "df": found.df,
        "p": found.p,
        "kendall_w": found.kendall_w,
        "f": found.f,
        "f_df1": found.f_df1,
        "f_df2": found.f_df2,
        "f_p": found.f_p,
        "p_permutation": friedman_permutation_p(complete, seed) if few else None,
        "mean_ranks": dict(
            zip(means.dropna(axis=1, how="all").columns, found.mean_ranks, strict=True)
        ),
    }


METHOD = Method(place=40, compute=lambda given: friedman_row(given.means, given.settings.seed))
