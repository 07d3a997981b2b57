"""`friedman`: Friedman's rank test of all systems together, on listener means."""

import pandas as pd

from analysis.findings.omnibus import FriedmanSection
from analysis.methods.base import Method
from analysis.statistics.paired import friedman, friedman_permutation_p
from analysis.statistics.paired_t import complete_means

PERMUTE_BELOW_N = 10
"""With fewer participants, Friedman's chi-squared is not reliable, and a permutation p is added."""


def friedman_section(means: pd.DataFrame, seed: int) -> FriedmanSection:
    """Section `friedman`."""
    complete = complete_means(means)
    found = vars(friedman(complete))
    few = found["n"] < PERMUTE_BELOW_N
    systems = means.dropna(axis=1, how="all").columns
    return FriedmanSection(
        **found | {"mean_ranks": dict(zip(systems, found["mean_ranks"], strict=True))},
        p_permutation=friedman_permutation_p(complete, seed) if few else float("nan"),
    )


METHOD = Method(place=40, compute=lambda given: friedman_section(given.means, given.settings.seed))
