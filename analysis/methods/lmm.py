"""`lmm`: the primary model, a linear mixed model with crossed random effects."""

from typing import Any

from analysis.methods.base import Given, Method
from analysis.mixed_results import lmm_section


def compute(given: Given) -> Any:
    """The model of all ratings, with its margin and degrees of freedom."""
    choices = given.choices
    return lmm_section(given.rows, given.systems, choices.margin, choices.df_method)


METHOD = Method(place=30, compute=compute)
