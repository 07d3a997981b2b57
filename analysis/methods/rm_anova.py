"""`rm_anova`: repeated-measures analysis of variance, on listener means."""

import pandas as pd

from analysis.findings.omnibus import RmAnova
from analysis.methods.base import Method, MethodInput
from analysis.statistics.anova import hotelling, itu_choice, rm_anova
from analysis.statistics.effect_sizes import eta_squared_intervals
from analysis.statistics.estimable import section
from analysis.statistics.paired_t import complete_means


def rm_anova_section(means: pd.DataFrame, seed: int, n_bootstrap: int) -> RmAnova:
    """Section `rm_anova`."""
    complete = complete_means(means)
    n, k = complete.shape
    effect, shape = rm_anova(complete)
    partial, general = eta_squared_intervals(complete, seed, n_bootstrap)
    return RmAnova(
        n=n,
        **vars(effect),
        mauchly_w=shape.mauchly_w,
        mauchly_p=shape.mauchly_p,
        eta2_p_ci_low=partial[0],
        eta2_p_ci_high=partial[1],
        eta2_g_ci_low=general[0],
        eta2_g_ci_high=general[1],
        hotelling=section(lambda: hotelling(complete)),
        itu_choice=itu_choice(n, k, effect.hf_epsilon),
    )


def _compute(given: MethodInput) -> RmAnova:
    return rm_anova_section(given.means, given.settings.seed, given.settings.n_bootstrap)


METHOD = Method(place=50, compute=_compute)
