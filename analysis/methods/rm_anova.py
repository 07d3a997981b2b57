"""`rm_anova`: analysis of variance with repeated measures, on listener means."""

from dataclasses import asdict

import pandas as pd

from analysis.methods.base import Method, MethodInput, Row
from analysis.statistics.anova import hotelling, itu_choice, rm_anova
from analysis.statistics.effect_sizes import eta_squared_intervals
from analysis.statistics.estimable import section
from analysis.statistics.paired_t import complete_means


def rm_anova_row(means: pd.DataFrame, seed: int, n_bootstrap: int) -> Row:
    """Section `rm_anova`."""
    complete = complete_means(means)
    n, k = complete.shape
    effect, shape = rm_anova(complete)
    partial, general = eta_squared_intervals(complete, seed, n_bootstrap)
    return {
        "status": "ok",
        "n": n,
        **asdict(effect),
        "mauchly_w": shape.mauchly_w,
        "mauchly_p": shape.mauchly_p,
        "eta2_p_ci_low": partial[0],
        "eta2_p_ci_high": partial[1],
        "eta2_g_ci_low": general[0],
        "eta2_g_ci_high": general[1],
        "hotelling": section(lambda: asdict(hotelling(complete))),
        "itu_choice": itu_choice(n, k, effect.hf_epsilon),
    }


def _compute(given: MethodInput) -> Row:
    return rm_anova_row(given.means, given.settings.seed, given.settings.n_bootstrap)


METHOD = Method(place=50, compute=_compute)
